/**
 * The region of (margin, relative bias) that constellations of N pairs can reach, and how far inside a point lies.
 *
 *   alignment slack   1 − (m + b)               scores of unit vectors are at most 1
 *   spread slack      1 + b − (3 − 4/N) m       N pairs cannot all repel each other further
 *
 * Both are ≥ 0 for every constellation, already when the worst positive and negative scores are replaced by the averages,
 * whatever the dimension is. The three sides of the region meet at (m, b) = (½, ½) as N → ∞.
 *
 * Source: arXiv 2509.18552, Theorem 3.4. Takes the half gap m; a full gap here would put true constellations outside.
 */

export interface RegionSlack {
  /** 1 − (m + b). */
  readonly alignmentSlack: number
  /** 1 + b − (3 − 4/N) m. */
  readonly spreadSlack: number
  /** The smaller of the two: negative outside the region. */
  readonly slack: number
}

/** Slack of a half gap `margin` at `relativeBias` for `pairs` = N pairs. */
export const regionSlack = (margin: number, relativeBias: number, pairs: number): RegionSlack => {
  const alignmentSlack = 1 - (margin + relativeBias)
  const spreadSlack = 1 + relativeBias - (3 - 4 / pairs) * margin
  return { alignmentSlack, spreadSlack, slack: Math.min(alignmentSlack, spreadSlack) }
}

/** The largest half gap that Theorem 3.4 allows at a relative bias b in [−1, 1], in any dimension. */
export const largestMargin = (relativeBias: number, pairs: number): number =>
  Math.max(0, Math.min(1 - relativeBias, (1 + relativeBias) / (3 - 4 / pairs)))
