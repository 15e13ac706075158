/**
 * The Hilbert–Schmidt independence criterion of two linear Gram matrices, biased and unbiased, and CKA from it.
 *
 * With K̄ = H K H (doubly centred, H = I − 11ᵀ/n), D = Σ_{i≠j} K̄_ij L̄_ij and E = Σ_i K̄_ii L̄_ii:
 *
 *   HSIC_b = tr(K H L H) = D + E                                               (not divided by (n − 1)²)
 *   HSIC_u = [D + tr K̄ · tr L̄ / ((n − 1)(n − 2)) − 2 E / (n − 2)] / (n (n − 3))   (Song et al., JMLR 13, 2012, eq. 5)
 *
 * HSIC_u does not change when any u_i + u_j is added to K_ij, so it may be taken from K̄, whose rows sum to zero: one pass
 * over n²/2 products gives both, and nothing large is subtracted from something large. All sums are float64.
 *
 * Two forms of the same numbers. `gram`: K̄ is kept, a pair costs n²/2 multiply-adds, a row permutation as much. `features`:
 * D + E = ‖X̄ᵀȲ‖² with column-centred X̄, Ȳ; memory is linear in n, a pair costs 2 n d_X d_Y flops.
 */
import { postingsOf } from "./gram.ts"
import { gramByColumns, productsByColumns } from "./kernels/Kernels.ts"
import { isCompressed, meanRow, transposeOf } from "./rows.ts"
import type { CompressedRows, DenseRows, Rows } from "./rows.ts"

interface Shared {
  readonly n: number
  /** K̄_ii and its sum. */
  readonly diagonal: Float64Array
  readonly trace: number
  /** Σ K̄_ij² with and without the diagonal, and Σ K_ij² of the Gram matrix as it was: what rounding is judged by. */
  readonly square: number
  readonly offDiagonalSquare: number
  readonly uncentredSquare: number
}

export type HsicTerms = Shared &
  (
    | { readonly form: "gram"; readonly centred: Float64Array }
    | { readonly form: "features"; readonly rows: Rows; readonly mean: Float64Array }
  )

/** D and E of the module comment. */
export interface CrossTerms {
  readonly offDiagonal: number
  readonly diagonal: number
}

/** The `gram` form, from K (n × n). */
export const hsicTermsOfGram = (gram: Float64Array, n: number): HsicTerms => {
  const rowMean = new Float64Array(n)
  let total = 0
  let uncentredSquare = 0
  for (let i = 0; i < n; i++) {
    let sum = 0
    for (let j = 0; j < n; j++) {
      const x = gram[i * n + j]
      sum += x
      uncentredSquare += x * x
    }
    rowMean[i] = sum / n
    total += rowMean[i]
  }
  const mean = total / n
  const centred = new Float64Array(n * n)
  const diagonal = new Float64Array(n)
  let trace = 0
  let offDiagonalSquare = 0
  let diagonalSquare = 0
  for (let i = 0; i < n; i++) {
    const shift = mean - rowMean[i]
    for (let j = 0; j < n; j++) {
      const x = gram[i * n + j] + shift - rowMean[j]
      centred[i * n + j] = x
      if (j < i) offDiagonalSquare += 2 * x * x
    }
    diagonal[i] = centred[i * n + i]
    trace += diagonal[i]
    diagonalSquare += diagonal[i] * diagonal[i]
  }
  const square = offDiagonalSquare + diagonalSquare
  return { form: "gram", n, centred, diagonal, trace, square, offDiagonalSquare, uncentredSquare }
}

/** The `features` form, from X. */
export const hsicTermsOfRows = (rows: Rows): HsicTerms => {
  const n = rows.rows
  const mean = meanRow(rows)
  let meanSquare = 0
  for (let j = 0; j < rows.dims; j++) meanSquare += mean[j] * mean[j]
  const diagonal = new Float64Array(n)
  // K_ij = K̄_ij + u_i + u_j with u_i = ⟨x_i, μ⟩ − ‖μ‖²/2; the rows of K̄ sum to zero.
  let sumU = 0
  let sumU2 = 0
  let trace = 0
  let diagonalSquare = 0
  for (let i = 0; i < n; i++) {
    let withMean = 0
    if (isCompressed(rows)) {
      let own = 0
      for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) {
        const x = rows.values?.[p] ?? 1
        own += x * x
        withMean += x * mean[rows.indices[p]]
      }
      diagonal[i] = own - 2 * withMean + meanSquare
    } else {
      let distance = 0
      for (let j = 0, p = i * rows.dims; j < rows.dims; j++, p++) {
        const x = rows.data[p]
        withMean += x * mean[j]
        distance += (x - mean[j]) ** 2
      }
      diagonal[i] = distance
    }
    const u = withMean - meanSquare / 2
    sumU += u
    sumU2 += u * u
    trace += diagonal[i]
    diagonalSquare += diagonal[i] * diagonal[i]
  }
  const square = isCompressed(rows)
    ? sparseCrossSquare(rows, mean, rows, mean)
    : sumOfSquares(gramByColumns(rows.dims, transposeOf(rows, 0, rows.dims, mean), n))
  const uncentredSquare = square + 2 * n * sumU2 + 2 * sumU * sumU
  const offDiagonalSquare = square - diagonalSquare
  return {
    form: "features",
    n,
    rows,
    mean,
    diagonal,
    trace,
    square,
    offDiagonalSquare,
    uncentredSquare
  }
}

/** D and E of two views; row i of `b` is taken to be its row `order[i]`. Throws a RangeError if the forms differ. */
export const crossTerms = (a: HsicTerms, b: HsicTerms, order?: Uint32Array): CrossTerms => {
  const { n } = a
  let diagonal = 0
  for (let i = 0; i < n; i++) diagonal += a.diagonal[i] * b.diagonal[order === undefined ? i : order[i]]
  if (a.form === "gram" && b.form === "gram") {
    const sum =
      order === undefined
        ? lowerDot(a.centred, b.centred, n)
        : permutedLowerDot(a.centred, b.centred, n, order)
    return { offDiagonal: 2 * sum, diagonal }
  }
  if (a.form === "features" && b.form === "features") {
    return { offDiagonal: crossSquare(a.rows, a.mean, b.rows, b.mean, order) - diagonal, diagonal }
  }
  throw new RangeError("Two views must be prepared in the same form.")
}

export const hsicBiased = ({ offDiagonal, diagonal }: CrossTerms): number => offDiagonal + diagonal

/** NaN for fewer than 4 rows. */
export const hsicUnbiased = (a: HsicTerms, b: HsicTerms, { offDiagonal, diagonal }: CrossTerms): number => {
  const { n } = a
  if (n < 4) return Number.NaN
  const sum = offDiagonal + (a.trace * b.trace) / ((n - 1) * (n - 2)) - (2 * diagonal) / (n - 2)
  return sum / (n * (n - 3))
}

/** A view's terms with itself. */
export const ownTerms = (a: HsicTerms): CrossTerms => ({
  offDiagonal: a.offDiagonalSquare,
  diagonal: a.square - a.offDiagonalSquare
})

/** Σ_{j<i} of the products of entries. Four running sums keep the adders busy; their order is fixed. */
const lowerDot = (a: Float64Array, b: Float64Array, n: number): number => {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let i = 1; i < n; i++) {
    const end = i * n + i
    let p = i * n
    for (; p + 4 <= end; p += 4) {
      s0 += a[p] * b[p]
      s1 += a[p + 1] * b[p + 1]
      s2 += a[p + 2] * b[p + 2]
      s3 += a[p + 3] * b[p + 3]
    }
    for (; p < end; p++) s0 += a[p] * b[p]
  }
  return s0 + s1 + (s2 + s3)
}

const permutedLowerDot = (a: Float64Array, b: Float64Array, n: number, permutation: Uint32Array): number => {
  const order = Int32Array.from(permutation)
  const rowB = new Float64Array(n)
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let i = 1; i < n; i++) {
    const rowA = a.subarray(i * n, i * n + i)
    // Copied in order first: gathering straight from memory would wait for every cache line in turn.
    rowB.set(b.subarray(order[i] * n, (order[i] + 1) * n))
    let j = 0
    for (; j + 4 <= i; j += 4) {
      s0 += rowA[j] * rowB[order[j]]
      s1 += rowA[j + 1] * rowB[order[j + 1]]
      s2 += rowA[j + 2] * rowB[order[j + 2]]
      s3 += rowA[j + 3] * rowB[order[j + 3]]
    }
    for (; j < i; j++) s0 += rowA[j] * rowB[order[j]]
  }
  return s0 + s1 + (s2 + s3)
}

const sumOfSquares = (values: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i]
  return sum
}

/** Columns of X taken at a time, so that a block of the cross-covariance stays small. */
const FEATURES = 512

/** ‖X̄ᵀȲ‖², in blocks of features. */
const crossSquare = (
  x: Rows,
  meanX: Float64Array,
  y: Rows,
  meanY: Float64Array,
  order?: Uint32Array
): number => {
  if (isCompressed(x)) return sparseCrossSquare(x, meanX, y, meanY, order)
  if (isCompressed(y))
    return sparseCrossSquare(y, meanY, x, meanX, order === undefined ? undefined : inverse(order))
  return denseCrossSquare(x, meanX, y, meanY, order)
}

const denseCrossSquare = (
  x: DenseRows,
  meanX: Float64Array,
  y: DenseRows,
  meanY: Float64Array,
  order?: Uint32Array
): number => {
  let sum = 0
  for (let top = 0; top < x.dims; top += FEATURES) {
    const height = Math.min(FEATURES, x.dims - top)
    for (let left = 0; left < y.dims; left += FEATURES) {
      const width = Math.min(FEATURES, y.dims - left)
      const fillX = transposeOf(x, top, height, meanX)
      const fillY = transposeOf(y, left, width, meanY, order)
      sum += productsByColumns(height, fillX, width, fillY, x.rows, sumOfSquares)
    }
  }
  return sum
}

/** ‖XᵀY − n μ_X μ_Yᵀ‖² a feature of X at a time: Σ_i nnz(x_i) · nnz(y_i) + d_X · d_Y multiply-adds. */
const sparseCrossSquare = (
  x: CompressedRows,
  meanX: Float64Array,
  y: Rows,
  meanY: Float64Array,
  order?: Uint32Array
): number => {
  const { start, member, value } = postingsOf(x)
  const row = new Float64Array(y.dims)
  let total = 0
  for (let f = 0; f < x.dims; f++) {
    const scale = -x.rows * meanX[f]
    if (scale === 0 && start[f] === start[f + 1]) continue
    for (let j = 0; j < row.length; j++) row[j] = scale * meanY[j]
    for (let at = start[f]; at < start[f + 1]; at++) {
      const i = order === undefined ? member[at] : order[member[at]]
      const v = value[at]
      if (isCompressed(y)) {
        for (let p = y.indptr[i]; p < y.indptr[i + 1]; p++) row[y.indices[p]] += v * (y.values?.[p] ?? 1)
      } else {
        for (let j = 0, p = i * y.dims; j < y.dims; j++, p++) row[j] += v * y.data[p]
      }
    }
    total += sumOfSquares(row)
  }
  return total
}

const inverse = (order: Uint32Array): Uint32Array => {
  const place = new Uint32Array(order.length)
  for (let i = 0; i < order.length; i++) place[order[i]] = i
  return place
}
