/*
 * Kernels for rows that are addressed by index: what a TopK autoencoder does after its encoder's product, and Adam.
 *
 * Every kernel has the signature (const Arguments *, chunk): it does the chunk's rows and nothing else, and each number it
 * writes depends on the inputs only, never on which thread ran it or on how many there were. Built by build.sh.
 */
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
typedef v128_t vec;
#define ADD wasm_f32x4_add
#define SUB wasm_f32x4_sub
#define MUL wasm_f32x4_mul
#define DIV wasm_f32x4_div
#define SQRT wasm_f32x4_sqrt
#define FMA __builtin_wasm_relaxed_madd_f32x4   /* x * y + z, rounded once */
#define FNMA __builtin_wasm_relaxed_nmadd_f32x4 /* z - x * y, rounded once */
#define LOAD wasm_v128_load
#define STORE wasm_v128_store
#define SPLAT wasm_f32x4_splat

static inline float total(vec x) {
  return (wasm_f32x4_extract_lane(x, 0) + wasm_f32x4_extract_lane(x, 1)) +
         (wasm_f32x4_extract_lane(x, 2) + wasm_f32x4_extract_lane(x, 3));
}

/* 0 where |x| < 1e-30: moments of features that stopped firing must not decay into slow denormal numbers. */
static inline vec flushed(vec x) { return wasm_v128_and(x, wasm_f32x4_gt(wasm_f32x4_abs(x), SPLAT(1e-30f))); }

static inline int smaller(int a, int b) { return a < b ? a : b; }

/* y += a x for four rows at once: one load and one store of y for four multiply-adds. n is a multiple of 4. */
static inline void axpy4(float *y, const float *x0, const float *x1, const float *x2, const float *x3, float a0,
                         float a1, float a2, float a3, int n) {
  vec A0 = SPLAT(a0), A1 = SPLAT(a1), A2 = SPLAT(a2), A3 = SPLAT(a3);
  for (int i = 0; i < n; i += 4)
    STORE(y + i, FMA(A3, LOAD(x3 + i), FMA(A2, LOAD(x2 + i), FMA(A1, LOAD(x1 + i), FMA(A0, LOAD(x0 + i), LOAD(y + i))))));
}

static inline void axpy(float *y, const float *x, float a, int n) {
  vec A = SPLAT(a);
  for (int i = 0; i < n; i += 4) STORE(y + i, FMA(A, LOAD(x + i), LOAD(y + i)));
}

static inline float dot(const float *x, const float *y, int n) {
  vec s = SPLAT(0), t = SPLAT(0);
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    s = FMA(LOAD(x + i), LOAD(y + i), s);
    t = FMA(LOAD(x + i + 4), LOAD(y + i + 4), t);
  }
  if (i < n) s = FMA(LOAD(x + i), LOAD(y + i), s);
  return total(ADD(s, t));
}

/* Four inner products with x at once, each as `dot` sums it: one load of x, and four rows on their way from memory. */
static inline void dot4(float *out, const float *x, const float *y0, const float *y1, const float *y2, const float *y3,
                        int n) {
  vec s0 = SPLAT(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    vec a = LOAD(x + i), b = LOAD(x + i + 4);
    s0 = FMA(a, LOAD(y0 + i), s0), t0 = FMA(b, LOAD(y0 + i + 4), t0);
    s1 = FMA(a, LOAD(y1 + i), s1), t1 = FMA(b, LOAD(y1 + i + 4), t1);
    s2 = FMA(a, LOAD(y2 + i), s2), t2 = FMA(b, LOAD(y2 + i + 4), t2);
    s3 = FMA(a, LOAD(y3 + i), s3), t3 = FMA(b, LOAD(y3 + i + 4), t3);
  }
  if (i < n) {
    vec a = LOAD(x + i);
    s0 = FMA(a, LOAD(y0 + i), s0), s1 = FMA(a, LOAD(y1 + i), s1);
    s2 = FMA(a, LOAD(y2 + i), s2), s3 = FMA(a, LOAD(y3 + i), s3);
  }
  out[0] = total(ADD(s0, t0)), out[1] = total(ADD(s1, t1)), out[2] = total(ADD(s2, t2)), out[3] = total(ADD(s3, t3));
}

struct SparseMatmul {
  const float *values, *weights;
  const int *indices;
  float *out;
  int rows, k, d, chunkRows;
};

/* out[b] = sum_j values[b, j] * weights[indices[b, j]] */
EXPORT(sparseMatmul)
void sparseMatmul(const struct SparseMatmul *a, int chunk) {
  int end = smaller(a->rows, (chunk + 1) * a->chunkRows), k = a->k, d = a->d;
  for (int b = chunk * a->chunkRows; b < end; b++) {
    const float *values = a->values + b * k;
    const int *indices = a->indices + b * k;
    float *out = a->out + b * d;
    for (int i = 0; i < d; i += 4) STORE(out + i, SPLAT(0));
    int j = 0;
#define ROW(t) (a->weights + indices[j + t] * d)
    for (; j + 4 <= k; j += 4)
      axpy4(out, ROW(0), ROW(1), ROW(2), ROW(3), values[j], values[j + 1], values[j + 2], values[j + 3], d);
    for (; j < k; j++) axpy(out, ROW(0), values[j], d);
#undef ROW
  }
}

struct SampledDot {
  const float *x, *weights;
  const int *indices;
  float *out;
  int rows, k, d, chunkRows;
};

/* out[b, j] = <x[b], weights[indices[b, j]]> */
EXPORT(sampledDot)
void sampledDot(const struct SampledDot *a, int chunk) {
  int end = smaller(a->rows, (chunk + 1) * a->chunkRows), k = a->k, d = a->d;
  for (int b = chunk * a->chunkRows; b < end; b++) {
    const float *x = a->x + b * d;
    const int *indices = a->indices + b * k;
    float *out = a->out + b * k;
    int j = 0;
#define ROW(t) (a->weights + indices[j + t] * d)
    for (; j + 4 <= k; j += 4) dot4(out + j, x, ROW(0), ROW(1), ROW(2), ROW(3), d);
    for (; j < k; j++) out[j] = dot(x, ROW(0), d);
#undef ROW
  }
}

struct Buckets {
  const int *indices;
  int *starts, *entries;
  int count, features;
};

/* Places of the entries of each feature, in rising order: entries[starts[f] .. starts[f + 1]]. One chunk. */
EXPORT(buckets)
void buckets(const struct Buckets *a, int chunk) {
  if (chunk != 0) return;
  int *starts = a->starts;
  for (int f = 0; f <= a->features; f++) starts[f] = 0;
  for (int i = 0; i < a->count; i++) starts[a->indices[i] + 1]++;
  for (int f = 0; f < a->features; f++) starts[f + 1] += starts[f];
  for (int i = 0; i < a->count; i++) a->entries[starts[a->indices[i]]++] = i;
  for (int f = a->features; f > 0; f--) starts[f] = starts[f - 1];
  starts[0] = 0;
}

struct SparseAdam {
  const float *values, *x;
  const int *starts, *entries;
  float *w, *m, *v, *scratch; /* scratch: d floats a chunk */
  int features, k, d, chunkRows;
  float beta1, beta2, oneMinusBeta1, oneMinusBeta2, rate, root, epsilon, decay;
  int normalise;
  float floor;
};

/*
 * For each feature f: g = sum over its entries (b, j) of values[b, j] * x[b]; Adam's moments and step on row f; then the row
 * is divided by its norm where asked for. The gradient never leaves the cache.
 */
EXPORT(sparseAdam)
void sparseAdam(const struct SparseAdam *a, int chunk) {
  int end = smaller(a->features, (chunk + 1) * a->chunkRows), k = a->k, d = a->d;
  float *g = a->scratch + chunk * d;
  vec beta1 = SPLAT(a->beta1), beta2 = SPLAT(a->beta2), one1 = SPLAT(a->oneMinusBeta1), one2 = SPLAT(a->oneMinusBeta2);
  vec rate = SPLAT(a->rate), root = SPLAT(1.0f / a->root), epsilon = SPLAT(a->epsilon), decay = SPLAT(a->decay);
  for (int f = chunk * a->chunkRows; f < end; f++) {
    float *w = a->w + f * d, *m = a->m + f * d, *v = a->v + f * d;
    for (int i = 0; i < d; i += 4) STORE(g + i, SPLAT(0));
    int at = a->starts[f], last = a->starts[f + 1];
#define ENTRY(t) (a->entries[at + t])
#define ROW(t) (a->x + ENTRY(t) / k * d)
    for (; at + 4 <= last; at += 4)
      axpy4(g, ROW(0), ROW(1), ROW(2), ROW(3), a->values[ENTRY(0)], a->values[ENTRY(1)], a->values[ENTRY(2)],
            a->values[ENTRY(3)], d);
    for (; at < last; at++) axpy(g, ROW(0), a->values[ENTRY(0)], d);
#undef ROW
#undef ENTRY
    vec squares = SPLAT(0);
    for (int i = 0; i < d; i += 4) {
      vec gradient = LOAD(g + i);
      vec first = flushed(FMA(LOAD(m + i), beta1, MUL(gradient, one1)));
      vec second = flushed(FMA(LOAD(v + i), beta2, MUL(MUL(gradient, gradient), one2)));
      STORE(m + i, first);
      STORE(v + i, second);
      vec step = DIV(first, FMA(SQRT(second), root, epsilon));
      vec next = FNMA(rate, step, MUL(LOAD(w + i), decay));
      squares = FMA(next, next, squares);
      STORE(w + i, next);
    }
    if (a->normalise) {
      float norm = __builtin_sqrtf(total(squares));
      vec scale = SPLAT(norm > a->floor ? norm : a->floor);
      for (int i = 0; i < d; i += 4) STORE(w + i, DIV(LOAD(w + i), scale));
    }
  }
}
