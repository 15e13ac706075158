/**
 * The margin and the relative bias of a configuration, and which nearest-neighbour searches succeed, in one pass.
 *
 *   m* = (min_i s_i,match(i) − max_{j ≠ match(i)} s_ij) / 2      half of the gap between the worst positive and negative
 *   b* = (min_i s_i,match(i) + max_{j ≠ match(i)} s_ij) / 2
 *
 * A configuration is a constellation (d, m, b) with m ≥ 0 exactly when m* ≥ 0. Everything called a *margin* in this
 * project is the half gap; the distance 2m* that some tables print is always called *full gap*.
 *
 * Three thresholds, m(zero) ≤ m(global) ≤ m(row): scores compared with 0, with one best number, with one for each row.
 *
 * Cost: one pass over the scores, O(N + M) memory beside the block. Source: arXiv 2509.18552, section 2 and Corollary 1.
 */
import type { Pairing } from "./Pairing.ts"
import { exactScores, type ScoreBlocks } from "./scores.ts"

export interface Margins {
  /** m*, the half gap under the best single threshold. Negative when some negative outscores some positive. */
  readonly margin: number
  /** 2 m*. */
  readonly fullGap: number
  /** b*, the best single threshold. */
  readonly relativeBias: number
  /** Half gap when the threshold is 0: min(min positive, −max negative). */
  readonly zeroMargin: number
  /** Half gap when each left row has its own threshold. */
  readonly rowMargin: number
  readonly minPositive: number
  readonly maxNegative: number
  readonly meanPositive: number
  readonly meanNegative: number
  /** Share of left rows whose partner outscores every other right row; a tie is a miss. */
  readonly leftToRight: number
  /** Share of right rows (with a partner) whose best left row is a partner; a tie with another is a miss. */
  readonly rightToLeft: number
}

export const measureMargins = (pairing: Pairing, scores: ScoreBlocks = exactScores): Margins => {
  const { columns, match, rows } = pairing
  let minPositive = Infinity
  let maxNegative = -Infinity
  let sumPositive = 0
  let sumNegative = 0
  let rowGap = Infinity
  let leftHits = 0
  const bestPartner = new Float64Array(columns).fill(-Infinity)
  const bestOther = new Float64Array(columns).fill(-Infinity)
  scores(pairing, (start, count, block) => {
    for (let i = 0; i < count; i++) {
      const offset = i * columns
      const partner = match[start + i]
      const positive = block[offset + partner]
      let highest = -Infinity
      let sum = 0
      for (let j = 0; j < columns; j++) {
        const score = block[offset + j]
        if (j === partner) continue
        sum += score
        if (score > highest) highest = score
        if (score > bestOther[j]) bestOther[j] = score
      }
      sumPositive += positive
      sumNegative += sum
      if (positive < minPositive) minPositive = positive
      if (highest > maxNegative) maxNegative = highest
      if (positive - highest < rowGap) rowGap = positive - highest
      if (positive > highest) leftHits++
      if (positive > bestPartner[partner]) bestPartner[partner] = positive
    }
  })
  let partnered = 0
  let rightHits = 0
  for (let j = 0; j < columns; j++) {
    if (bestPartner[j] === -Infinity) continue
    partnered++
    if (bestPartner[j] > bestOther[j]) rightHits++
  }
  const negatives = rows * (columns - 1)
  return {
    margin: (minPositive - maxNegative) / 2,
    fullGap: minPositive - maxNegative,
    relativeBias: (minPositive + maxNegative) / 2,
    zeroMargin: Math.min(minPositive, -maxNegative),
    rowMargin: rowGap / 2,
    minPositive,
    maxNegative,
    meanPositive: sumPositive / rows,
    meanNegative: negatives === 0 ? Number.NaN : sumNegative / negatives,
    leftToRight: leftHits / rows,
    rightToLeft: rightHits / partnered
  }
}
