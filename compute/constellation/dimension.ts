/**
 * How many dimensions N pairs need at a margin m and a relative bias b.
 *
 *   a = (1 + b − 3m) / (1 + b + m)
 *
 * For every N and d, a constellation of N pairs is a spherical code of N points with inner products ≤ a, to within one
 * dimension:
 *
 *   necessary    The midpoints z_i = (U_i + V_i)/2 have ρ_i = ‖z_i‖² = (1 + s_ii)/2 ≥ (1 + b + m)/2, and with
 *                ‖z_i − z_j‖² = ‖(U_i − U_j) − (V_i − V_j)‖²/4 + ⟨U_i − U_j, V_i − V_j⟩ ≥ s_ii + s_jj − s_ij − s_ji
 *                             ≥ 2(ρ_i + ρ_j) − 2(1 + b − m)
 *                their inner products are at most (1 + b − m) − (ρ_i + ρ_j)/2, so that their cosines are at most
 *                (1 + b − m)/√(ρ_i ρ_j) − 1 ≤ a. (1 + b − m ≥ 0, because no score is below −1.) They are a code in d dimensions.
 *   sufficient   X a code with inner products ≤ a in d − 1 dimensions, δ² = (1 + b + m)/2, r² = 1 − δ²: U = (δX, r), V = (δX, −r)
 *                has s_ii = δ² − r² = b + m and s_ij ≤ δ² a − r² = b − m. (Construction 1 with φ = 0; where m + b = 1, r is 0 and
 *                one dimension less is enough.)
 *
 * So `necessaryDimension` (no code in fewer dimensions) and `sufficientDimension` (a known code, and one) hold at the N that
 * is asked for. With a < 0 the former is 1 − 1/a ≥ N, which is Theorem 3.4, and N − 1 dimensions.
 *
 * The paper's Theorems 3.3 and 3.5 give rates, bits of log₂ N a dimension as d → ∞ with m and b fixed:
 *
 *   −½ log₂(1 − a²)  ≤  rate  ≤  −½ log₂(1 − a)
 *
 * log₂N divided by them is an estimate to leading order and no bound: at N = 50, m = .3, b = −.05 it says 191.7 where 50
 * dimensions are enough. They are named `asymptotic…`.
 *
 * Source: the midpoints and δ are ours; arXiv 2509.18552, Theorems 3.3 to 3.5, for the rest. Half gap throughout.
 */
import { codeDimsAtLeast, leastCodeDims } from "./codeBounds.ts"

export interface DimensionBounds {
  /** The spherical-code threshold a that the pair (m, b) is equivalent to. */
  readonly threshold: number
  /** No constellation of N pairs has fewer dimensions; whole, and true at this N. */
  readonly necessaryDimension: number
  /** A constellation of N pairs with this many dimensions exists; whole, and true at this N. */
  readonly sufficientDimension: number
  /**
   * Bits per dimension that are known to be reachable (Theorem 3.3) and not to be exceeded (Theorem 3.5), as d → ∞; null
   * outside their range m + b < 1, 3m < 1 + b.
   */
  readonly reachableRate: number | null
  readonly largestRate: number | null
  /** log₂N over the rates: estimates to leading order, not bounds at a finite N. */
  readonly asymptoticNecessaryDimension: number | null
  readonly asymptoticSufficientDimension: number | null
}

/**
 * Bounds for `pairs` = N pairs. Throws a RangeError where no constellation of N pairs has that margin and relative bias in
 * any dimension (Theorem 3.4: m + b ≤ 1 and (3 − 4/N) m ≤ 1 + b), or where it is not asked for one (m ≤ 0, N < 2).
 */
export const dimensionBounds = (margin: number, relativeBias: number, pairs: number): DimensionBounds => {
  const aligned = margin + relativeBias
  const spread = (3 - 4 / pairs) * margin <= (1 + relativeBias) * (1 + 1e-12)
  if (!(margin > 0) || !(pairs >= 2) || !Number.isInteger(pairs) || !(aligned <= 1 + 1e-12) || !spread) {
    throw new RangeError(
      `No constellation of ${pairs} pairs has margin ${margin} at relative bias ${relativeBias}: it takes a whole number of at least 2 pairs, m > 0, m + b ≤ 1 and (3 − 4/N) m ≤ 1 + b.`
    )
  }
  const threshold = (1 + relativeBias - 3 * margin) / (1 + relativeBias + margin)
  const apart = aligned < 1 - 1e-12
  const bits = Math.log2(pairs)
  const rates =
    apart && threshold > 0
      ? { reachable: -0.5 * Math.log2(1 - threshold * threshold), largest: -0.5 * Math.log2(1 - threshold) }
      : undefined
  return {
    threshold,
    necessaryDimension: codeDimsAtLeast(pairs, threshold),
    sufficientDimension: leastCodeDims(pairs, threshold) + (apart ? 1 : 0),
    reachableRate: rates?.reachable ?? null,
    largestRate: rates?.largest ?? null,
    asymptoticNecessaryDimension: rates === undefined ? null : bits / rates.largest,
    asymptoticSufficientDimension: rates === undefined ? null : bits / rates.reachable
  }
}
