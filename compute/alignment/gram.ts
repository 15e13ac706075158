/**
 * Gram matrices K = X Xᵀ in float64, from dense or sparse rows.
 *
 * Dense: n² · d flops in a SIMD kernel. Sparse: Σ_f c_f² multiply-adds over features f with c_f non-zeros (a posting list
 * for each feature); X is never made dense. Entry (i, j) has the bits of entry (j, i).
 */
import { gramByColumns, productsByColumns } from "./kernels/Kernels.ts"
import { columnsOf, isCompressed } from "./rows.ts"
import type { CompressedRows, DenseRows, Rows } from "./rows.ts"

/** K = X Xᵀ, n × n, row-major. */
export const gram = (rows: Rows): Float64Array => {
  const n = rows.rows
  if (!isCompressed(rows)) return gramByColumns(n, columnsOf(rows, 0, n), rows.dims)
  const result = new Float64Array(n * n)
  const postings = postingsOf(rows)
  for (let i = 0; i < n; i++) addProducts(rows, i, postings, result.subarray(i * n, (i + 1) * n))
  return result
}

/** V Xᵀ, the products of a few dense rows with all rows of X, by blocks of X: v.rows × x.rows, row-major. */
export const productsWith = (v: DenseRows, x: DenseRows, blockRows: number): Float64Array => {
  const n = x.rows
  const result = new Float64Array(v.rows * n)
  for (let first = 0; first < n; first += blockRows) {
    const count = Math.min(blockRows, n - first)
    productsByColumns(
      v.rows,
      columnsOf(v, 0, v.rows),
      count,
      columnsOf(x, first, count),
      x.dims,
      (product) => {
        for (let r = 0; r < v.rows; r++)
          result.set(product.subarray(r * count, (r + 1) * count), r * n + first)
      }
    )
  }
  return result
}

/** The transpose of sparse rows: feature f is active in rows `member[start[f] … start[f + 1]]`, rising, with `value`. */
export interface Postings {
  readonly start: Float64Array
  readonly member: Uint32Array
  readonly value: Float64Array
}

export const postingsOf = (rows: CompressedRows): Postings => {
  const start = new Float64Array(rows.dims + 1)
  for (let p = 0; p < rows.indices.length; p++) start[rows.indices[p] + 1]++
  for (let f = 0; f < rows.dims; f++) start[f + 1] += start[f]
  const next = start.slice()
  const member = new Uint32Array(rows.indices.length)
  const value = new Float64Array(rows.indices.length)
  for (let i = 0; i < rows.rows; i++) {
    for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) {
      const at = next[rows.indices[p]]++
      member[at] = i
      value[at] = rows.values?.[p] ?? 1
    }
  }
  return { start, member, value }
}

/** Adds ⟨row i of `rows`, row j of the posted matrix⟩ to target[j] for every j. */
export const addProducts = (
  rows: CompressedRows,
  i: number,
  { start, member, value }: Postings,
  target: Float64Array
): void => {
  for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) {
    const feature = rows.indices[p]
    const own = rows.values?.[p] ?? 1
    const to = start[feature + 1]
    for (let at = start[feature]; at < to; at++) target[member[at]] += own * value[at]
  }
}
