/**
 * Centring, as everywhere in this project: row-normalise → subtract the mean row → row-normalise
 * (arXiv 2605.28870, reference script for centred embeddings):
 *
 * u_i = x_i / (‖x_i‖ + ε),  μ = (1/N) Σ u_i,  c_i = u_i − μ,  y_i = c_i / (‖c_i‖ + ε),  ε = 1e-12.
 *
 * Norms and the mean are float64, rows are rounded to their own precision once, at the end. The mean is taken over every
 * row given. Streaming (`MeanOfUnitRows`, then `centreBlock` block by block) and one-shot (`centreRows`) give the same bits
 * whatever the block size, because every sum runs over the rows in order.
 */
import type { DenseRows } from "./rows.ts"

const EPSILON = 1e-12

const lengthOf = (data: Float32Array | Float64Array, start: number, dims: number): number => {
  let largest = 0
  for (let j = 0; j < dims; j++) largest = Math.max(largest, Math.abs(data[start + j]))
  if (largest === 0) return 0
  let sum = 0
  if (largest > 1e100 || largest < 1e-100) {
    for (let j = 0; j < dims; j++) sum += (data[start + j] / largest) ** 2
    return largest * Math.sqrt(sum)
  }
  for (let j = 0; j < dims; j++) sum += data[start + j] * data[start + j]
  return Math.sqrt(sum)
}

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
      const length = lengthOf(data, start, dims) + EPSILON
      for (let j = 0; j < dims; j++) this.sum[j] += data[start + j] / length
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
    const length = lengthOf(data, start, dims) + EPSILON
    for (let j = 0; j < dims; j++) row[j] = data[start + j] / length - mean[j]
    const rest = lengthOf(row, 0, dims) + EPSILON
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
