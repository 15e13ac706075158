/**
 * SVCCA (Raghu et al., NeurIPS 2017) as arXiv 2605.28870 uses it: U and V, the q leading left singular vectors of X and of
 * Y (neither centred nor scaled; with `zscore`, columns standardised first), then the mean of the q canonical correlations
 * of U and V: the singular values of Q_Uᵀ Q_V, where Q are orthonormal bases of the column-centred U and V.
 *
 * Exact and in float64, where the reference uses a randomised SVD, an iterative CCA and random jitter. X is decomposed
 * through the smaller of X Xᵀ and Xᵀ X. NaN where q is above the rank of a view, or where a direction of U is constant. Where
 * singular values are equal (counts of categories), the vectors are a random basis of their space, drawn for each view apart:
 * one that followed from the order of the rows would be the same in two views.
 *
 * Cost a view: 4/3 m³ with m = min(n, d), and n · q²; a pair: 2 n q² flops. Correlations near 0 are accurate to 1e-8.
 */
import { createHash } from "node:crypto"
import { makeRandom } from "../random/RandomStream.ts"
import { activeColumns, sparseMoment } from "./activeColumns.ts"
import { largestEigen } from "./eigen.ts"
import type { Eigen } from "./eigen.ts"
import { gram, productsWith } from "./gram.ts"
import { centredOrthonormalRows, gramByColumns, products } from "./kernels/Kernels.ts"
import { isCompressed, meanRow, transposeOf } from "./rows.ts"
import type { CompressedRows, DenseRows, Rows } from "./rows.ts"

/** An orthonormal basis of the centred leading left singular vectors, nested: the first q rows serve every smaller q. */
export interface CcaBasis {
  readonly n: number
  /** How many directions there are: at most what was asked for, fewer where the rank or a constant direction stops it. */
  readonly size: number
  /** size × n. */
  readonly vectors: Float64Array
}

/** Above this size of min(n, d) the decomposition would take minutes; there is no basis then. */
export const LARGEST_DECOMPOSITION = 6000

/** The basis of a view for SVCCA up to dimension q; `whole` is its Gram matrix where the caller has it. */
export const ccaBasis = (view: Rows, q: number, whole?: Float64Array): CcaBasis => {
  const rows = isCompressed(view) ? activeColumns(view) : view
  const n = rows.rows
  const wanted = Math.min(q, n - 1, rows.dims)
  if (wanted < 1 || Math.min(n, rows.dims) > LARGEST_DECOMPOSITION) {
    return { n, size: 0, vectors: new Float64Array(0) }
  }
  return centredBasis(rows.dims < n ? throughFeatures(rows, wanted) : throughGram(rows, wanted, whole), n)
}

/** Columns standardised to mean 0 and standard deviation 1 (ddof 1, + 1e-8), as arXiv 2405.07987's code does. */
export const standardiseColumns = (rows: DenseRows): DenseRows => {
  const { rows: n, dims, data } = rows
  const mean = meanRow(rows)
  const scale = new Float64Array(dims)
  for (let i = 0, p = 0; i < n; i++) for (let j = 0; j < dims; j++, p++) scale[j] += (data[p] - mean[j]) ** 2
  for (let j = 0; j < dims; j++) scale[j] = 1 / (Math.sqrt(scale[j] / (n - 1)) + 1e-8)
  const standard = new Float64Array(n * dims)
  for (let i = 0, p = 0; i < n; i++)
    for (let j = 0; j < dims; j++, p++) standard[p] = (data[p] - mean[j]) * scale[j]
  return { rows: n, dims, data: standard }
}

const rankOf = (values: Float64Array, wanted: number, size: number): number => {
  const floor = values[0] * size * 2 ** -52 * 4
  let rank = 0
  while (rank < wanted && values[rank] > floor) rank++
  return rank
}

/** Eigenvalues closer than this share of the largest are equal but for rounding. */
const EQUAL = 2 ** -40

/** The `wanted` leading eigenvectors, those of equal eigenvalues turned at random within the space of all of those. */
const leadingEigen = (matrix: Float64Array, n: number, wanted: number): Eigen => {
  const found = largestEigen(matrix, n, wanted)
  const { values } = found
  const equal = (i: number): boolean =>
    i < n && values[i] > 0 && values[i - 1] - values[i] <= EQUAL * values[0]
  let end = wanted
  while (equal(end)) end++
  if (end === wanted && !values.subarray(0, wanted).some((_, i) => i > 0 && equal(i))) return found
  const { vectors } = end === wanted ? found : largestEigen(matrix, n, end)
  const bytes = new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength)
  const random = makeRandom(createHash("sha256").update(bytes).digest("hex"), "equal eigenvalues")
  const turned = new Float64Array(wanted * n)
  for (let from = 0; from < wanted;) {
    let to = from + 1
    while (equal(to)) to++
    for (let r = from; r < Math.min(to, wanted); r++) {
      const row = turned.subarray(r * n, (r + 1) * n)
      let square = 0
      for (let g = from; g < to; g++) {
        const weight = to === from + 1 ? 1 : random.gaussian()
        square += weight * weight
        for (let j = 0; j < n; j++) row[j] += weight * vectors[g * n + j]
      }
      for (let j = 0; j < n; j++) row[j] /= Math.sqrt(square)
    }
    from = to
  }
  return { values, vectors: turned }
}

const throughGram = (rows: Rows, wanted: number, whole?: Float64Array): Float64Array => {
  const n = rows.rows
  const { values, vectors } = leadingEigen(whole ?? gram(rows), n, wanted)
  return vectors.subarray(0, rankOf(values, wanted, Math.max(n, rows.dims)) * n)
}

/** XᵀX = V Λ Vᵀ, U = X V Λ^(−1/2). */
const throughFeatures = (rows: Rows, wanted: number): Float64Array => {
  const { rows: n, dims } = rows
  const moment = isCompressed(rows)
    ? sparseMoment(rows)
    : gramByColumns(dims, transposeOf(rows, 0, dims, new Float64Array(dims)), n)
  const { values, vectors } = leadingEigen(moment, dims, wanted)
  const rank = rankOf(values, wanted, Math.max(n, dims))
  if (rank === 0) return new Float64Array(0)
  for (let r = 0; r < rank; r++) {
    const scale = 1 / Math.sqrt(values[r])
    for (let j = r * dims; j < (r + 1) * dims; j++) vectors[j] *= scale
  }
  const v: DenseRows = { rows: rank, dims, data: vectors.subarray(0, rank * dims) }
  return isCompressed(rows) ? sparseProjection(v, rows) : productsWith(v, rows, 1024)
}

/** V Xᵀ, rank × n. */
const sparseProjection = (v: DenseRows, rows: CompressedRows): Float64Array => {
  const { rows: n, dims } = rows
  const left = new Float64Array(v.rows * n)
  for (let r = 0; r < v.rows; r++) {
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) {
        sum += v.data[r * dims + rows.indices[p]] * (rows.values?.[p] ?? 1)
      }
      left[r * n + i] = sum
    }
  }
  return left
}

const centredBasis = (left: Float64Array, n: number): CcaBasis => {
  const vectors = centredOrthonormalRows(left, n, 1e-8)
  return { n, size: vectors.length / n, vectors }
}

/** Q_Aᵀ Q_B for the first q directions, q × q; row i of `b` is taken to be its row `order[i]`. */
export const ccaProduct = (a: CcaBasis, b: CcaBasis, q: number, order?: Uint32Array): Float64Array => {
  const { n } = a
  let right = b.vectors.subarray(0, q * n)
  if (order !== undefined) {
    const permuted = new Float64Array(q * n)
    for (let r = 0; r < q; r++) for (let i = 0; i < n; i++) permuted[r * n + i] = right[r * n + order[i]]
    right = permuted
  }
  return products(a.vectors.subarray(0, q * n), q, right, q, n)
}

/** The q canonical correlations, falling, from a product of at least q × q (`size` is its side). */
export const canonicalCorrelations = (product: Float64Array, size: number, q: number): Float64Array => {
  const leading = new Float64Array(q * q)
  for (let i = 0; i < q; i++) leading.set(product.subarray(i * size, i * size + q), i * q)
  const square = products(leading, q, leading, q, q)
  return largestEigen(square, q, 0).values.map((value) => Math.min(1, Math.sqrt(Math.max(0, value))))
}
