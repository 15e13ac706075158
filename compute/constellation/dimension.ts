/**
 * How many dimensions N pairs need at a margin m and a relative bias b: the bounds of Theorems 3.3 and 3.5 as numbers.
 *
 *   a = (1 + b − 3m) / (1 + b + m)
 *   −½ log₂(1 − a²)  ≤  rate  ≤  −½ log₂(1 − a)        bits of log₂ N for each dimension, as d → ∞
 *
 * so that d ≥ log₂N / (−½ log₂(1 − a)) is necessary and d ≥ log₂N / (−½ log₂(1 − a²)) is enough, both to leading order.
 *
 * Source: arXiv 2509.18552, Theorems 3.3 and 3.5 (they hold for m > 0, m + b < 1 and 3m < 1 + b). Half gap throughout.
 */

export interface DimensionBounds {
  /** The spherical-code threshold a that the pair (m, b) is equivalent to. */
  readonly threshold: number
  /** Bits per dimension that are known to be reachable (Theorem 3.3) and not to be exceeded (Theorem 3.5). */
  readonly reachableRate: number
  readonly largestRate: number
  /** Leading-order dimension below which N pairs cannot exist, and from which they do. Not rounded. */
  readonly necessaryDimension: number
  readonly sufficientDimension: number
}

/**
 * Bounds for `pairs` = N pairs. Throws a RangeError outside m > 0, m + b < 1, 3m < 1 + b, where the theorems say nothing.
 */
export const dimensionBounds = (margin: number, relativeBias: number, pairs: number): DimensionBounds => {
  if (!(margin > 0) || !(margin + relativeBias < 1) || !(3 * margin < 1 + relativeBias) || !(pairs >= 2)) {
    throw new RangeError(
      `No bound for margin ${margin}, relative bias ${relativeBias} and ${pairs} pairs: it takes m > 0, m + b < 1, 3m < 1 + b and at least 2 pairs.`
    )
  }
  const threshold = (1 + relativeBias - 3 * margin) / (1 + relativeBias + margin)
  const reachableRate = -0.5 * Math.log2(1 - threshold * threshold)
  const largestRate = -0.5 * Math.log2(1 - threshold)
  const bits = Math.log2(pairs)
  return {
    threshold,
    reachableRate,
    largestRate,
    necessaryDimension: bits / largestRate,
    sufficientDimension: bits / reachableRate
  }
}
