/**
 * Centred kernel alignment with linear kernels: HSIC(K, L) / √(HSIC(K, K) · HSIC(L, L)), biased (Kornblith et al., ICML
 * 2019) and unbiased.
 *
 * The biased value grows with dimension over rows: two unrelated Gaussian n × p matrices give about p / (n + p). Its exact
 * expectation when the rows of one side are permuted is tr K̄ · tr L̄ / (n − 1) over the same denominator. That of the
 * unbiased value is 0.
 *
 * A view without variation has no CKA: NaN where a self-term is rounding only, judged relative to the size of the Gram
 * matrix and never by an absolute floor, so that X and s · X score alike for any s.
 */
import type { Convention } from "./conventions.ts"
import { hsicBiased, hsicUnbiased, ownTerms } from "./hsic.ts"
import type { CrossTerms, HsicTerms } from "./hsic.ts"

/** Self-terms below this share of the uncentred Gram matrix's square are rounding (float64 leaves about 1e-30). */
const GUARD = 1e-20

const ratio = (value: number, ownA: number, ownB: number, convention: Convention): number => {
  if (convention === "l2prh") return value / Math.sqrt(Math.max(ownA * ownB, 1e-6))
  // The product of roots, not the root of the product: the latter may leave the range of float64.
  return value / (Math.sqrt(ownA) * Math.sqrt(ownB) + (convention === "prh" ? 1e-6 : 0))
}

/** Biased CKA from the terms of a pair; in [0, 1]. */
export const cka = (a: HsicTerms, b: HsicTerms, cross: CrossTerms, convention: Convention): number => {
  if (convention === "exact" && !(varies(a, a.square) && varies(b, b.square))) return Number.NaN
  return ratio(hsicBiased(cross), a.square, b.square, convention)
}

/** Its expectation over row permutations. */
export const ckaByChance = (a: HsicTerms, b: HsicTerms, convention: Convention): number => {
  if (convention === "exact" && !(varies(a, a.square) && varies(b, b.square))) return Number.NaN
  return ratio((a.trace * b.trace) / (a.n - 1), a.square, b.square, convention)
}

/** Unbiased CKA; at most 1, about 0 by chance, and may be negative. NaN for fewer than 4 rows. */
export const unbiasedCka = (
  a: HsicTerms,
  b: HsicTerms,
  cross: CrossTerms,
  convention: Convention
): number => {
  const ownA = hsicUnbiased(a, a, ownTerms(a))
  const ownB = hsicUnbiased(b, b, ownTerms(b))
  const pairs = a.n * (a.n - 3)
  if (convention === "exact" && !(varies(a, ownA * pairs) && varies(b, ownB * pairs))) return Number.NaN
  return ratio(hsicUnbiased(a, b, cross), ownA, ownB, convention)
}

const varies = (terms: HsicTerms, own: number): boolean => own > GUARD * terms.uncentredSquare && own > 0
