/**
 * Views of extreme scale. The metrics do not change when a view is multiplied by a number, but products of entries such as
 * 1e±160 leave float64. Factors are powers of two, so that nothing is rounded.
 */
import { inverseScale } from "./lengths.ts"
import { isCompressed } from "./rows.ts"
import type { Rows } from "./rows.ts"

/**
 * The factor that brings a view's largest entry to about 1, where the view must be scaled: its largest entry is outside
 * 2^±100, or one of its rows is below 2^−200. 1 for other views, and for float32, whose products float64 always holds.
 */
export const viewScale = (rows: Rows): number => {
  const data = isCompressed(rows) ? rows.values : rows.data
  if (data === undefined || data instanceof Float32Array) return 1
  let largest = 0
  let least = Infinity
  for (let i = 0; i < rows.rows; i++) {
    const from = isCompressed(rows) ? rows.indptr[i] : i * rows.dims
    const to = isCompressed(rows) ? rows.indptr[i + 1] : from + rows.dims
    let size = 0
    for (let p = from; p < to; p++) {
      const x = Math.abs(data[p])
      if (x > size) size = x
    }
    if (size > largest) largest = size
    if (size > 0 && size < least) least = size
  }
  const fits = largest <= 2 ** 100 && (largest === 0 || largest >= 2 ** -100) && least >= 2 ** -200
  return fits ? 1 : inverseScale(largest)
}

/** The rows with every entry multiplied by both factors, one after the other (one alone may leave float64). */
export const multiplied = (rows: Rows, factor: number, then: number = 1): Rows =>
  isCompressed(rows)
    ? { ...rows, values: Float64Array.from(rows.values ?? [], (x) => x * factor * then) }
    : { ...rows, data: Float64Array.from(rows.data, (x) => x * factor * then) }
