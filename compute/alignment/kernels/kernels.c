// Dense float64 kernels of the alignment metrics, for WebAssembly with 128-bit SIMD. kernels.wasm is built from this file
// by build.sh; Kernels.ts loads it. Plain (not relaxed) SIMD: the same bits on every machine.
//
// All matrices are row-major. Nothing is allocated here: the caller lays out memory from __heap_base on.

typedef double f64;
typedef f64 f64x2 __attribute__((vector_size(16)));
// The same vector at any address that is a multiple of 8.
typedef f64 f64x2u __attribute__((vector_size(16), aligned(8)));

#define EXPORT(name) __attribute__((export_name(#name)))

#define MR 4
#define NR 4
#define DEPTH 256
#define COLUMNS 128

static f64 panel_a[MR * DEPTH] __attribute__((aligned(16)));
static f64 panels_b[COLUMNS * DEPTH] __attribute__((aligned(16)));

// Interleaves `count` (≤ 4) rows of `depth` numbers: out[4 p + r] = rows[r][p]; missing rows are zero.
static void interleave(const f64 *rows, int stride, int count, int depth, f64 *out) {
  if (count == 4) {
    const f64 *r0 = rows, *r1 = rows + stride, *r2 = rows + 2 * stride, *r3 = rows + 3 * stride;
    for (int p = 0; p < depth; p++, out += 4) {
      out[0] = r0[p];
      out[1] = r1[p];
      out[2] = r2[p];
      out[3] = r3[p];
    }
    return;
  }
  for (int p = 0; p < depth; p++, out += 4)
    for (int r = 0; r < 4; r++) out[r] = r < count ? rows[r * stride + p] : 0.0;
}

// One 4 × 4 block of A Bᵀ over `depth` from interleaved panels, added to C. Every entry sums over p in rising order,
// wherever in the matrix it stands: entry (i, j) of X Xᵀ has the bits of entry (j, i), and blocking changes nothing.
static inline void block(int depth, const f64 *a, const f64 *b, f64 *c, int ldc, int m, int n) {
  f64x2 c00 = {0, 0}, c01 = {0, 0}, c10 = {0, 0}, c11 = {0, 0};
  f64x2 c20 = {0, 0}, c21 = {0, 0}, c30 = {0, 0}, c31 = {0, 0};
  for (int p = 0; p < depth; p++, a += 4, b += 4) {
    f64x2 b0 = *(const f64x2 *)b, b1 = *(const f64x2 *)(b + 2);
    f64x2 s = {a[0], a[0]};
    c00 += s * b0;
    c01 += s * b1;
    s = (f64x2){a[1], a[1]};
    c10 += s * b0;
    c11 += s * b1;
    s = (f64x2){a[2], a[2]};
    c20 += s * b0;
    c21 += s * b1;
    s = (f64x2){a[3], a[3]};
    c30 += s * b0;
    c31 += s * b1;
  }
  if (m == 4 && n == 4) {
    *(f64x2u *)(c) += c00;
    *(f64x2u *)(c + 2) += c01;
    *(f64x2u *)(c + ldc) += c10;
    *(f64x2u *)(c + ldc + 2) += c11;
    *(f64x2u *)(c + 2 * ldc) += c20;
    *(f64x2u *)(c + 2 * ldc + 2) += c21;
    *(f64x2u *)(c + 3 * ldc) += c30;
    *(f64x2u *)(c + 3 * ldc + 2) += c31;
    return;
  }
  f64 t[16];
  *(f64x2u *)(t) = c00;
  *(f64x2u *)(t + 2) = c01;
  *(f64x2u *)(t + 4) = c10;
  *(f64x2u *)(t + 6) = c11;
  *(f64x2u *)(t + 8) = c20;
  *(f64x2u *)(t + 10) = c21;
  *(f64x2u *)(t + 12) = c30;
  *(f64x2u *)(t + 14) = c31;
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) c[i * ldc + j] += t[i * 4 + j];
}

// C += A Bᵀ for A m × depth and B n × depth, both contiguous; C has row stride ldc. With `lower`, A and B are the same
// rows and only blocks that touch the lower triangle are computed.
EXPORT(products)
void products(const f64 *a, int m, const f64 *b, int n, int depth, f64 *c, int ldc, int lower) {
  for (int p = 0; p < depth; p += DEPTH) {
    int d = depth - p < DEPTH ? depth - p : DEPTH;
    for (int j = 0; j < n; j += COLUMNS) {
      int width = n - j < COLUMNS ? n - j : COLUMNS;
      for (int q = 0; q < width; q += NR)
        interleave(b + (j + q) * depth + p, depth, width - q < NR ? width - q : NR, d, panels_b + q * d);
      for (int i = lower ? j : 0; i < m; i += MR) {
        int height = m - i < MR ? m - i : MR;
        interleave(a + i * depth + p, depth, height, d, panel_a);
        for (int q = 0; q < width; q += NR) {
          if (lower && j + q > i + height - 1) break;
          block(d, panel_a, panels_b + q * d, c + i * ldc + j + q, ldc, height, width - q < NR ? width - q : NR);
        }
      }
    }
  }
}

// Householder reduction of a symmetric matrix to tridiagonal form, from the lower triangle, last row first
// (Golub & Van Loan, Matrix Computations, 4th ed., algorithm 8.3.1, with the rank-two update of one step fused into the
// matrix-vector product of the next, so that the triangle is read once a step).
//
// On return d has the n diagonal entries and e[i] couples i − 1 and i. Row i of A holds the Householder vector of step i
// in its first i entries and half[i] = vᵀv / 2 (0: no reflection). v, w, p are work space of n each.
EXPORT(tridiagonalise)
void tridiagonalise(f64 *a, int n, f64 *d, f64 *e, f64 *half, f64 *w, f64 *p) {
  const f64 *pending = 0; // the vector v of the step before, whose update A −= v wᵀ + w vᵀ is still to be made
  for (int i = n - 1; i >= 0; i--) {
    f64 *row = a + (long)i * n;
    if (pending) {
      f64 vi = pending[i], wi = w[i];
      for (int j = 0; j <= i; j++) row[j] -= vi * w[j] + wi * pending[j];
    }
    d[i] = row[i];
    e[i] = 0;
    half[i] = 0;
    if (i == 0) break;
    f64 scale = 0;
    for (int j = 0; j < i; j++) {
      f64 size = __builtin_fabs(row[j]);
      if (size > scale) scale = size;
    }
    f64 below = 0;
    for (int j = 0; j < i - 1; j++) {
      f64 size = __builtin_fabs(row[j]);
      if (size > below) below = size;
    }
    int reflect = below > 0;
    f64 h = 0;
    if (reflect) {
      f64 sum = 0;
      for (int j = 0; j < i; j++) {
        f64 x = row[j] / scale;
        sum += x * x;
      }
      f64 norm = scale * __builtin_sqrt(sum);
      f64 last = row[i - 1];
      f64 g = last >= 0 ? -norm : norm;
      e[i] = g;
      h = norm * norm - last * g;
      row[i - 1] = last - g;
      half[i] = h;
    } else {
      e[i] = row[i - 1];
    }
    if (!reflect && !pending) continue;
    // One sweep over the leading block: the pending update, then p = A v.
    f64 *v = row;
    for (int j = 0; j < i; j++) p[j] = 0;
    for (int r = 0; r < i; r++) {
      f64 *ar = a + (long)r * n;
      f64 vr = reflect ? v[r] : 0;
      f64x2 vr2 = {vr, vr}, sum2 = {0, 0};
      f64 sum = 0;
      int j = 0;
      if (pending) {
        f64 qr = pending[r], wr = w[r];
        f64x2 qr2 = {qr, qr}, wr2 = {wr, wr};
        for (; j + 2 <= r; j += 2) {
          f64x2 x = *(f64x2u *)(ar + j);
          x -= qr2 * *(const f64x2u *)(w + j) + wr2 * *(const f64x2u *)(pending + j);
          *(f64x2u *)(ar + j) = x;
          sum2 += x * *(const f64x2u *)(v + j);
          *(f64x2u *)(p + j) += x * vr2;
        }
        for (; j < r; j++) {
          f64 x = ar[j] - (qr * w[j] + wr * pending[j]);
          ar[j] = x;
          sum += x * v[j];
          p[j] += x * vr;
        }
        ar[r] -= 2 * qr * wr;
      } else {
        for (; j + 2 <= r; j += 2) {
          f64x2 x = *(f64x2u *)(ar + j);
          sum2 += x * *(const f64x2u *)(v + j);
          *(f64x2u *)(p + j) += x * vr2;
        }
        for (; j < r; j++) {
          sum += ar[j] * v[j];
          p[j] += ar[j] * vr;
        }
      }
      p[r] += sum + (sum2[0] + sum2[1]) + ar[r] * vr;
    }
    if (!reflect) {
      pending = 0;
      continue;
    }
    f64 k = 0;
    for (int j = 0; j < i; j++) {
      p[j] /= h;
      k += v[j] * p[j];
    }
    k /= 2 * h;
    for (int j = 0; j < i; j++) w[j] = p[j] - k * v[j];
    pending = v;
  }
}

// Applies the reflections that `tridiagonalise` left in A to `count` vectors of length n, the rows of x: eigenvectors of
// the tridiagonal matrix become eigenvectors of the matrix.
EXPORT(reflect)
void reflect(const f64 *a, const f64 *half, int n, f64 *x, int count) {
  for (int c = 0; c < count; c++) {
    f64 *y = x + (long)c * n;
    for (int i = 1; i < n; i++) {
      if (half[i] == 0) continue;
      const f64 *v = a + (long)i * n;
      f64x2 sum2 = {0, 0}, tum2 = {0, 0};
      f64 sum = 0;
      int j = 0;
      for (; j + 4 <= i; j += 4) {
        sum2 += *(const f64x2u *)(v + j) * *(const f64x2u *)(y + j);
        tum2 += *(const f64x2u *)(v + j + 2) * *(const f64x2u *)(y + j + 2);
      }
      for (; j < i; j++) sum += v[j] * y[j];
      sum2 += tum2;
      f64 s = (sum + (sum2[0] + sum2[1])) / half[i];
      f64x2 s2 = {s, s};
      for (j = 0; j + 2 <= i; j += 2) *(f64x2u *)(y + j) -= s2 * *(const f64x2u *)(v + j);
      for (; j < i; j++) y[j] -= s * v[j];
    }
  }
}
