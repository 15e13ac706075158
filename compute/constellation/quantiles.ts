/**
 * Quantiles and histograms of scores in [−1, 1] from counts in 2²⁰ bins: exact to the bin's width, 1.9e-6, for any number
 * of scores. Within a bin the counts are spread evenly; the definition is the linear one (NumPy's default) up to that.
 */

const bins = 1 << 20

export interface ScoreCounter {
  readonly add: (score: number) => void
  readonly total: () => number
  /** The score below which a share q of the scores lies, 0 ≤ q ≤ 1. NaN without scores. */
  readonly quantile: (q: number) => number
  /** Counts in `coarse` equal bins over [−1, 1]; `coarse` divides 2²⁰ or the last bins are rounded to it. */
  readonly histogram: (coarse: number) => Float64Array
}

export const makeScoreCounter = (): ScoreCounter => {
  const counts = new Float64Array(bins)
  let total = 0
  return {
    add: (score) => {
      const bin = ((score + 1) * (bins / 2)) | 0
      counts[bin < 0 ? 0 : bin >= bins ? bins - 1 : bin]++
      total++
    },
    total: () => total,
    quantile: (q) => {
      if (total === 0) return Number.NaN
      const rank = q * (total - 1) + 0.5
      let below = 0
      for (let bin = 0; bin < bins; bin++) {
        if (below + counts[bin] >= rank && counts[bin] > 0) {
          return -1 + (2 * (bin + (rank - below) / counts[bin])) / bins
        }
        below += counts[bin]
      }
      return 1
    },
    histogram: (coarse) => {
      const result = new Float64Array(coarse)
      for (let bin = 0; bin < bins; bin++) result[Math.floor((bin * coarse) / bins)] += counts[bin]
      return result
    }
  }
}
