/**
 * The intervals that were printed before: the percentile bootstrap over ten subsamples drawn apart, which overlap; and the
 * delete-d jackknife over the same ten. Kept to count what they cover.
 */
import type { RandomStream } from "../../compute/random/RandomStream.ts"
import { meanOf } from "../../compute/statistics/subsampling.ts"
import { studentQuantile } from "../../compute/statistics/studentT.ts"

/** At most `size` rows, and four fifths of all where that is more. */
export const earlierRows = (common: number, size: number): number =>
  Math.min(size, Math.max(2, Math.floor((4 * common) / 5)))

const quantile = (sorted: Float64Array, share: number): number => {
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(sorted.length - 1, below + 1)
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!)
}

/** 95 % of the means of 2,000 resamples. */
export const bootstrap = (
  values: ReadonlyArray<number>,
  random: RandomStream
): readonly [low: number, high: number] => {
  const means = new Float64Array(2000)
  for (let resample = 0; resample < means.length; resample++) {
    let sum = 0
    for (let draw = 0; draw < values.length; draw++) sum += values[random.integer(values.length)]!
    means[resample] = sum / values.length
  }
  means.sort()
  return [quantile(means, 0.025), quantile(means, 0.975)]
}

/** mean ± t · sd · √(n/(N − n) + 1/m). */
export const jackknife = (
  values: ReadonlyArray<number>,
  rows: number,
  common: number
): readonly [low: number, high: number] => {
  const centre = meanOf(values)
  const m = values.length
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (m - 1)
  const half = studentQuantile(0.95, m - 1) * Math.sqrt(squares * (rows / (common - rows) + 1 / m))
  return [centre - half, centre + half]
}
