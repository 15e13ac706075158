/*
 * One sigmoid-contrastive training step for a small pair of modalities, as WebAssembly SIMD kernels.
 *
 * Layout: a modality is `dims` × `stride` floats, coordinate-major (item i of coordinate c at c * stride + i), with
 * stride = items rounded up to 8 and zeros beyond `items`. Every lane is a different item, so no kernel sums in an order
 * that depends on anything but the shape.
 *
 *   z_ij = alpha * <u_i, v_j> - gamma;  g_ij = sigmoid(z_ij) off the diagonal, -sigmoid(-z_ij) on it
 *   dU += g V,  dV += g^T U   (not yet scaled by alpha / entries),  sums = {sum g, sum g * s}
 *
 * Cost of `pass`: 6 * items^2 * dims flops and items^2 exponentials. Built by build.sh; see contrastive.ts for the caller.
 */
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
typedef v128_t vec;
#define ADD wasm_f32x4_add
#define SUB wasm_f32x4_sub
#define MUL wasm_f32x4_mul
#define LOAD wasm_v128_load
#define STORE wasm_v128_store
#define SPLAT wasm_f32x4_splat

/*
 * Constants of the exponential, four lanes each. In memory and not static: engines rebuild a v128.const from general
 * registers at every use, while a load is an operand of the instruction that uses it.
 */
#define FOUR(x) x, x, x, x
float constants[] __attribute__((aligned(16))) = {
    FOUR(1.44269504f),       FOUR(12582912.0f),       FOUR(0.693359375f),      FOUR(-2.12194440e-4f),
    FOUR(1.9875691500e-4f),  FOUR(1.3981999507e-3f),  FOUR(8.3334519073e-3f),  FOUR(4.1665795894e-2f),
    FOUR(1.6666665459e-1f),  FOUR(5.0000001201e-1f),  FOUR(1.0f),              FOUR(-87.0f),
    FOUR(87.0f),             FOUR(80.0f)};
#define CONSTANT(k) LOAD(constants + 4 * (k))

/* e^x for |x| <= 87, to about 2 units in the last place: e^x = 2^n e^r, |r| <= ln2 / 2. Adding 1.5 * 2^23 rounds to n. */
static inline vec exponential(vec x) {
  vec shifted = ADD(MUL(x, CONSTANT(0)), CONSTANT(1));
  vec n = SUB(shifted, CONSTANT(1));
  vec r = SUB(SUB(x, MUL(n, CONSTANT(2))), MUL(n, CONSTANT(3)));
  vec p = ADD(MUL(CONSTANT(4), r), CONSTANT(5));
  p = ADD(MUL(p, r), CONSTANT(6));
  p = ADD(MUL(p, r), CONSTANT(7));
  p = ADD(MUL(p, r), CONSTANT(8));
  p = ADD(MUL(p, r), CONSTANT(9));
  p = ADD(MUL(MUL(p, r), r), ADD(r, CONSTANT(10)));
  return wasm_i32x4_add(p, wasm_i32x4_shl(shifted, 23));
}

/* sigmoid(-w) = 1 / (1 + e^w), relative accuracy at both ends; exactly 0 above w = 80, where products would be denormal. */
static inline vec sigmoidOfMinus(vec w) {
  vec e = exponential(wasm_f32x4_pmin(wasm_f32x4_pmax(w, CONSTANT(11)), CONSTANT(12)));
  vec g = wasm_f32x4_div(CONSTANT(10), ADD(CONSTANT(10), e));
  return wasm_v128_andnot(g, wasm_f32x4_gt(w, CONSTANT(13)));
}

static inline float total(vec x) {
  return (wasm_f32x4_extract_lane(x, 0) + wasm_f32x4_extract_lane(x, 1)) +
         (wasm_f32x4_extract_lane(x, 2) + wasm_f32x4_extract_lane(x, 3));
}

/* The four sums of four vectors' lanes, as one vector. */
static inline vec totals(vec a, vec b, vec c, vec d) {
  vec ab = ADD(wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), wasm_i32x4_shuffle(a, b, 2, 6, 3, 7));
  vec cd = ADD(wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), wasm_i32x4_shuffle(c, d, 2, 6, 3, 7));
  return ADD(wasm_i64x2_shuffle(ab, cd, 0, 2), wasm_i64x2_shuffle(ab, cd, 1, 3));
}

/* A score no logit can be raised from: its weight is exactly 0. */
#define EXCLUDED -1e30f

/* `scratch` holds 4 * stride floats, `sums` two doubles that are added to. */
EXPORT(pass)
void pass(const float *U, const float *V, float *dU, float *dV, float *scratch, double *sums, int items, int stride,
          int dims, float alphaScalar, float gammaScalar) {
  vec alpha = SPLAT(alphaScalar), gamma = SPLAT(gammaScalar);
  for (int i = 0; i < items; i += 4) {
    for (int j = 0; j < stride; j += 8) {
      vec s[4][2];
      for (int r = 0; r < 4; r++) s[r][0] = s[r][1] = SPLAT(0);
      for (int c = 0; c < dims; c++) {
        vec v0 = LOAD(V + c * stride + j), v1 = LOAD(V + c * stride + j + 4);
        for (int r = 0; r < 4; r++) {
          vec u = wasm_v128_load32_splat(U + c * stride + i + r);
          s[r][0] = ADD(s[r][0], MUL(u, v0));
          s[r][1] = ADD(s[r][1], MUL(u, v1));
        }
      }
      for (int r = 0; r < 4; r++) {
        STORE(scratch + r * stride + j, s[r][0]);
        STORE(scratch + r * stride + j + 4, s[r][1]);
      }
    }
    for (int r = 0; r < 4; r++) {
      float *row = scratch + r * stride;
      if (i + r >= items) {
        for (int j = 0; j < stride; j += 4) STORE(row + j, SPLAT(0));
        continue;
      }
      float positive = row[i + r];
      row[i + r] = EXCLUDED;
      for (int j = items; j < stride; j++) row[j] = EXCLUDED;
      vec sumG = SPLAT(0), sumGs = SPLAT(0);
      for (int j = 0; j < stride; j += 8) {
        vec s0 = LOAD(row + j), s1 = LOAD(row + j + 4);
        vec g0 = sigmoidOfMinus(SUB(gamma, MUL(alpha, s0))), g1 = sigmoidOfMinus(SUB(gamma, MUL(alpha, s1)));
        STORE(row + j, g0);
        STORE(row + j + 4, g1);
        sumG = ADD(sumG, ADD(g0, g1));
        sumGs = ADD(sumGs, ADD(MUL(g0, s0), MUL(g1, s1)));
      }
      float g = -wasm_f32x4_extract_lane(sigmoidOfMinus(SPLAT(alphaScalar * positive - gammaScalar)), 0);
      row[i + r] = g;
      sums[0] += (double)total(sumG) + g;
      sums[1] += (double)total(sumGs) + g * positive;
    }
    for (int c = 0; c < dims; c++) {
      const float *v = V + c * stride;
      float *dv = dV + c * stride;
      vec u0 = wasm_v128_load32_splat(U + c * stride + i), u1 = wasm_v128_load32_splat(U + c * stride + i + 1);
      vec u2 = wasm_v128_load32_splat(U + c * stride + i + 2), u3 = wasm_v128_load32_splat(U + c * stride + i + 3);
      vec a0 = SPLAT(0), a1 = SPLAT(0), a2 = SPLAT(0), a3 = SPLAT(0);
      for (int j = 0; j < stride; j += 4) {
        vec x = LOAD(v + j);
        vec g0 = LOAD(scratch + j), g1 = LOAD(scratch + stride + j);
        vec g2 = LOAD(scratch + 2 * stride + j), g3 = LOAD(scratch + 3 * stride + j);
        a0 = ADD(a0, MUL(g0, x));
        a1 = ADD(a1, MUL(g1, x));
        a2 = ADD(a2, MUL(g2, x));
        a3 = ADD(a3, MUL(g3, x));
        vec y = ADD(ADD(MUL(g0, u0), MUL(g1, u1)), ADD(MUL(g2, u2), MUL(g3, u3)));
        STORE(dv + j, ADD(LOAD(dv + j), y));
      }
      float *du = dU + c * stride + i;
      STORE(du, ADD(LOAD(du), totals(a0, a1, a2, a3)));
    }
  }
}

/*
 * Adam on the sphere: scales the summed gradient, removes its part along each item, updates the moments, steps, and
 * scales each item back to unit length. `projected` is 1, or 0 to keep the part along the item. `rate` = lr / (1 - beta1^t), `correction` = 1 / (1 - beta2^t).
 */
EXPORT(update)
void update(float *X, float *gradient, float *m, float *v, int stride, int dims, float scale, float rate,
            float correction, float beta1, float beta2, float epsilon, float projected) {
  vec b1 = SPLAT(beta1), b2 = SPLAT(beta2), c1 = SPLAT(1.0f - beta1), c2 = SPLAT(1.0f - beta2);
  for (int j = 0; j < stride; j += 4) {
    vec along = SPLAT(0);
    for (int c = 0; c < dims; c++) {
      vec g = MUL(LOAD(gradient + c * stride + j), SPLAT(scale));
      STORE(gradient + c * stride + j, g);
      along = ADD(along, MUL(g, LOAD(X + c * stride + j)));
    }
    vec square = SPLAT(0), away = MUL(along, SPLAT(projected));
    for (int c = 0; c < dims; c++) {
      int at = c * stride + j;
      vec x = LOAD(X + at), g = SUB(LOAD(gradient + at), MUL(away, x));
      vec first = ADD(MUL(b1, LOAD(m + at)), MUL(c1, g));
      vec second = ADD(MUL(b2, LOAD(v + at)), MUL(c2, MUL(g, g)));
      STORE(m + at, first);
      STORE(v + at, second);
      vec root = ADD(wasm_f32x4_sqrt(MUL(second, SPLAT(correction))), SPLAT(epsilon));
      x = SUB(x, wasm_f32x4_div(MUL(SPLAT(rate), first), root));
      STORE(X + at, x);
      square = ADD(square, MUL(x, x));
    }
    vec length = wasm_f32x4_sqrt(wasm_f32x4_pmax(square, SPLAT(1e-30f)));
    for (int c = 0; c < dims; c++) STORE(X + c * stride + j, wasm_f32x4_div(LOAD(X + c * stride + j), length));
  }
}

/* e^x for x in [-745, 0] in double, to about 1e-15 relative. */
static inline double exponential64(double x) {
  double n = __builtin_rint(x * 1.4426950408889634);
  double r = (x - n * 0.6931471803691238) - n * 1.9082149292705877e-10;
  double p = 1.0 / 6227020800.0;
  static const double reciprocal[12] = {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880,
                                        1.0 / 40320,     1.0 / 5040,     1.0 / 720,     1.0 / 120,
                                        1.0 / 24,        1.0 / 6,        0.5,           1.0};
  for (int k = 0; k < 12; k++) p = p * r + reciprocal[k];
  p = p * r + 1.0;
  long long bits = ((long long)n + 1023) << 52;
  double scale;
  __builtin_memcpy(&scale, &bits, 8);
  return n < -1022 ? 0.0 : p * scale;
}

/* log(1 + e) for e in [0, 1], relative accuracy 1e-14: 2 artanh(e / (2 + e)). */
static inline double logOnePlus64(double e) {
  double q = e / (2.0 + e), square = q * q, sum = 0;
  for (int k = 27; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return 2.0 * q * sum;
}

/* out = {summed loss, smallest positive score, largest negative score}, from float32 vectors in float64 arithmetic. */
EXPORT(measure)
void measure(const float *U, const float *V, double *scores, double *out, int items, int stride, int dims, double alpha,
             double gamma) {
  double loss = 0, lowest = 2, highest = -2;
  for (int i = 0; i < items; i++) {
    for (int j = 0; j < items; j++) scores[j] = 0;
    for (int c = 0; c < dims; c++) {
      double u = U[c * stride + i];
      for (int j = 0; j < items; j++) scores[j] += u * (double)V[c * stride + j];
    }
    for (int j = 0; j < items; j++) {
      double s = scores[j], z = alpha * s - gamma;
      if (j == i) {
        z = -z;
        if (s < lowest) lowest = s;
      } else if (s > highest) highest = s;
      double size = z < 0 ? -z : z;
      loss += (z > 0 ? z : 0) + logOnePlus64(size > 745 ? 0.0 : exponential64(-size));
    }
  }
  out[0] = loss;
  out[1] = lowest;
  out[2] = highest;
}

/*
 * Scores of `rows` left vectors with all `columns` right ones, S[i * columns + j] = <u_i, v_j>, for large inputs.
 * Left is row-major, right is packed in panels of 8 columns: panel p holds dims * 8 floats, coordinate-major.
 */
EXPORT(scores)
void scores(const float *left, const float *panels, float *S, int rows, int columns, int dims) {
  for (int p = 0; p * 8 < columns; p++) {
    const float *panel = panels + (long)p * 8 * dims;
    int width = columns - p * 8 < 8 ? columns - p * 8 : 8;
    for (int i = 0; i < rows; i += 4) {
      vec s[4][2];
      const float *u[4];
      for (int r = 0; r < 4; r++) {
        s[r][0] = s[r][1] = SPLAT(0);
        u[r] = left + (long)(i + r < rows ? i + r : rows - 1) * dims;
      }
      for (int c = 0; c < dims; c++) {
        vec v0 = LOAD(panel + c * 8), v1 = LOAD(panel + c * 8 + 4);
        for (int r = 0; r < 4; r++) {
          vec x = wasm_v128_load32_splat(u[r] + c);
          s[r][0] = ADD(s[r][0], MUL(x, v0));
          s[r][1] = ADD(s[r][1], MUL(x, v1));
        }
      }
      for (int r = 0; r < 4 && i + r < rows; r++) {
        float out[8];
        STORE(out, s[r][0]);
        STORE(out + 4, s[r][1]);
        float *row = S + (long)(i + r) * columns + p * 8;
        for (int k = 0; k < width; k++) row[k] = out[k];
      }
    }
  }
}
