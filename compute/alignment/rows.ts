/**
 * What the metrics are computed from: n rows of d numbers, dense or compressed sparse. Row i of one view and row i of
 * another stand for the same thing; joining by key is done before.
 */
import type { FillColumns } from "./kernels/Kernels.ts"
import { rowScale } from "./lengths.ts"

/** Row-major, n × d. */
export interface DenseRows {
  readonly rows: number
  readonly dims: number
  readonly data: Float32Array | Float64Array
}

/** Row i holds `values[indptr[i] … indptr[i + 1]]` at columns `indices[…]`, in rising order; no values: all stored are 1. */
export interface CompressedRows {
  readonly rows: number
  readonly dims: number
  readonly indptr: Float64Array | Uint32Array
  readonly indices: Uint32Array
  readonly values?: Float32Array | Float64Array
}

export type Rows = DenseRows | CompressedRows

export const isCompressed = (rows: Rows): rows is CompressedRows => "indptr" in rows

/** The rows at `index`, in that order. */
export const selectRows = (rows: Rows, index: ArrayLike<number>): Rows =>
  isCompressed(rows) ? selectCompressed(rows, index) : selectDense(rows, index)

export const selectDense = (rows: DenseRows, index: ArrayLike<number>): DenseRows => {
  const { dims, data } = rows
  const Data = data instanceof Float32Array ? Float32Array : Float64Array
  const selected = new Data(index.length * dims)
  for (let i = 0; i < index.length; i++) {
    selected.set(data.subarray(index[i] * dims, (index[i] + 1) * dims), i * dims)
  }
  return { rows: index.length, dims, data: selected }
}

const selectCompressed = (rows: CompressedRows, index: ArrayLike<number>): CompressedRows => {
  const indptr = new Float64Array(index.length + 1)
  for (let i = 0; i < index.length; i++) {
    indptr[i + 1] = indptr[i] + rows.indptr[index[i] + 1] - rows.indptr[index[i]]
  }
  const stored = indptr[index.length]
  const indices = new Uint32Array(stored)
  const Values = rows.values instanceof Float32Array ? Float32Array : Float64Array
  const values = rows.values === undefined ? undefined : new Values(stored)
  for (let i = 0; i < index.length; i++) {
    const from = rows.indptr[index[i]]
    const to = rows.indptr[index[i] + 1]
    indices.set(rows.indices.subarray(from, to), indptr[i])
    values?.set(rows.values!.subarray(from, to), indptr[i])
  }
  return { rows: index.length, dims: rows.dims, indptr, indices, ...(values === undefined ? {} : { values }) }
}

/** Every row divided by its length; rows of zeros stay as they are. */
export const unitRows = (rows: CompressedRows): CompressedRows => {
  const values = new Float64Array(rows.indices.length)
  for (let i = 0; i < rows.rows; i++) {
    const from = rows.indptr[i]
    const to = rows.indptr[i + 1]
    const scale = rows.values === undefined ? 1 : rowScale(rows.values, from, to - from)
    let sum = 0
    for (let p = from; p < to; p++) sum += ((rows.values?.[p] ?? 1) * scale) ** 2
    const by = sum === 0 ? 0 : 1 / Math.sqrt(sum)
    for (let p = from; p < to; p++) values[p] = (rows.values?.[p] ?? 1) * scale * by
  }
  return { ...rows, values }
}

/** Column sums of the rows divided by n, in float64. */
export const meanRow = (rows: Rows): Float64Array => {
  const mean = new Float64Array(rows.dims)
  if (isCompressed(rows)) {
    for (let p = 0; p < rows.indices.length; p++) mean[rows.indices[p]] += rows.values?.[p] ?? 1
  } else {
    for (let i = 0, p = 0; i < rows.rows; i++) {
      for (let j = 0; j < rows.dims; j++, p++) mean[j] += rows.data[p]
    }
  }
  for (let j = 0; j < rows.dims; j++) mean[j] /= rows.rows
  return mean
}

/** Hands rows `first … first + count` to a kernel, a chunk of columns at a time. */
export const columnsOf =
  (rows: DenseRows, first: number, count: number): FillColumns =>
  (target, from, width) => {
    for (let i = 0; i < count; i++) {
      const start = (first + i) * rows.dims + from
      target.set(rows.data.subarray(start, start + width), i * width)
    }
  }

/**
 * Hands columns `first … first + count`, less `mean`, to a kernel as rows, a chunk of the n rows at a time; `order`
 * permutes the n rows.
 */
export const transposeOf =
  (
    rows: DenseRows,
    first: number,
    count: number,
    mean: Float64Array,
    order?: ArrayLike<number>
  ): FillColumns =>
  (target, from, width) => {
    const { data, dims } = rows
    const startOf = (r: number): number => (order === undefined ? from + r : order[from + r]) * dims + first
    let r = 0
    // Four rows at a time, so that each cache line of the target is written once.
    for (; r + 4 <= width; r += 4) {
      const s0 = startOf(r)
      const s1 = startOf(r + 1)
      const s2 = startOf(r + 2)
      const s3 = startOf(r + 3)
      for (let j = 0, p = r; j < count; j++, p += width) {
        const m = mean[first + j]
        target[p] = data[s0 + j] - m
        target[p + 1] = data[s1 + j] - m
        target[p + 2] = data[s2 + j] - m
        target[p + 3] = data[s3 + j] - m
      }
    }
    for (; r < width; r++) {
      const start = startOf(r)
      for (let j = 0, p = r; j < count; j++, p += width) target[p] = data[start + j] - mean[first + j]
    }
  }
