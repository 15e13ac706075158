/**
 * Centring, as everywhere in this project: row-normalise → subtract the mean row → row-normalise
 * (arXiv 2605.28870, reference script for centred embeddings):
 *
 * u_i = x_i / ‖x_i‖,  μ = (1/N) Σ u_i,  c_i = u_i − μ,  y_i = c_i / ‖c_i‖.
 *
 * That script adds 1e-12 to the lengths. Here nothing is added, so that rows of any scale are normalised, and rows that
 * point the same way become equal (one column becomes ±1); a row of zeros stays one, and c_i of length 1e-12 or less is what
 * rounding leaves of a row that is the mean: it has no direction and becomes zeros.
 *
 * Norms and the mean are float64, rows are rounded to their own precision once, at the end. The mean is taken over every
 * row given. Streaming (`MeanOfUnitRows`, then `centreBlock` block by block) and one-shot (`centreRows`) give the same bits
 * whatever the block size, because every sum runs over the rows in order.
 */
import type { DenseRows } from "./rows.ts"
import { rowScale, scaledLength } from "./lengths.ts"

const NO_DIRECTION = 1e-12

/** First pass: the mean of the row-normalised rows. */
export class MeanOfUnitRows {
  private readonly sum: Float64Array
  private count = 0

  constructor(dims: number) {
    this.sum = new Float64Array(dims)
  }

  /** Adds the rows of a block. */
  add({ rows, dims, data }: DenseRows): void {
    for (let i = 0; i < rows; i++) {
      const start = i * dims
      const scale = rowScale(data, start, dims)
      const length = scaledLength(data, start, dims, scale)
      if (length === 0) continue
      for (let j = 0; j < dims; j++) this.sum[j] += (data[start + j] * scale) / length
    }
    this.count += rows
  }

  get mean(): Float64Array {
    return this.sum.map((sum) => sum / this.count)
  }
}

/** Second pass: centres the rows of a block against the mean of all unit rows. */
export const centreBlock = <Rows extends DenseRows>(
  block: Rows,
  mean: Float64Array
): DenseRows & { readonly data: Rows["data"] } => {
  const { rows, dims, data } = block
  const Data = data instanceof Float32Array ? Float32Array : Float64Array
  const centred = new Data(rows * dims)
  const row = new Float64Array(dims)
  for (let i = 0; i < rows; i++) {
    const start = i * dims
    const scale = rowScale(data, start, dims)
    const length = scaledLength(data, start, dims, scale)
    const inverse = length === 0 ? 0 : scale
    const by = length === 0 ? 1 : length
    for (let j = 0; j < dims; j++) row[j] = (data[start + j] * inverse) / by - mean[j]
    const rest = scaledLength(row, 0, dims, 1)
    if (rest <= NO_DIRECTION) continue
    for (let j = 0; j < dims; j++) centred[start + j] = row[j] / rest
  }
  return { rows, dims, data: centred as Rows["data"] }
}

/** Centres a whole matrix: see the module comment. */
export const centreRows = <Rows extends DenseRows>(
  rows: Rows
): DenseRows & { readonly data: Rows["data"] } => {
  const mean = new MeanOfUnitRows(rows.dims)
  mean.add(rows)
  return centreBlock(rows, mean.mean)
}
