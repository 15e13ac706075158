/*
 * WebAssembly SIMD kernels of the interior point method's linear algebra: triangular solves of many columns, symmetric
 * updates of rank `depth`, and the Cholesky factor of a dense matrix. Plain IEEE double arithmetic in a fixed order.
 * Rebuild with build.sh; NewtonKernel.ts says how columns are packed.
 *
 * Columns are packed in tiles of four: number k of column c is at ((c / 4) * depth + k) * 4 + c % 4.
 */
#include <wasm_simd128.h>

typedef double d2 __attribute__((vector_size(16), aligned(8)));
#define LOAD(p) (*(const d2 *)(p))
#define STORE(p, v) (*(d2 *)(p) = (v))
#define SPLAT(p) ((d2)wasm_v128_load64_splat(p))
#define PANEL 48

/* Every column x of `tiles` tiles becomes L^-1 x, for the depth x depth lower factor L of row length `row`. */
__attribute__((export_name("solve_columns"))) void solve_columns(const double *l, int row, int depth, double *g, int tiles) {
  for (int tile = 0; tile < tiles; tile++, g += 4 * depth) {
    for (int k = 0; k < depth; k++) {
      const double *at = l + k * row;
      d2 x = LOAD(g + 4 * k), y = LOAD(g + 4 * k + 2);
      for (int j = 0; j < k; j++) {
        d2 f = SPLAT(at + j);
        x -= f * LOAD(g + 4 * j);
        y -= f * LOAD(g + 4 * j + 2);
      }
      d2 pivot = SPLAT(at + k);
      STORE(g + 4 * k, x / pivot);
      STORE(g + 4 * k + 2, y / pivot);
    }
  }
}

/* The lower triangle of a (row length `row`) gains scale G^T G: entry (map[i], map[j]) the product of columns i >= j; map
   rises, and without one it is the identity. */
__attribute__((export_name("add_gram"))) void add_gram(const double *g, int depth, int columns, double *a, int row, const int *map, double scale) {
  d2 s = {scale, scale};
  for (int i = 0; i < columns; i += 4) {
    const double *left = g + i * depth;
    for (int j = 0; j <= i; j += 4) {
      const double *p = left, *q = g + j * depth;
      d2 c00 = {0, 0}, c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      for (int k = 0; k < depth; k++, p += 4, q += 4) {
        d2 x = LOAD(q), y = LOAD(q + 2), f;
        f = SPLAT(p);
        c00 += f * x;
        c01 += f * y;
        f = SPLAT(p + 1);
        c10 += f * x;
        c11 += f * y;
        f = SPLAT(p + 2);
        c20 += f * x;
        c21 += f * y;
        f = SPLAT(p + 3);
        c30 += f * x;
        c31 += f * y;
      }
      int to = map ? map[j] : j;
      if (j < i && i + 4 <= columns && (!map || map[j + 3] == to + 3)) {
        double *at = a + (map ? map[i] : i) * row + to;
        STORE(at, LOAD(at) + s * c00);
        STORE(at + 2, LOAD(at + 2) + s * c01);
        at = a + (map ? map[i + 1] : i + 1) * row + to;
        STORE(at, LOAD(at) + s * c10);
        STORE(at + 2, LOAD(at + 2) + s * c11);
        at = a + (map ? map[i + 2] : i + 2) * row + to;
        STORE(at, LOAD(at) + s * c20);
        STORE(at + 2, LOAD(at + 2) + s * c21);
        at = a + (map ? map[i + 3] : i + 3) * row + to;
        STORE(at, LOAD(at) + s * c30);
        STORE(at + 2, LOAD(at + 2) + s * c31);
        continue;
      }
      double c[16];
      STORE(c, c00);
      STORE(c + 2, c01);
      STORE(c + 4, c10);
      STORE(c + 6, c11);
      STORE(c + 8, c20);
      STORE(c + 10, c21);
      STORE(c + 12, c30);
      STORE(c + 14, c31);
      for (int u = 0; u < 4 && i + u < columns; u++) {
        double *at = a + (map ? map[i + u] : i + u) * row;
        for (int v = 0; v < 4 && j + v <= i + u; v++) at[map ? map[j + v] : j + v] += scale * c[4 * u + v];
      }
    }
  }
}

/* The lower Cholesky factor of an n x n block in place; 0 where a pivot is not positive. */
__attribute__((export_name("cholesky_block"))) int cholesky_block(double *a, int row, int n) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j <= i; j++) {
      double rest = a[i * row + j];
      for (int k = 0; k < j; k++) rest -= a[i * row + k] * a[j * row + k];
      if (i > j) {
        a[i * row + j] = rest / a[j * row + j];
        continue;
      }
      if (!(rest > 0)) return 0;
      a[i * row + i] = __builtin_sqrt(rest);
    }
  }
  return 1;
}

/* The same of a large matrix, by panels: `room` holds PANEL numbers for each of n columns, rounded up to whole tiles. */
__attribute__((export_name("cholesky"))) int cholesky(double *a, int n, double *room) {
  for (int from = 0; from < n; from += PANEL) {
    int width = n - from < PANEL ? n - from : PANEL;
    double *corner = a + from * n + from;
    if (!cholesky_block(corner, n, width)) return 0;
    int below = n - from - width, tiles = (below + 3) / 4;
    if (below == 0) return 1;
    double *rows = corner + width * n;
    for (int i = 0; i < 4 * tiles; i++) {
      double *to = room + (i / 4) * 4 * width + i % 4;
      for (int k = 0; k < width; k++) to[4 * k] = i < below ? rows[i * n + k] : 0;
    }
    solve_columns(corner, n, width, room, tiles);
    for (int i = 0; i < below; i++) {
      const double *of = room + (i / 4) * 4 * width + i % 4;
      for (int k = 0; k < width; k++) rows[i * n + k] = of[4 * k];
    }
    add_gram(room, width, below, rows + width, n, 0, -1);
  }
  return 1;
}
