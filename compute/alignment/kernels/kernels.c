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

// Row r of the sweep below, columns from … r: the pending update, then its part of p = A v.
static void sweep1(f64 *ar, int r, int from, int end, const f64 *v, f64 vr, const f64 *pending, const f64 *w, f64 *p) {
  f64 sum = 0;
  f64 qr = pending ? pending[r] : 0, wr = pending ? w[r] : 0;
  int j = from;
  f64x2 vr2 = {vr, vr}, qr2 = {qr, qr}, wr2 = {wr, wr}, sum2 = {0, 0};
  if (pending) {
    for (; j + 2 <= end; j += 2) {
      f64x2 x = *(f64x2u *)(ar + j);
      x -= qr2 * *(const f64x2u *)(w + j) + wr2 * *(const f64x2u *)(pending + j);
      *(f64x2u *)(ar + j) = x;
      sum2 += x * *(const f64x2u *)(v + j);
      *(f64x2u *)(p + j) += x * vr2;
    }
    for (; j < end; j++) {
      f64 x = ar[j] - (qr * w[j] + wr * pending[j]);
      ar[j] = x;
      sum += x * v[j];
      p[j] += x * vr;
    }
    ar[r] -= 2 * qr * wr;
  } else {
    for (; j + 2 <= end; j += 2) {
      f64x2 x = *(f64x2u *)(ar + j);
      sum2 += x * *(const f64x2u *)(v + j);
      *(f64x2u *)(p + j) += x * vr2;
    }
    for (; j < end; j++) {
      sum += ar[j] * v[j];
      p[j] += ar[j] * vr;
    }
  }
  p[r] += sum + (sum2[0] + sum2[1]) + ar[r] * vr;
}

// Rows r and r + 1 of the sweep at once (r even), so that v, w, p and the pending vector are read once for both.
static void sweep2(f64 *ar, int n, int r, const f64 *v, int reflect, const f64 *pending, const f64 *w, f64 *p) {
  f64 *br = ar + n;
  f64 va = reflect ? v[r] : 0, vb = reflect ? v[r + 1] : 0;
  f64x2 va2 = {va, va}, vb2 = {vb, vb}, suma = {0, 0}, sumb = {0, 0};
  if (pending) {
    f64x2 qa = {pending[r], pending[r]}, wa = {w[r], w[r]};
    f64x2 qb = {pending[r + 1], pending[r + 1]}, wb = {w[r + 1], w[r + 1]};
    for (int j = 0; j < r; j += 2) {
      f64x2 wj = *(const f64x2u *)(w + j), qj = *(const f64x2u *)(pending + j), vj = *(const f64x2u *)(v + j);
      f64x2 x = *(f64x2u *)(ar + j) - (qa * wj + wa * qj);
      f64x2 y = *(f64x2u *)(br + j) - (qb * wj + wb * qj);
      *(f64x2u *)(ar + j) = x;
      *(f64x2u *)(br + j) = y;
      suma += x * vj;
      sumb += y * vj;
      *(f64x2u *)(p + j) += x * va2 + y * vb2;
    }
  } else {
    for (int j = 0; j < r; j += 2) {
      f64x2 vj = *(const f64x2u *)(v + j), x = *(f64x2u *)(ar + j), y = *(f64x2u *)(br + j);
      suma += x * vj;
      sumb += y * vj;
      *(f64x2u *)(p + j) += x * va2 + y * vb2;
    }
  }
  p[r] += suma[0] + suma[1];
  p[r + 1] += sumb[0] + sumb[1];
  // What is left: the diagonal entry of row r, and the last two of row r + 1.
  sweep1(ar, r, r, r, v, va, pending, w, p);
  sweep1(br, r + 1, r, r + 1, v, vb, pending, w, p);
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
    int r = 0;
    for (; r + 2 <= i; r += 2) sweep2(a + (long)r * n, n, r, v, reflect, pending, w, p);
    if (r < i) sweep1(a + (long)r * n, r, 0, r, v, reflect ? v[r] : 0, pending, w, p);
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

// Removes rows first … row − 1 of x (unit, n each) from row `row`, one after the other; returns the length that is left.
EXPORT(orthogonalise)
f64 orthogonalise(f64 *x, int row, int first, int n) {
  f64 *y = x + (long)row * n;
  for (int r = first; r < row; r++) {
    const f64 *v = x + (long)r * n;
    f64x2 sum2 = {0, 0}, tum2 = {0, 0};
    f64 sum = 0;
    int j = 0;
    for (; j + 4 <= n; j += 4) {
      sum2 += *(const f64x2u *)(v + j) * *(const f64x2u *)(y + j);
      tum2 += *(const f64x2u *)(v + j + 2) * *(const f64x2u *)(y + j + 2);
    }
    for (; j < n; j++) sum += v[j] * y[j];
    sum2 += tum2;
    f64 s = sum + (sum2[0] + sum2[1]);
    f64x2 s2 = {s, s};
    for (j = 0; j + 2 <= n; j += 2) *(f64x2u *)(y + j) -= s2 * *(const f64x2u *)(v + j);
    for (; j < n; j++) y[j] -= s * v[j];
  }
  f64 square = 0;
  for (int j = 0; j < n; j++) square += y[j] * y[j];
  return __builtin_sqrt(square);
}

// Sum over n rows of the Levenshtein distance between the first k of two lists of distinct numbers below n
// (Hyyrö 2001: a column of the table as bits, 64 cells a word). place is n work space filled with −1; positive and
// negative are ⌈k / 64⌉ words each.
EXPORT(edit_distances)
f64 edit_distances(const int *a, int stride_a, const int *b, int stride_b, int n, int k, int *place,
                   unsigned long long *positive, unsigned long long *negative) {
  typedef unsigned long long u64;
  int words = (k + 63) >> 6;
  u64 last = 1ULL << ((k - 1) & 63);
  f64 total = 0;
  for (int row = 0; row < n; row++) {
    const int *x = a + (long)row * stride_a, *y = b + (long)row * stride_b;
    for (int i = 0; i < k; i++) place[x[i]] = i;
    for (int w = 0; w < words; w++) {
      positive[w] = ~0ULL;
      negative[w] = 0;
    }
    int distance = k;
    for (int j = 0; j < k; j++) {
      int at = place[y[j]];
      int word = at >> 6;
      // Horizontal differences enter the top row as +1.
      u64 positive_in = 1, negative_in = 0;
      for (int w = 0; w < words; w++) {
        u64 pv = positive[w], mv = negative[w];
        u64 equal = w == word ? 1ULL << (at & 63) : 0;
        u64 xv = equal | mv;
        u64 match = equal | negative_in;
        u64 xh = (((match & pv) + pv) ^ pv) | match;
        u64 ph = mv | ~(xh | pv);
        u64 mh = pv & xh;
        if (w == words - 1) distance += (ph & last) ? 1 : (mh & last) ? -1 : 0;
        u64 positive_out = ph >> 63, negative_out = mh >> 63;
        ph = (ph << 1) | positive_in;
        mh = (mh << 1) | negative_in;
        positive[w] = mh | ~(xv | ph);
        negative[w] = ph & xv;
        positive_in = positive_out;
        negative_in = negative_out;
      }
    }
    total += distance;
    for (int i = 0; i < k; i++) place[x[i]] = -1;
  }
  return total;
}
