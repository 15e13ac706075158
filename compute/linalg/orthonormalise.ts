/**
 * Orthonormal bases: X = Q R with QᵀQ = I to rounding.
 *
 * Columns that are well apart take Cholesky QR twice (Q = X L⁻ᵀ with L Lᵀ = XᵀX), which streams over rows: 4 n k² flops.
 * Others take Householder reflections, 4 n k² flops too but slower; where columns depend on each
 * other, Q is then completed with further orthonormal columns.
 * Sources: Yamamoto, Nakatsukasa, Yanagisawa & Fukaya, "Roundoff error analysis of the CholeskyQR2 algorithm", ETNA 44
 * (2015); Golub & Van Loan, Matrix Computations (4th ed.), section 5.2.
 */
import { cholesky } from "./cholesky.ts"
import { columnGram } from "./columnGram.ts"

/** Cholesky QR twice is exact to rounding for condition numbers up to about 1e8; this keeps well inside. */
const PIVOT_TOLERANCE = 1e-12

const dot = (a: Float64Array, b: Float64Array, from: number): number => {
  // Four running sums: faster, and a fixed order of additions.
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let i = from
  for (; i + 3 < a.length; i += 4) {
    s0 += a[i] * b[i]
    s1 += a[i + 1] * b[i + 1]
    s2 += a[i + 2] * b[i + 2]
    s3 += a[i + 3] * b[i + 3]
  }
  for (; i < a.length; i++) s0 += a[i] * b[i]
  return s0 + s1 + (s2 + s3)
}

/** target ← target − 2 (v·target) v over entries from `from` on: the reflection that v (unit) defines. */
const reflect = (v: Float64Array, target: Float64Array, from: number): void => {
  const scale = 2 * dot(v, target, from)
  if (scale === 0) return
  for (let i = from; i < target.length; i++) target[i] -= scale * v[i]
}

/** X L⁻ᵀ by forward substitution, four rows at a time. */
const solveRows = (x: Float64Array, lower: Float64Array, n: number, k: number): Float64Array => {
  const result = x.slice()
  const spare = new Float64Array(k)
  const row = (i: number) => (i < n ? result.subarray(i * k, (i + 1) * k) : spare)
  for (let i = 0; i < n; i += 4) {
    const r0 = row(i)
    const r1 = row(i + 1)
    const r2 = row(i + 2)
    const r3 = row(i + 3)
    for (let j = 0; j < k; j++) {
      const at = j * k
      let s0 = r0[j]
      let s1 = r1[j]
      let s2 = r2[j]
      let s3 = r3[j]
      for (let m = 0; m < j; m++) {
        const factor = lower[at + m]
        s0 -= factor * r0[m]
        s1 -= factor * r1[m]
        s2 -= factor * r2[m]
        s3 -= factor * r3[m]
      }
      const pivot = lower[at + j]
      r0[j] = s0 / pivot
      r1[j] = s1 / pivot
      r2[j] = s2 / pivot
      r3[j] = s3 / pivot
    }
  }
  return result
}

/** Cholesky QR twice; `undefined` where the columns are too close to dependent for it. */
const byCholesky = (x: Float64Array, n: number, k: number): Float64Array | undefined => {
  const first = cholesky(columnGram(x, n, k), k, PIVOT_TOLERANCE)
  if (first === undefined) return undefined
  const rough = solveRows(x, first, n, k)
  const second = cholesky(columnGram(rough, n, k), k, PIVOT_TOLERANCE)
  return second === undefined ? undefined : solveRows(rough, second, n, k)
}

/** Householder reflections: for columns of any rank. */
const byReflections = (x: Float64Array, n: number, k: number): Float64Array => {
  const columns = Array.from({ length: k }, (_, j) => {
    const column = new Float64Array(n)
    for (let i = 0; i < n; i++) column[i] = x[i * k + j]
    return column
  })
  // After step j, column j holds the unit vector of reflection j in its entries from j on.
  for (let j = 0; j < k; j++) {
    const column = columns[j]
    const norm = Math.sqrt(dot(column, column, j))
    // Away from cancellation: add the norm with the sign of the leading entry.
    column[j] += column[j] < 0 ? -norm : norm
    const length = Math.sqrt(dot(column, column, j))
    if (length > 0) for (let i = j; i < n; i++) column[i] /= length
    for (let other = j + 1; other < k; other++) reflect(column, columns[other], j)
  }
  const result = new Float64Array(n * k)
  const basis = new Float64Array(n)
  for (let j = 0; j < k; j++) {
    basis.fill(0)
    basis[j] = 1
    for (let step = j; step >= 0; step--) reflect(columns[step], basis, step)
    for (let i = 0; i < n; i++) result[i * k + j] = basis[i]
  }
  return result
}

/**
 * An orthonormal basis, n × k row-major, whose columns span those of `x` (n × k row-major, n ≥ k). `x` is left as it
 * is. Throws a RangeError where n < k.
 */
export const orthonormalise = (x: Float64Array, n: number, k: number): Float64Array => {
  if (n < k) throw new RangeError(`orthonormalise: ${k} columns cannot be orthonormal in ${n} dimensions.`)
  return byCholesky(x, n, k) ?? byReflections(x, n, k)
}
