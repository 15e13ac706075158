/**
 * The packing bound: how large a margin many distinct queries can have in dimension d.
 *
 * Let rows S ≠ S' have margin g. Where neither contains the other (equal sizes), some i ∈ S∖S', l ∈ S'∖S give
 * ⟨u_S − u_S', v_i − v_l⟩ ≥ 4g, so |u_S − u_S'| ≥ 2g, even if each query has a threshold of its own. Under one threshold
 * for all (zero or global) one i in S∖S' or S'∖S is enough, so any two distinct rows count. Balls of radius g about
 * N such queries are disjoint and lie in a ball of radius 1 + g: N ≤ (1 + 1/g)^d, so g ≤ 1 / (N^(1/d) − 1).
 * Source: Weller et al., arXiv 2508.21038, Theorem 1.
 */
import { rowSize, type Relevance } from "./Relevance.ts"

/** The largest g with N ≤ (1 + 1/g)^d; at most 1. The result is rounded up by a few units in the last place. */
export const packingBound = (distinct: number, dims: number): number => {
  if (distinct <= 1) return 1
  const bound = 1 / Math.expm1(Math.log(distinct) / dims)
  return Math.min(1, bound * (1 + 1e-13))
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
