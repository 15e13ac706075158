/**
 * How many points a spherical code can have: N unit vectors in d dimensions whose pairwise inner products are at most a.
 * Both directions hold for every N and d; nothing here is asymptotic.
 *
 * At most (`largestCode`):
 *   a < 0   N ≤ 1 − 1/a, because 0 ≤ ‖Σx_i‖² ≤ N + N(N − 1)a; and N ≤ d + 1, because at most d + 1 vectors of ℝ^d have
 *           negative inner products with each other (Rankin, 1955)
 *   d = 2   N ≤ 2π / arccos a
 *   else    Delsarte's inequality. Let f(t) = Σ f_k P_k(t) in Gegenbauer polynomials (P_k(1) = 1) with f_k ≥ 0 and f_0 > 0,
 *           and f ≤ 0 on [−1, a]. Every matrix P_k(⟨x_i, x_j⟩) is positive semidefinite (Schoenberg, 1942), so
 *             N² f_0 ≤ Σ_ij f(⟨x_i, x_j⟩) ≤ N f(1),   N ≤ f(1) / f_0.
 *           Levenshtein's polynomials f(t) = (t − a) K_{k−1}(t, a)² and (t + 1)(t − a) K_{k−1}(t, a)², K the reproducing kernels
 *           of the weights (1 − t) and (1 − t²) times the sphere's, meet the conditions for a up to the largest zero t_k^{1,0}
 *           and t_k^{1,1} of the k-th orthogonal polynomial of that weight, and give
 *             L_{2k−1} = C(k + d − 3, k − 1) [ (2k + d − 3)/(d − 1) − (P_{k−1} − P_k) / ((1 − a) P_k) ]
 *             L_{2k}   = C(k + d − 2, k)     [ (2k + d − 1)/(d − 1) − (1 + a)(P_k − P_{k+1}) / ((1 − a)(P_k + P_{k+1})) ]
 *           with all P at a. Attained by the simplex, the cross-polytope, the icosahedron, the roots of E8, Leech's lattice.
 *
 * At least (`leastCodeDims` searches the least d among these):
 *   simplex d + 1 points, a = −1/d; cross-polytope 2d, a = 0; polygon 2π/arccos a in the plane; icosahedron 12, a = 1/√5;
 *   roots of D_d 2d(d − 1) and of E8 240, a = ½; and for a > 0 any maximal code: its caps {x: ⟨x, x_i⟩ > a} cover the sphere,
 *   so N is at least 1 / (a cap's share of the sphere), and with ∫_a^1 (1 − t²)^{(d−3)/2} dt ≤ (1 − a²)^{(d−1)/2} / (a (d − 1)) and
 *   Γ(x + ½) ≤ √x Γ(x) at least a √(2π(d − 1)) (1 − a²)^{−(d−1)/2}.
 *
 * Cost: one recurrence of as many steps as the polynomial's degree.
 * Source: Delsarte, Goethals & Seidel, "Spherical codes and designs", 1977; Levenshtein, "Universal bounds for codes and
 * designs", Handbook of Coding Theory, 1998; Shannon, 1959, for the caps.
 */

/** Beyond this a count says nothing about any N that is asked for. */
const countless = 1e300

/** An upper bound on the points of a code with inner products ≤ `threshold` in `dims` dimensions; Infinity without one. */
export const largestCode = (dims: number, threshold: number): number => {
  if (threshold >= 1) return Infinity
  if (threshold < 0) return Math.min(dims + 1, 1 - 1 / threshold)
  if (dims === 1) return 2
  return dims === 2 ? (2 * Math.PI) / Math.acos(threshold) : levenshtein(dims, threshold)
}

const levenshtein = (dims: number, a: number): number => {
  // P_{k−1}, P_k, P_{k+1}, P_{k+2} at a, and C(k + d − 3, k − 1).
  const next = (k: number, last: number, current: number): number =>
    ((2 * k + dims - 2) * a * current - k * last) / (k + dims - 2)
  let [before, here] = [1, a]
  let choose = 1
  for (let k = 1; choose < countless; k++) {
    const after = next(k, before, here)
    const second = next(k + 1, here, after)
    const wider = (choose * (k + dims - 2)) / k
    // (1 − t) times the k-th polynomial of the weight (1 − t) is P_k − P_{k+1}; (1 − t²) times that of (1 − t²) is P_k − P_{k+2}:
    // positive beyond the largest zero, and the loop has passed the zeros of all lower degrees.
    if (here - after <= 0) {
      return choose * ((2 * k + dims - 3) / (dims - 1) - (before - here) / ((1 - a) * here))
    }
    if (here - second <= 0) {
      const ratio = ((1 + a) * (here - after)) / ((1 - a) * (here + after))
      return wider * ((2 * k + dims - 1) / (dims - 1) - ratio)
    }
    before = here
    here = after
    choose = wider
  }
  return Infinity
}

/** Slack for rounding: a bound this much below N, relatively, still lets N be. */
const rounding = 1e-9
const thresholdRounding = 1e-12

/** No code of `points` unit vectors with inner products ≤ `threshold` has fewer dimensions than this; Infinity: none at all. */
export const codeDimsAtLeast = (points: number, threshold: number): number => {
  // At a = 0 the bound doubles: a threshold that rounding has moved below 0 must not count as negative.
  const a = threshold + thresholdRounding
  const enough = (most: number): boolean => most >= points * (1 - rounding)
  if (a < 0 && !enough(1 - 1 / a)) return Infinity
  // Codes stay codes in more dimensions, so what excludes d excludes all below, whether or not the bounds rise with d.
  return firstFrom(1, (dims) => enough(largestCode(dims, a)))
}

/** A dimension in which `points` unit vectors with inner products ≤ `threshold` exist, the least known; Infinity: none. */
export const leastCodeDims = (points: number, threshold: number): number => {
  const known = [threshold >= -1 / (points - 1) - rounding ? points - 1 : Infinity]
  if (threshold > -1 && points * Math.acos(threshold) <= 2 * Math.PI * (1 + rounding)) known.push(2)
  if (threshold >= -thresholdRounding) known.push(Math.ceil(points / 2))
  if (threshold >= 1 / Math.sqrt(5) - thresholdRounding && points <= 12) known.push(3)
  if (threshold >= 0.5 - thresholdRounding)
    known.push(Math.max(3, Math.ceil((1 + Math.sqrt(1 + 2 * points)) / 2)))
  if (threshold >= 0.5 - thresholdRounding && points <= 240) known.push(8)
  if (threshold > 0) {
    const bits = Math.log(points * (1 + rounding))
    known.push(
      firstFrom(
        2,
        (d) =>
          Math.log(threshold * Math.sqrt(2 * Math.PI * (d - 1))) -
            ((d - 1) / 2) * Math.log1p(-threshold * threshold) >=
          bits
      )
    )
  }
  return Math.min(...known)
}

/** The first whole number from `from` on with which a test that never turns false again is true. */
const firstFrom = (from: number, test: (n: number) => boolean): number => {
  if (test(from)) return from
  let low = from
  let high = 2 * from
  while (!test(high)) {
    low = high
    high *= 2
    if (high > 2 ** 52) return Infinity
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (test(middle)) high = middle
    else low = middle
  }
  return high
}
