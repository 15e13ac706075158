/**
 * Outliers clamped as in the code of arXiv 2405.07987 (prh): every entry to ±q, where q is the mean over rows of each row's
 * 0.95 quantile of |x| (linear interpolation between order statistics), then rows normalised to unit length. Not part of
 * any default: a way to reproduce that code's numbers.
 *
 * Two passes: `MeanRowQuantile` over all rows, then `clampBlock` block by block.
 */
import type { DenseRows } from "./rows.ts"
import { rowScale, scaledLength } from "./lengths.ts"

/** First pass: the mean over rows of a quantile of |x|. */
export class MeanRowQuantile {
  private readonly quantile: number
  private sum = 0
  private count = 0

  constructor(quantile: number) {
    this.quantile = quantile
  }

  add({ rows, dims, data }: DenseRows): void {
    for (let i = 0; i < rows; i++) {
      const sizes = Float64Array.from(data.subarray(i * dims, (i + 1) * dims), Math.abs).sort()
      const at = this.quantile * (dims - 1)
      const below = Math.floor(at)
      const above = Math.min(below + 1, dims - 1)
      this.sum += sizes[below] + (at - below) * (sizes[above] - sizes[below])
    }
    this.count += rows
  }

  get mean(): number {
    return this.sum / this.count
  }
}

/** Second pass: entries clamped to ±bound, rows divided by their length (rows of zeros stay). */
export const clampBlock = ({ rows, dims, data }: DenseRows, bound: number): Float32Array | Float64Array => {
  const clamped = data.map((x) => Math.min(bound, Math.max(-bound, x)))
  for (let i = 0; i < rows; i++) {
    const row = clamped.subarray(i * dims, (i + 1) * dims)
    const scale = rowScale(row, 0, dims)
    const length = scaledLength(row, 0, dims, scale)
    if (length === 0) continue
    for (let j = 0; j < dims; j++) row[j] = (row[j] * scale) / length
  }
  return clamped
}
