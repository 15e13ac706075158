import { describe, expect, it } from "vitest"
import { retrievalQuality } from "../../../compute/margin/quality.ts"
import { fromLists } from "../../../compute/margin/Relevance.ts"
import { composedQueries, marginUnderNoise } from "../../../compute/margin/robustness.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

/** One query in one dimension: scores are the documents' own numbers. */
const scored = (
  relevant: ReadonlyArray<number>,
  scores: ReadonlyArray<number>,
  cutoffs: ReadonlyArray<number>
) => {
  const a = fromLists(scores.length, [relevant])
  const pair = { dims: 1, queries: Float64Array.of(1), documents: Float64Array.from(scores) }
  return Object.fromEntries(
    retrievalQuality(a, pair, cutoffs).scores.map(({ metric, k, value }) => [`${metric}@${k}`, value])
  )
}

describe("retrieval quality, worked out by hand", () => {
  it("relevant documents at ranks 1 and 3", () => {
    const quality = scored([0, 2], [0.9, 0.8, 0.7, 0.1], [1, 2, 3])
    expect(quality["recall@1"]).toBe(0.5)
    expect(quality["recall@2"]).toBe(0.5)
    expect(quality["recall@3"]).toBe(1)
    expect(quality["mrr@3"]).toBe(1)
    // (1/log2 2 + 1/log2 4) / (1/log2 2 + 1/log2 3) = 1.5 / 1.6309297535714573
    expect(quality["ndcg@3"]).toBeCloseTo(1.5 / 1.6309297535714573, 12)
    expect(quality["ndcg@1"]).toBe(1)
  })

  it("ties rank the relevant last", () => {
    const quality = scored([1], [0.5, 0.5, 0.5], [1, 2, 3])
    expect(quality["recall@2"]).toBe(0)
    expect(quality["recall@3"]).toBe(1)
    expect(quality["mrr@3"]).toBeCloseTo(1 / 3, 12)
    expect(quality["ndcg@3"]).toBeCloseTo(0.5, 12)
  })

  it("two relevant documents that tie share the top two ranks", () => {
    const quality = scored([0, 1], [0.5, 0.5, 0.1], [1, 2])
    expect(quality["recall@1"]).toBe(0.5)
    expect(quality["recall@2"]).toBe(1)
    expect(quality["ndcg@2"]).toBe(1)
  })

  it("counts a row as often as queries had it, and skips queries with nothing relevant", () => {
    const a = fromLists(2, [[0], [0], [1], []])
    const pair = { dims: 1, queries: Float64Array.of(1, 1, 1), documents: Float64Array.of(1, -1) }
    const { queries, scores } = retrievalQuality(a, pair, [1])
    expect(queries).toBe(3)
    expect(scores.find(({ metric }) => metric === "recall")!.value).toBeCloseTo(2 / 3, 12)
  })
})

describe("what a margin buys", () => {
  // Documents are the axes of R^4; a query is the half-sum of its two documents less that of the others.
  const a = fromLists(4, [
    [0, 1],
    [0, 2],
    [1, 3]
  ])
  const queries = new Float64Array(12).fill(-0.5)
  for (let j = 0; j < 3; j++)
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) queries[j * 4 + a.indices[e]] = 0.5
  const documents = new Float64Array(16)
  for (let i = 0; i < 4; i++) documents[i * 5] = 1
  const pair = { dims: 4, queries, documents }

  it("noise below the margin cannot change a ranking; much above it does", () => {
    const [none, small, large] = marginUnderNoise(a, pair, [0, 0.05, 50], makeRandom("0", "noise"))
    expect(none.rankedRight).toBe(1)
    expect(none.global).toBeCloseTo(0.5, 12)
    expect(small.rankedRight).toBe(1)
    expect(large.rankedRight).toBeLessThan(1)
  })

  it("composed queries: the shared document first, those of neither last", () => {
    const composed = composedQueries(a, pair, 50, makeRandom("0", "pairs"))
    expect(composed.pairs).toBe(50)
    expect(composed.bothAboveNeither).toBe(1)
    expect(composed.and).toBe(1)
  })
})
