/**
 * Lengths of rows of any scale. A row whose entries' squares leave float64 is multiplied by a power of two first, so that
 * nothing is rounded but what always is.
 */

/** 2^−e for the power of two e at or below x > 0, as far as float64 reaches; 1 for 0. */
export const inverseScale = (x: number): number =>
  x === 0 ? 1 : 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(x))))

/** Rows outside of this range are measured after scaling: their squares are not. */
const LARGE = 2 ** 400
const SMALL = 2 ** -400

/** A factor that a row should be multiplied by before it is squared; 1 for all but extreme rows. */
export const rowScale = (data: Float32Array | Float64Array, start: number, count: number): number => {
  let largest = 0
  for (let j = start; j < start + count; j++) {
    const size = Math.abs(data[j])
    if (size > largest) largest = size
  }
  return largest > LARGE || largest < SMALL ? inverseScale(largest) : 1
}

/** The Euclidean length of a row times `scale`. */
export const scaledLength = (
  data: Float32Array | Float64Array,
  start: number,
  count: number,
  scale: number
): number => {
  let sum = 0
  for (let j = start; j < start + count; j++) {
    const x = data[j] * scale
    sum += x * x
  }
  return Math.sqrt(sum)
}
