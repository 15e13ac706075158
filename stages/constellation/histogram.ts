/** Histograms of positive and negative scores over [−1, 1]. */
import type { Pairing } from "../../compute/constellation/Pairing.ts"
import { exactScores } from "../../compute/constellation/scores.ts"
import type { RunName } from "./batch.ts"

export interface Counts {
  readonly bins: number
  readonly positive: Float64Array
  readonly negative: Float64Array
}

export interface ScoreCounts extends Counts {
  readonly add: (pairing: Pairing) => void
}

export const countScores = (bins: number): ScoreCounts => {
  const positive = new Float64Array(bins)
  const negative = new Float64Array(bins)
  return {
    bins,
    positive,
    negative,
    add: (pairing) =>
      exactScores(pairing, (start, count, scores) => {
        for (let i = 0; i < count; i++) {
          for (let j = 0; j < pairing.columns; j++) {
            const bin = Math.floor(((scores[i * pairing.columns + j] + 1) / 2) * bins)
            const counts = j === pairing.match[start + i] ? positive : negative
            counts[Math.min(bins - 1, Math.max(0, bin))]++
          }
        }
      })
  }
}

export const histogramRows = (name: RunName, { bins, negative, positive }: Counts) =>
  [
    { side: "positive", counts: positive },
    { side: "negative", counts: negative }
  ].flatMap(({ counts, side }) =>
    Array.from(counts, (count, bin) => ({
      ...name,
      side,
      low: -1 + (2 * bin) / bins,
      high: -1 + (2 * (bin + 1)) / bins,
      count
    }))
  )
