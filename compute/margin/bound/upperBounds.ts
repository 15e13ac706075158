/** The smallest proved bound for each threshold, and what proves it. */
import { packingBounds } from "../packing.ts"
import type { Relevance, Threshold } from "../Relevance.ts"
import type { DimensionFree } from "./dimensionFree.ts"
import { thresholds, type Proof } from "./proof/Proof.ts"

export type BoundedBy = "dimension-free" | "packing" | "two-point"

export interface UpperBound {
  readonly value: number
  readonly by: BoundedBy
  readonly proof: Proof
}

/**
 * The smallest of the bounds for each threshold that has a meaning for A, and never more than a looser threshold's: then
 * its proof is that one's. `dim` may be Infinity.
 */
export const upperBounds = (
  a: Relevance,
  dim: number,
  free: ReadonlyMap<Threshold, DimensionFree>
): ReadonlyMap<Threshold, UpperBound> => {
  const packing = Number.isFinite(dim) ? packingBounds(a, dim) : { shared: 1, row: 1 }
  const result = new Map<Threshold, UpperBound>()
  let looser: UpperBound | undefined
  for (const threshold of thresholds.toReversed()) {
    const { upper, weights } = free.get(threshold) ?? {}
    if (upper === undefined || upper === null || weights === undefined) continue
    const packed = threshold === "row" ? packing.row : packing.shared
    let best: UpperBound =
      packed < upper
        ? { value: packed, by: "packing", proof: { type: "packing", threshold, bound: packed } }
        : { value: upper, by: "dimension-free", proof: { type: "dimension-free", threshold, weights } }
    // One-class rows count for the shared thresholds and not for the row one, so the row bound carries over as it is.
    if (looser !== undefined && looser.value < best.value) best = looser
    result.set(threshold, best)
    looser = best
  }
  return result
}
