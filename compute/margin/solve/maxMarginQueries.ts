/**
 * The best query for each row, given the documents: a convex problem, exact, and independent of the other rows.
 *
 * Zero threshold: max_{|u| = 1} min_i S_ji ⟨u, v_i⟩ is reached along the point of least norm of conv{S_ji v_i}; a
 * threshold per query: along that of conv(positives) − conv(negatives), with half its norm as the half gap. Where the hull
 * contains the origin no positive margin exists and the given query is kept.
 * Source: P. Wolfe 1976 (see compute/constellation/minimumNormPoint.ts). Cost O(N n d) a round, about d rounds.
 */
import { minimumNormPoint } from "../../constellation/minimumNormPoint.ts"
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { normaliseRows } from "../margins.ts"
import type { Relevance } from "../Relevance.ts"

export const maxMarginQueries = (
  a: Relevance,
  pair: EmbeddingPair,
  threshold: "zero" | "row"
): EmbeddingPair => {
  const { dims, documents } = pair
  const n = a.columns
  const queries = pair.queries.slice()
  const sign = new Int8Array(n)
  for (let j = 0; j < a.rows; j++) {
    const size = a.indptr[j + 1] - a.indptr[j]
    if (threshold === "row" && (size === 0 || size === n)) continue
    sign.fill(-1)
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) sign[a.indices[e]] = 1
    const score = (direction: Float64Array, i: number): number => {
      let sum = 0
      for (let k = 0; k < dims; k++) sum += direction[k] * documents[i * dims + k]
      return sum
    }
    const lowest = (direction: Float64Array): { key: number; point: Float64Array } => {
      const point = new Float64Array(dims)
      let positive = -1
      let negative = -1
      let least = Number.POSITIVE_INFINITY
      let greatest = Number.NEGATIVE_INFINITY
      for (let i = 0; i < n; i++) {
        const s = score(direction, i)
        if (sign[i] > 0 && s < least) {
          least = s
          positive = i
        }
        if (sign[i] < 0 && s > greatest) {
          greatest = s
          negative = i
        }
      }
      if (threshold === "row") {
        for (let k = 0; k < dims; k++)
          point[k] = documents[positive * dims + k] - documents[negative * dims + k]
        return { key: positive * n + negative, point }
      }
      const usePositive = positive >= 0 && (negative < 0 || least <= -greatest)
      const chosen = usePositive ? positive : negative
      for (let k = 0; k < dims; k++) point[k] = (usePositive ? 1 : -1) * documents[chosen * dims + k]
      return { key: chosen, point }
    }
    const nearest = minimumNormPoint(lowest, dims)
    if (!(nearest.norm > 1e-13)) continue
    for (let k = 0; k < dims; k++) queries[j * dims + k] = nearest.point[k] / nearest.norm
  }
  return { dims, queries: normaliseRows(queries, dims), documents }
}
