/**
 * What proves an upper bound on the margin of a relevance matrix in dimension d, as plain data, and the check of it from the
 * matrix and that data alone.
 *
 * A proof for a threshold holds for every stricter one too (zero ≤ global ≤ row). What each rests on: `certificate.ts`
 * (dual weights, every dimension) and `packing.ts` (distinct rows, dimension d).
 */
import { packingProves } from "../../packing.ts"
import type { Relevance, Threshold } from "../../Relevance.ts"
import { verify, type DualWeights } from "../certificate.ts"

export type Proof = DimensionFreeProof | PackingProof

/** Dual weights, which hold in every dimension. */
export interface DimensionFreeProof {
  readonly type: "dimension-free"
  readonly threshold: Threshold
  readonly weights: DualWeights
}

/** Nothing but the matrix and d: so many distinct rows need so much room. */
export interface PackingProof {
  readonly type: "packing"
  readonly threshold: Threshold
  readonly bound: number
}

/** From strict to loose: a margin under one of them is at most that under the next. */
export const thresholds: ReadonlyArray<Threshold> = ["zero", "global", "row"]

/** Whether a proof for the threshold `of` bounds the margin under `threshold`. */
export const covers = (of: Threshold, threshold: Threshold): boolean =>
  thresholds.indexOf(threshold) <= thresholds.indexOf(of)

/**
 * The bound that a proof gives on the margin of A in dimension `dim` (Infinity: every dimension) under its threshold, with
 * all rounding upwards; Infinity where it proves nothing.
 */
export const verifyProof = (a: Relevance, dim: number, proof: Proof): number => {
  switch (proof.type) {
    case "dimension-free":
      return verify(a, proof.threshold, proof.weights)
    case "packing":
      return packingProves(a, dim, proof.threshold, proof.bound) ? proof.bound : Number.POSITIVE_INFINITY
    default:
      return Number.POSITIVE_INFINITY
  }
}
