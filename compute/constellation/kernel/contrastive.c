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
 * Products are fused multiply-adds of the relaxed SIMD instructions: a quarter less time, and one rounding where the processor
 * has them, which all of the last ten years have. Cost of `pass`: 6 * items^2 * dims flops and items^2 exponentials. Built
 * by build.sh; see contrastive.ts for the caller.
 */
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
typedef v128_t vec;
#define ADD wasm_f32x4_add
#define SUB wasm_f32x4_sub
#define MUL wasm_f32x4_mul
#define FMA __builtin_wasm_relaxed_madd_f32x4   /* x * y + z, rounded once */
#define FNMA __builtin_wasm_relaxed_nmadd_f32x4 /* z - x * y, rounded once */
#define LOAD wasm_v128_load
#define STORE wasm_v128_store
#define SPLAT wasm_f32x4_splat

/*
 * Constants of the exponential, four lanes each. In memory and not static: engines rebuild a v128.const from general
 * registers at every use, and more locals than registers are slower than loads.
 */
#define FOUR(x) x, x, x, x
float constants[] __attribute__((aligned(16))) = {
    FOUR(12582912.0f),       FOUR(1.326472731e-3f),   FOUR(9.671512991e-3f),   FOUR(5.550733581e-2f),
    FOUR(2.402224243e-1f),   FOUR(6.931470037e-1f),   FOUR(1.0f),              FOUR(100.0f),
    FOUR(-100.0f)};
#define CONSTANT(k) LOAD(constants + 4 * (k))

/*
 * 2^w = 2^n 2^f, |f| <= 1/2: adding 1.5 * 2^23 rounds to n, and 2^f is 1 + f times a polynomial of degree 4, at most 1.1e-7
 * away relatively. |w| is held to 100, so that no product is denormal.
 */
static inline vec powerOfTwo(vec w) {
  w = wasm_f32x4_pmin(wasm_f32x4_pmax(w, CONSTANT(8)), CONSTANT(7));
  vec shifted = ADD(w, CONSTANT(0));
  vec f = SUB(w, SUB(shifted, CONSTANT(0)));
  vec p = FMA(CONSTANT(1), f, CONSTANT(2));
  p = FMA(p, f, CONSTANT(3));
  p = FMA(p, f, CONSTANT(4));
  p = FMA(p, f, CONSTANT(5));
  p = FMA(p, f, CONSTANT(6));
  return wasm_i32x4_add(p, wasm_i32x4_shl(shifted, 23));
}

/* The weight of a score whose logit is -w ln 2, from p = 2^w: 1 / (1 + p), never below 2^-100. */
static inline vec weightOf(vec p) { return wasm_f32x4_div(CONSTANT(6), ADD(CONSTANT(6), p)); }
static inline vec weight(vec w) { return weightOf(powerOfTwo(w)); }

/* Its loss, log(1 + 1 / p) = max(-w, 0) ln 2 + 2 artanh(q), q = e / (2 + e) <= 1/3 with e the smaller of p and 1 / p. */
static inline vec lossOf(vec w, vec p) {
  vec low = wasm_f32x4_pmin(CONSTANT(6), p), high = wasm_f32x4_pmax(CONSTANT(6), p);
  vec q = wasm_f32x4_div(low, ADD(ADD(high, high), low)), square = MUL(q, q);
  vec series = FMA(SPLAT(1.0f / 11), square, SPLAT(1.0f / 9));
  series = FMA(series, square, SPLAT(1.0f / 7));
  series = FMA(series, square, SPLAT(1.0f / 5));
  series = FMA(series, square, SPLAT(1.0f / 3));
  series = FMA(series, square, CONSTANT(6));
  vec above = wasm_f32x4_pmin(SPLAT(0), w);
  return FNMA(above, SPLAT(0.693147181f), MUL(ADD(q, q), series));
}

/*
 * The weight under the loss -log(right + epsilon) of the reference, where `right` and `wrong` are the probabilities of
 * either side. One of them is 1 minus the other in float32, as there: exactly 0 far out, where the gradient vanishes.
 */
static inline vec clamped(vec wrong, vec right, vec epsilon) {
  return wasm_f32x4_div(MUL(wrong, right), ADD(right, epsilon));
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

/*
 * One coordinate of the gradients of four items of U and of all of V: weights G are 4 rows of `stride`. One coordinate at a
 * time, so that what the loop needs stays in sixteen registers.
 */
static inline void backward(const float *U, const float *V, float *dU, float *dV, const float *G, int stride) {
  vec a0 = SPLAT(0), a1 = a0, a2 = a0, a3 = a0;
  vec u0 = wasm_v128_load32_splat(U), u1 = wasm_v128_load32_splat(U + 1), u2 = wasm_v128_load32_splat(U + 2),
      u3 = wasm_v128_load32_splat(U + 3);
  for (int j = 0; j < stride; j += 4) {
    vec g0 = LOAD(G + j), g1 = LOAD(G + stride + j), g2 = LOAD(G + 2 * stride + j), g3 = LOAD(G + 3 * stride + j);
    vec x = LOAD(V + j);
    a0 = FMA(g0, x, a0);
    a1 = FMA(g1, x, a1);
    a2 = FMA(g2, x, a2);
    a3 = FMA(g3, x, a3);
    vec y = FMA(g0, u0, FMA(g1, u1, LOAD(dV + j))), z = FMA(g3, u3, MUL(g2, u2));
    STORE(dV + j, ADD(y, z));
  }
  STORE(dU, ADD(LOAD(dU), totals(a0, a1, a2, a3)));
}

/* What `core` works on: its shape, and which column is row 0's positive (row i's is i further). */
typedef struct {
  int rows, columns, stride, dims, diagonal;
} block;

/*
 * One block of scores: adds to both gradients and to sums = {sum g, sum g s}; `measured` (a constant) also adds the loss
 * and keeps the smallest positive and the largest negative score, in sums[2..4]. `scratch` holds 4 * stride floats.
 * `epsilon` is 0 for the exact loss. With `tail` other than 0, coordinate `dims` of both gradients takes tail * (sum of g
 * over the other side).
 */
static inline __attribute__((always_inline)) void core(const int measured, const block b, const float *U, const float *V,
                                                       float *dU, float *dV, float *scratch, double *sums, float alpha,
                                                       float gamma, float epsilon, float tail) {
  const float log2e = 1.44269504f;
  const int stride = b.stride, dims = b.dims;
  vec slope = SPLAT(alpha * log2e), offset = SPLAT(gamma * log2e), eps = SPLAT(epsilon);
  float excluded = (gamma - 100) / alpha; /* below every score, and of weight 2^-100 */
  if (excluded > -2) excluded = -2;
  vec highest = SPLAT(-2);
  for (int i = 0; i < b.rows; i += 4) {
    for (int j = 0; j < stride; j += 8) {
      vec s[4][2];
      for (int r = 0; r < 4; r++) s[r][0] = s[r][1] = SPLAT(0);
      for (int c = 0; c < dims; c++) {
        vec v0 = LOAD(V + c * stride + j), v1 = LOAD(V + c * stride + j + 4);
        for (int r = 0; r < 4; r++) {
          vec u = wasm_v128_load32_splat(U + c * stride + i + r);
          s[r][0] = FMA(u, v0, s[r][0]);
          s[r][1] = FMA(u, v1, s[r][1]);
        }
      }
      for (int r = 0; r < 4; r++) {
        STORE(scratch + r * stride + j, s[r][0]);
        STORE(scratch + r * stride + j + 4, s[r][1]);
      }
    }
    /* Rows and columns past the end, and the positives, weigh nothing in the loop over all four rows. */
    float positives[4] __attribute__((aligned(16)));
    int own[4];
    for (int r = 0; r < 4; r++) {
      float *row = scratch + r * stride;
      int at = b.diagonal + i + r;
      own[r] = i + r < b.rows && at >= 0 && at < b.columns ? at : -1;
      positives[r] = own[r] < 0 ? 0 : row[own[r]];
      if (own[r] >= 0) row[own[r]] = excluded;
      for (int j = i + r < b.rows ? b.columns : 0; j < stride; j++) row[j] = excluded;
    }
    vec sumG = SPLAT(0), sumGs = SPLAT(0), losses = SPLAT(0);
    for (int j = 0; j < 4 * stride; j += 16) {
      vec s[4], w[4], p[4], g[4];
      for (int k = 0; k < 4; k++) s[k] = LOAD(scratch + j + 4 * k);
      for (int k = 0; k < 4; k++) w[k] = FNMA(slope, s[k], offset);
      for (int k = 0; k < 4; k++) p[k] = powerOfTwo(w[k]);
      for (int k = 0; k < 4; k++) {
        g[k] = weightOf(p[k]);
        if (epsilon > 0) g[k] = clamped(g[k], SUB(CONSTANT(6), g[k]), eps);
        STORE(scratch + j + 4 * k, g[k]);
        if (measured) {
          losses = ADD(losses, lossOf(w[k], p[k]));
          highest = wasm_f32x4_pmax(highest, s[k]);
        }
      }
      sumG = ADD(sumG, ADD(ADD(g[0], g[1]), ADD(g[2], g[3])));
      sumGs = FMA(g[0], s[0], FMA(g[1], s[1], FMA(g[2], s[2], FMA(g[3], s[3], sumGs))));
    }
    sums[0] += (double)total(sumG);
    sums[1] += (double)total(sumGs);
    if (measured) sums[2] += (double)total(losses);
    vec away = SUB(MUL(slope, LOAD(positives)), offset), mine = weight(away);
    if (epsilon > 0) {
      vec probability = weight(SUB(SPLAT(0), away));
      mine = clamped(SUB(CONSTANT(6), probability), probability, eps);
    }
    vec missed = measured ? lossOf(away, powerOfTwo(away)) : SPLAT(0);
    for (int r = 0; r < 4; r++) {
      float *row = scratch + r * stride;
      for (int j = i + r < b.rows ? b.columns : 0; j < stride; j++) row[j] = 0;
      if (own[r] < 0) continue;
      float g = -((const float *)&mine)[r];
      row[own[r]] = g;
      sums[0] += g;
      sums[1] += g * positives[r];
      if (measured) {
        sums[2] += ((const float *)&missed)[r];
        if (positives[r] < sums[3]) sums[3] = positives[r];
      }
    }
    for (int c = 0; c < dims; c++) {
      int at = c * stride;
      backward(U + at + i, V + at, dU + at + i, dV + at, scratch, stride);
    }
    for (int at = 0; tail != 0 && at < 4 * b.columns; at++) {
      int r = at / b.columns, j = at % b.columns;
      float g = tail * scratch[r * stride + j];
      dU[dims * stride + i + r] += g;
      dV[dims * stride + j] += g;
    }
  }
  if (measured) {
    for (int lane = 0; lane < 4; lane++) {
      float largest = ((const float *)&highest)[lane];
      if (largest > sums[4]) sums[4] = largest;
    }
  }
}

/* All pairs of two modalities of `items` vectors. */
EXPORT(pass)
void pass(const float *U, const float *V, float *dU, float *dV, float *scratch, double *sums, int items, int stride,
          int dims, float alpha, float gamma, float epsilon, float tail) {
  const block all = {items, items, stride, dims, 0};
  core(0, all, U, V, dU, dV, scratch, sums, alpha, gamma, epsilon, tail);
}

/* A tile of a large matrix of pairs of up to `stride` on either side. */
EXPORT(tile)
void tile(const float *U, const float *V, float *dU, float *dV, float *scratch, double *sums, int rows, int columns,
          int stride, int dims, int diagonal, float alpha, float gamma) {
  const block part = {rows, columns, stride, dims, diagonal};
  core(1, part, U, V, dU, dV, scratch, sums, alpha, gamma, 0, 0);
}

/*
 * Adam on the sphere: scales the summed gradient, removes `projected` times its part along each item (and, with `tailed`,
 * coordinate `dims` of the gradient times the item), updates the moments, steps, and scales each item back to unit length.
 * `rate` = lr / (1 - beta1^t), `correction` = 1 / (1 - beta2^t).
 */
EXPORT(update)
void update(float *X, float *gradient, float *m, float *v, int stride, int dims, float scale, float rate,
            float correction, float beta1, float beta2, float epsilon, float projected, int tailed) {
  vec b1 = SPLAT(beta1), b2 = SPLAT(beta2), c1 = SPLAT(1.0f - beta1), c2 = SPLAT(1.0f - beta2);
  for (int j = 0; j < stride; j += 4) {
    vec along = SPLAT(0);
    for (int c = 0; c < dims; c++) {
      vec g = MUL(LOAD(gradient + c * stride + j), SPLAT(scale));
      STORE(gradient + c * stride + j, g);
      along = FMA(g, LOAD(X + c * stride + j), along);
    }
    vec square = SPLAT(0), away = MUL(along, SPLAT(projected));
    if (tailed) away = FMA(LOAD(gradient + dims * stride + j), SPLAT(scale), away);
    for (int c = 0; c < dims; c++) {
      int at = c * stride + j;
      vec x = LOAD(X + at), g = FNMA(away, x, LOAD(gradient + at));
      vec first = FMA(b1, LOAD(m + at), MUL(c1, g));
      vec second = FMA(b2, LOAD(v + at), MUL(c2, MUL(g, g)));
      STORE(m + at, first);
      STORE(v + at, second);
      vec root = ADD(wasm_f32x4_sqrt(MUL(second, SPLAT(correction))), SPLAT(epsilon));
      x = SUB(x, wasm_f32x4_div(MUL(SPLAT(rate), first), root));
      STORE(X + at, x);
      square = FMA(x, x, square);
    }
    vec inverse = wasm_f32x4_div(SPLAT(1), wasm_f32x4_sqrt(wasm_f32x4_pmax(square, SPLAT(1e-30f))));
    for (int c = 0; c < dims; c++) STORE(X + c * stride + j, MUL(LOAD(X + c * stride + j), inverse));
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

/* log(1 + e) for e in [0, 1], relative accuracy 1e-14: 2 artanh(e / (2 + e)), or three terms of its series. */
static inline double logOnePlus64(double e) {
  if (e < 2e-5) return e * (1.0 - e * (0.5 - e * (1.0 / 3)));
  double q = e / (2.0 + e), square = q * q, sum = 0;
  for (int k = 27; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return 2.0 * q * sum;
}

/* -log(e^-loss + epsilon), where `cap` = -log(epsilon). */
static inline double clampedLoss(double loss, double epsilon, double cap) {
  return loss < cap ? loss - logOnePlus64(epsilon / exponential64(-loss))
                    : cap - logOnePlus64(loss > 700 ? 0.0 : exponential64(-loss) / epsilon);
}

/*
 * out = {summed loss, smallest positive score, largest negative score}, from float32 vectors in float64 arithmetic.
 * `epsilon` is 0 for the exact loss; otherwise `cap` = -log(epsilon) is the largest loss of a score.
 */
EXPORT(measure)
void measure(const float *U, const float *V, double *scores, double *out, int items, int stride, int dims, double alpha,
             double gamma, double epsilon, double cap) {
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
      double own = (z > 0 ? z : 0) + logOnePlus64(size > 745 ? 0.0 : exponential64(-size));
      loss += epsilon > 0 ? clampedLoss(own, epsilon, cap) : own;
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
          s[r][0] = FMA(x, v0, s[r][0]);
          s[r][1] = FMA(x, v1, s[r][1]);
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
