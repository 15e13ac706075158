/**
 * Sparse matrices in float64, in compressed rows: row i holds columns `indices[indptr[i] .. indptr[i + 1]]` with `values`
 * beside them. Dense operands are row-major.
 */

export interface SparseMatrix {
  readonly rows: number
  readonly columns: number
  /** Length rows + 1. */
  readonly indptr: Uint32Array
  readonly indices: Uint32Array
  readonly values: Float64Array
}

/** A · X for a dense X of columns × width; the result is rows × width. Cost: 2 · nnz · width flops. */
export const multiply = (a: SparseMatrix, x: Float64Array, width: number): Float64Array => {
  const { indptr, indices, values } = a
  const result = new Float64Array(a.rows * width)
  for (let i = 0; i < a.rows; i++) {
    const target = i * width
    for (let at = indptr[i]; at < indptr[i + 1]; at++) {
      const value = values[at]
      const source = indices[at] * width
      for (let j = 0; j < width; j++) result[target + j] += value * x[source + j]
    }
  }
  return result
}

/** Aᵀ, with rising column indices in every row. Cost O(nnz + columns). */
export const transpose = (a: SparseMatrix): SparseMatrix => {
  const nonZeros = a.indices.length
  const indptr = new Uint32Array(a.columns + 1)
  for (let at = 0; at < nonZeros; at++) indptr[a.indices[at] + 1]++
  for (let j = 0; j < a.columns; j++) indptr[j + 1] += indptr[j]
  const next = indptr.slice()
  const indices = new Uint32Array(nonZeros)
  const values = new Float64Array(nonZeros)
  for (let i = 0; i < a.rows; i++) {
    for (let at = a.indptr[i]; at < a.indptr[i + 1]; at++) {
      const to = next[a.indices[at]]++
      indices[to] = i
      values[to] = a.values[at]
    }
  }
  return { rows: a.columns, columns: a.rows, indptr, indices, values }
}
