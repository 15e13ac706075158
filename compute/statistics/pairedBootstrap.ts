/**
 * The mean of paired differences with a percentile bootstrap interval.
 *
 * θ = mean(after_i − before_i); resample the differences with replacement `resamples` times, sort the means θ*, and take
 * the order statistics at (1 ∓ confidence)/2 (linear interpolation, as numpy's default quantile). Cost O(resamples · n).
 * Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), section 13.3.
 *
 * With few pairs (subsamples of one corpus, say) the interval is about resampling noise of that corpus only.
 */
import type { RandomStream } from "../random/RandomStream.ts"

export interface PairedChange {
  readonly mean: number
  readonly low: number
  readonly high: number
  /** How many pairs. */
  readonly count: number
}

const quantile = (sorted: Float64Array, share: number): number => {
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(sorted.length - 1, below + 1)
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!)
}

/** `differences` must not be empty; of a single difference the interval is that difference. */
export const pairedBootstrap = (
  differences: ReadonlyArray<number>,
  random: RandomStream,
  options: { readonly resamples: number; readonly confidence: number }
): PairedChange => {
  const count = differences.length
  if (count === 0) throw new RangeError("pairedBootstrap needs at least one difference.")
  const mean = differences.reduce((sum, value) => sum + value, 0) / count
  const means = new Float64Array(options.resamples)
  for (let resample = 0; resample < options.resamples; resample++) {
    let sum = 0
    for (let draw = 0; draw < count; draw++) sum += differences[random.integer(count)]!
    means[resample] = sum / count
  }
  means.sort()
  const tail = (1 - options.confidence) / 2
  return { mean, low: quantile(means, tail), high: quantile(means, 1 - tail), count }
}
