/**
 * Eigenvalues and eigenvectors of a small symmetric matrix by cyclic Jacobi rotations: accurate to rounding and
 * independent of any starting guess. Cost about 10 n³ flops a sweep, 6 to 10 sweeps; meant for n up to a few hundred.
 * Source: Golub & Van Loan, Matrix Computations (4th ed.), section 8.5.
 */

export interface SymmetricEigen {
  /** Falling. */
  readonly values: Float64Array
  /** n × n; row i is the unit eigenvector of values[i], its entry of largest magnitude (the first such) positive. */
  readonly vectors: Float64Array
}

const MAX_SWEEPS = 60

/** Decomposes a symmetric n × n matrix. Throws a RangeError where an entry is not finite. */
export const symmetricEigen = (matrix: Float64Array, n: number): SymmetricEigen => {
  const a = matrix.slice()
  // Row i of v is the eigenvector in the making: rotations then touch contiguous rows.
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i++) v[i * n + i] = 1
  const total = a.reduce((sum, x) => sum + x * x, 0)
  if (!Number.isFinite(total))
    throw new RangeError("symmetricEigen: the matrix holds an entry that is not finite.")
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let off = 0
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) off += a[i * n + j] ** 2
    if (off <= total * 1e-30) break
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q)
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i] || i - j)
  const values = Float64Array.from(order, (i) => a[i * n + i])
  const vectors = new Float64Array(n * n)
  order.forEach((from, to) => {
    const row = v.subarray(from * n, (from + 1) * n)
    let largest = 0
    for (let i = 1; i < n; i++) if (Math.abs(row[i]) > Math.abs(row[largest])) largest = i
    const sign = row[largest] < 0 ? -1 : 1
    for (let i = 0; i < n; i++) vectors[to * n + i] = sign * row[i]
  })
  return { values, vectors }
}

/** One Jacobi rotation: zeroes entries (p, q) and (q, p) of a and turns rows p and q of v with them. */
const rotate = (a: Float64Array, v: Float64Array, n: number, p: number, q: number): void => {
  const apq = a[p * n + q]
  if (apq === 0) return
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let i = 0; i < n; i++) {
    const x = a[p * n + i]
    const y = a[q * n + i]
    a[p * n + i] = c * x - s * y
    a[q * n + i] = s * x + c * y
  }
  for (let i = 0; i < n; i++) {
    const x = a[i * n + p]
    const y = a[i * n + q]
    a[i * n + p] = c * x - s * y
    a[i * n + q] = s * x + c * y
  }
  for (let i = 0; i < n; i++) {
    const x = v[p * n + i]
    const y = v[q * n + i]
    v[p * n + i] = c * x - s * y
    v[q * n + i] = s * x + c * y
  }
}
