/**
 * Compressed rows without the columns that nothing is stored in, and their second moment XᵀX.
 *
 * A dictionary has many more features than fire on a subsample; what is cubic in the columns should be cubic in those that
 * do. Cost Σ_i nnz(x_i)² + columns².
 */
import type { CompressedRows } from "./rows.ts"

/** The same rows, columns renumbered in their order. XXᵀ is unchanged. */
export const activeColumns = (rows: CompressedRows): CompressedRows => {
  const place = new Int32Array(rows.dims).fill(-1)
  for (let p = 0; p < rows.indices.length; p++) place[rows.indices[p]] = 0
  let dims = 0
  for (let j = 0; j < rows.dims; j++) if (place[j] === 0) place[j] = dims++
  return { ...rows, dims, indices: rows.indices.map((column) => place[column]) }
}

/** XᵀX, dims × dims. */
export const sparseMoment = (rows: CompressedRows): Float64Array => {
  const { dims, indptr, indices, values } = rows
  const moment = new Float64Array(dims * dims)
  for (let i = 0; i < rows.rows; i++) {
    const to = indptr[i + 1]
    for (let p = indptr[i]; p < to; p++) {
      const own = values?.[p] ?? 1
      const row = indices[p] * dims
      for (let q = indptr[i]; q < to; q++) moment[row + indices[q]] += own * (values?.[q] ?? 1)
    }
  }
  return moment
}
