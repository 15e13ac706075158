/**
 * The paired difference of two settings scored on the same subsamples: mean of new − old with a percentile bootstrap
 * interval over the subsamples (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3).
 *
 * The subsamples come from one corpus and may share rows, so the interval speaks of the choice of rows and not of other
 * corpora. With few subsamples a percentile interval is somewhat too narrow.
 */
import { makeRandom } from "../random/RandomStream.ts"
import { meanAndDeviation } from "./scores.ts"

export interface PairedDifference {
  /** Subsamples with a value in both settings. */
  readonly count: number
  readonly meanOld: number
  readonly meanNew: number
  /** Mean of new − old. */
  readonly difference: number
  /** Standard deviation of the differences (ddof 1). */
  readonly sd: number
  readonly low: number
  readonly high: number
  readonly confidence: number
  /** Share of subsamples where the new value is strictly better. */
  readonly better: number
}

/**
 * Compares values paired by position; pairs with a missing value (null or NaN) are left out. Null where none is left.
 * The interval is a point where there is one pair. `seed` (any text) fixes the resamples.
 */
export const pairedDifference = (
  old: ReadonlyArray<number | null>,
  recent: ReadonlyArray<number | null>,
  options: {
    readonly direction: "higher" | "lower"
    readonly seed?: string
    readonly resamples?: number
    readonly confidence?: number
  }
): PairedDifference | null => {
  const { direction, seed = "paired difference", resamples = 2000, confidence = 0.95 } = options
  const before: Array<number> = []
  const after: Array<number> = []
  for (let i = 0; i < Math.min(old.length, recent.length); i++) {
    const x = old[i]
    const y = recent[i]
    if (x === null || y === null || !Number.isFinite(x) || !Number.isFinite(y)) continue
    before.push(x)
    after.push(y)
  }
  const count = before.length
  if (count === 0) return null
  const differences = after.map((y, i) => y - before[i])
  const { mean: difference, sd } = meanAndDeviation(differences)
  const random = makeRandom(seed, "bootstrap")
  const means = new Float64Array(resamples)
  for (let r = 0; r < resamples; r++) {
    let sum = 0
    for (let i = 0; i < count; i++) sum += differences[random.integer(count)]
    means[r] = sum / count
  }
  means.sort()
  const improved = differences.filter((d) => (direction === "higher" ? d > 0 : d < 0)).length
  return {
    count,
    meanOld: meanAndDeviation(before).mean,
    meanNew: meanAndDeviation(after).mean,
    difference,
    sd,
    low: quantile(means, (1 - confidence) / 2),
    high: quantile(means, (1 + confidence) / 2),
    confidence,
    better: improved / count
  }
}

/** Linear interpolation between order statistics of a sorted sample. */
const quantile = (sorted: Float64Array, share: number): number => {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
}
