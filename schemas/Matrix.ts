/**
 * In-memory shapes of numeric data: what stages compute with and what the codecs store.
 *
 * A matrix is row-major: entry (row i, column j) is `data[i * dims + j]`. Every row has a key, and rows of two
 * matrices are joined by key, never by position.
 */

/** A row-major matrix of `keys.length` × `dims` numbers. float64 is kept where margins need it. */
export interface Matrix<Data extends Float32Array | Float64Array = Float32Array | Float64Array> {
  readonly keys: ReadonlyArray<string>
  readonly dims: number
  readonly data: Data
}

/** A run of consecutive rows of a matrix; `start` is the row number of its first row. */
export interface MatrixBlock extends Matrix {
  readonly start: number
}

/**
 * Compressed sparse rows: row i holds columns `indices[indptr[i] .. indptr[i + 1]]`, in rising order, with `values`
 * beside them (absent when every stored entry is 1).
 */
export interface SparseRows {
  readonly keys: ReadonlyArray<string>
  readonly dims: number
  readonly indptr: Float64Array | Uint32Array
  readonly indices: Uint32Array
  readonly values?: Float32Array
}

/** A dense tensor with its shape, row-major. */
export interface Tensor {
  readonly shape: ReadonlyArray<number>
  readonly data: Float32Array | Float64Array | Int32Array | Uint32Array
}
