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

/**
 * A · X for a dense X of columns × width; the result is rows × width. Cost: 2 · nnz · width flops. Four entries of a row
 * are taken at a time, so that the row's sums are read and written once for four.
 */
export const multiply = (a: SparseMatrix, x: Float64Array, width: number): Float64Array => {
  const { indptr, indices, values } = a
  const result = new Float64Array(a.rows * width)
  const sums = new Float64Array(width)
  for (let i = 0; i < a.rows; i++) {
    sums.fill(0)
    const end = indptr[i + 1]
    let at = indptr[i]
    for (; at + 3 < end; at += 4) {
      const v0 = values[at]
      const v1 = values[at + 1]
      const v2 = values[at + 2]
      const v3 = values[at + 3]
      const s0 = indices[at] * width
      const s1 = indices[at + 1] * width
      const s2 = indices[at + 2] * width
      const s3 = indices[at + 3] * width
      for (let j = 0; j < width; j++)
        sums[j] += v0 * x[s0 + j] + v1 * x[s1 + j] + v2 * x[s2 + j] + v3 * x[s3 + j]
    }
    for (; at < end; at++) {
      const value = values[at]
      const source = indices[at] * width
      for (let j = 0; j < width; j++) sums[j] += value * x[source + j]
    }
    result.set(sums, i * width)
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
