/**
 * Retrieval quality of a pair of embeddings, streaming over queries.
 *
 * The rank of a relevant document is 1 + the number of other documents that score higher, irrelevant ones that score the
 * same included: ties count against the embedding. Relevant documents with equal scores rank in column order.
 * - recall@k: share of a query's relevant documents with rank ≤ k;
 * - MRR@k: 1/rank of the best relevant document, 0 past k;
 * - nDCG@k: Σ 1/log2(rank + 1) over relevant documents with rank ≤ k, over its largest possible value at k (gain 1).
 * Means over queries with at least one relevant document, each distinct row counted with its weight. Cost 2 N n d flops.
 */
import type { EmbeddingPair } from "./EmbeddingPair.ts"
import type { Relevance } from "./Relevance.ts"

export interface QualityScore {
  readonly metric: "recall" | "mrr" | "ndcg"
  readonly k: number
  readonly value: number
  /** Expected value under a uniformly random order, where it has a simple form (recall: min(k, n)/n). */
  readonly chance: number | null
}

export interface Quality {
  readonly scores: ReadonlyArray<QualityScore>
  /** Queries that were judged (with weights). */
  readonly queries: number
}

export const definitions: { readonly [metric in QualityScore["metric"]]: string } = {
  recall: "share of relevant documents with rank ≤ k; ties rank the relevant last",
  mrr: "1/rank of the first relevant document, 0 past k; ties rank the relevant last",
  ndcg: "Σ 1/log2(rank + 1) over relevant documents with rank ≤ k, over the ideal; gain 1; ties rank the relevant last"
}

export const retrievalQuality = (
  a: Relevance,
  pair: EmbeddingPair,
  cutoffs: ReadonlyArray<number>
): Quality => {
  const { dims, documents, queries } = pair
  const n = a.columns
  const recall = new Float64Array(cutoffs.length)
  const mrr = new Float64Array(cutoffs.length)
  const ndcg = new Float64Array(cutoffs.length)
  const scores = new Float64Array(n)
  const relevant = new Uint8Array(n)
  let total = 0
  for (let j = 0; j < a.rows; j++) {
    const from = a.indptr[j]
    const to = a.indptr[j + 1]
    if (from === to) continue
    const weight = a.weights?.[j] ?? 1
    total += weight
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let k = 0; k < dims; k++) sum += queries[j * dims + k] * documents[i * dims + k]
      scores[i] = sum
    }
    for (let e = from; e < to; e++) relevant[a.indices[e]] = 1
    const ranks: Array<number> = []
    for (let e = from; e < to; e++) {
      const i = a.indices[e]
      let above = 0
      for (let l = 0; l < n; l++) {
        if (l === i) continue
        if (scores[l] > scores[i]) above++
        else if (scores[l] === scores[i] && (relevant[l] === 0 || l < i)) above++
      }
      ranks.push(above + 1)
    }
    for (let e = from; e < to; e++) relevant[a.indices[e]] = 0
    ranks.sort((x, y) => x - y)
    cutoffs.forEach((cutoff, at) => {
      const within = ranks.filter((rank) => rank <= cutoff)
      recall[at] += (weight * within.length) / ranks.length
      if (within.length > 0) mrr[at] += weight / within[0]
      let ideal = 0
      for (let rank = 1; rank <= Math.min(cutoff, ranks.length); rank++) ideal += 1 / Math.log2(rank + 1)
      ndcg[at] += (weight * within.reduce((sum, rank) => sum + 1 / Math.log2(rank + 1), 0)) / ideal
    })
  }
  const mean = (sum: number): number => (total === 0 ? 0 : sum / total)
  return {
    queries: total,
    scores: cutoffs.flatMap((k, at) => [
      { metric: "recall" as const, k, value: mean(recall[at]), chance: Math.min(k, n) / n },
      { metric: "mrr" as const, k, value: mean(mrr[at]), chance: null },
      { metric: "ndcg" as const, k, value: mean(ndcg[at]), chance: null }
    ])
  }
}
