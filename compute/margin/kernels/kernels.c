/*
 * WebAssembly SIMD kernels of the margin solver: scores, smoothed minima and gradients in one pass over the pairs,
 * without ever holding the queries x documents scores. Deterministic: one thread, fixed order, no fused arithmetic.
 * Rebuild with build.sh; passes.ts documents the formulas and is checked against plain TypeScript in the tests.
 */
#include <wasm_simd128.h>

/* Arguments and results; pointers are byte offsets into the memory. passes.ts writes it field by field. */
struct Pass {
  int rows, columns, columnsPadded, dims, stride, byRow;
  int queries, documents, transposed, scores, queryPull, entryWeight, pushPositive, pushNegative, list, listWeight, start, index;
  int queryAlong, documentAlong;
  double sharpness, atPositive, atNegative, atRow;
  double sumPositive, sumNegative, sumRows, leastPositive, greatestNegative, leastRow;
};

#define FAR 1e30
#define ANY(m) wasm_v128_any_true(m)
#define JOIN(a, b) a##b
#define JOIN2(a, b) JOIN(a, b)
#define TEXT(a) #a
#define TEXT2(a) TEXT(a)
#define NAME(x) JOIN2(x, SUFFIX)
#define EXPORT(x) TEXT2(NAME(x))
#define LANE0(v) LANE(v, 0)

/* ---- float32 ---- */
#define SUFFIX 32
#define REAL float
#define LANES 4
#define CUT 20.0
#define TINY 1e-36f
#define EPSILON 1e-16f
#define VEC f4
#define LOG2_E 1.44269504f
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f
#define MAGIC 12582912.0f
#define TAYLOR taylor32
#define TAYLOR_TERMS 7
typedef float f4 __attribute__((vector_size(16), aligned(4)));
typedef int i4 __attribute__((vector_size(16), aligned(4)));
static const float taylor32[7] = {1.f / 720, 1.f / 120, 1.f / 24, 1.f / 6, 1.f / 2, 1.f, 1.f};
#define SPLAT(x) ((f4){(x), (x), (x), (x)})
#define LOAD(p) (*(const f4 *)(p))
#define STORE(p, v) (*(f4 *)(p) = (v))
#define ADD(a, b) ((a) + (b))
#define SUB(a, b) ((a) - (b))
#define MUL(a, b) ((a) * (b))
#define DIV(a, b) ((a) / (b))
#define MAX(a, b) ((f4)wasm_f32x4_pmax((v128_t)(a), (v128_t)(b)))
#define MIN(a, b) ((f4)wasm_f32x4_pmin((v128_t)(a), (v128_t)(b)))
#define SQRT(a) ((f4)wasm_f32x4_sqrt((v128_t)(a)))
#define GREATER(a, b) wasm_f32x4_gt((v128_t)(a), (v128_t)(b))
#define KEEP(a, mask) ((f4)wasm_v128_and((v128_t)(a), mask))
#define LANE(v, l) ((v)[l])
#define POWER_OF_TWO(s) ((f4)((((i4)(s)) + 127) << 23))
#include "pass.inc.c"
#undef SUFFIX
#undef REAL
#undef LANES
#undef CUT
#undef TINY
#undef EPSILON
#undef VEC
#undef LOG2_E
#undef LN2_HIGH
#undef LN2_LOW
#undef MAGIC
#undef TAYLOR
#undef TAYLOR_TERMS
#undef SPLAT
#undef LOAD
#undef STORE
#undef MAX
#undef MIN
#undef SQRT
#undef GREATER
#undef KEEP
#undef POWER_OF_TWO

/* ---- float64 ---- */
#define SUFFIX 64
#define REAL double
#define LANES 2
#define CUT 40.0
#define TINY 1e-300
#define EPSILON 1e-100
#define VEC d2
#define LOG2_E 1.4426950408889634
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10
#define MAGIC 6755399441055744.0
#define TAYLOR taylor64
#define TAYLOR_TERMS 14
typedef double d2 __attribute__((vector_size(16), aligned(8)));
typedef long long l2 __attribute__((vector_size(16), aligned(8)));
static const double taylor64[14] = {1. / 6227020800, 1. / 479001600, 1. / 39916800, 1. / 3628800, 1. / 362880, 1. / 40320, 1. / 5040,
                                    1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2, 1., 1.};
#define SPLAT(x) ((d2){(x), (x)})
#define LOAD(p) (*(const d2 *)(p))
#define STORE(p, v) (*(d2 *)(p) = (v))
#define MAX(a, b) ((d2)wasm_f64x2_pmax((v128_t)(a), (v128_t)(b)))
#define MIN(a, b) ((d2)wasm_f64x2_pmin((v128_t)(a), (v128_t)(b)))
#define SQRT(a) ((d2)wasm_f64x2_sqrt((v128_t)(a)))
#define GREATER(a, b) wasm_f64x2_gt((v128_t)(a), (v128_t)(b))
#define KEEP(a, mask) ((d2)wasm_v128_and((v128_t)(a), mask))
#define POWER_OF_TWO(s) ((d2)((((l2)(s)) + 1023) << 52))
#include "pass.inc.c"
