/**
 * The packing bound: how large a margin many distinct queries can have in dimension d.
 *
 * Let rows S ≠ S' have margin g. Where neither contains the other (equal sizes), some i ∈ S∖S', l ∈ S'∖S give
 * ⟨u_S − u_S', v_i − v_l⟩ ≥ 4g, so |u_S − u_S'| ≥ 2g, even if each query has a threshold of its own. Under one threshold
 * for all (zero or global) one i in S∖S' or S'∖S is enough, so any two distinct rows count. Balls of radius g about
 * N such queries are disjoint and lie in a ball of radius 1 + g: N ≤ (1 + 1/g)^d, so g ≤ 1 / (N^(1/d) − 1).
 * Source: Weller et al., arXiv 2508.21038, Theorem 1.
 */
import { rowSize, type Relevance, type Threshold } from "./Relevance.ts"

/**
 * A g with N ≤ (1 + 1/m)^d for no m > g, within 1e-13 of the least one; at most 1. The proof is exact: `excludes` tests
 * the float64 that is returned in whole numbers.
 */
export const packingBound = (distinct: number, dims: number): number => {
  // From 2^d ≥ N on the bound is 1 or more.
  if (distinct <= 1 || dims >= 53 || distinct <= 2 ** dims) return 1
  let bound = 1 / Math.expm1(Math.log(distinct) / dims)
  for (let excess = 2 ** -52; bound < 1; excess *= 2) {
    if (excludes(distinct, dims, bound)) return bound
    bound *= 1 + excess
  }
  return 1
}

/** Whether N ≥ (1 + 1/g)^d for the float64 g in (0, 1), so that no margin exceeds g: N (g 2^e)^d ≥ (2^e + g 2^e)^d. */
const excludes = (distinct: number, dims: number, bound: number): boolean => {
  let exponent = 0
  let whole = bound
  for (; !Number.isInteger(whole); exponent++) whole *= 2
  const numerator = BigInt(whole)
  const power = BigInt(dims)
  return BigInt(distinct) * numerator ** power >= ((1n << BigInt(exponent)) + numerator) ** power
}

/** Rows that pairwise exclude each other: the largest number of distinct rows of one size, single-class rows left out. */
export const equalSizeRows = (a: Relevance): number => {
  const counts = new Map<number, number>()
  for (let j = 0; j < a.rows; j++) {
    const size = rowSize(a, j)
    if (size > 0 && size < a.columns) counts.set(size, (counts.get(size) ?? 0) + 1)
  }
  let most = 0
  for (const count of counts.values()) most = Math.max(most, count)
  return most
}

/** The packing bounds of a matrix in dimension d, by threshold. */
export const packingBounds = (
  a: Relevance,
  dims: number
): { readonly shared: number; readonly row: number } => ({
  shared: packingBound(a.rows, dims),
  row: packingBound(equalSizeRows(a), dims)
})

/** Whether `bound` is proved for the margin of A in dimension d, in whole numbers alone. No margin exceeds 1. */
export const packingProves = (a: Relevance, dims: number, threshold: Threshold, bound: number): boolean => {
  if (bound >= 1) return true
  const distinct = threshold === "row" ? equalSizeRows(a) : a.rows
  return bound >= 2 ** -60 && dims < 53 && Number.isInteger(dims) && excludes(distinct, dims, bound)
}
