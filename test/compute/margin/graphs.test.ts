import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { binomial, completeGraph, randomGraph, rank, unrank } from "../../../compute/margin/graphs.ts"
import {
  distinctRows,
  fromLists,
  isRelevant,
  oneClassRows,
  singleClass
} from "../../../compute/margin/Relevance.ts"
import { relevanceOfText } from "../../../compute/margin/relevanceText.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const draw = (seed: string) => randomGraph(2000, 4, 500, makeRandom(seed, "g"))

describe("relevance matrices", () => {
  it("binomial coefficients agree with Pascal's rule", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (n, k) => {
        expect(binomial(n, k)).toBe(binomial(n - 1, k - 1) + binomial(n - 1, k))
      })
    )
    expect(binomial(240, 3)).toBe(2_275_280)
    expect(binomial(1000, 500)).toBe(Number.POSITIVE_INFINITY)
  })

  it("unrank inverts rank, in lexicographic order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 6 }),
        fc.nat(),
        (n, wanted, seed) => {
          const k = Math.min(wanted, n)
          const number = seed % binomial(n, k)
          const subset = new Uint32Array(k)
          unrank(n, k, number, subset)
          for (let i = 1; i < k; i++) expect(subset[i]).toBeGreaterThan(subset[i - 1])
          expect(rank(n, subset)).toBe(number)
        }
      )
    )
  })

  it("the complete graph lists every subset once, by rank", () => {
    const a = completeGraph(7, 3)
    expect(a.rows).toBe(35)
    for (let j = 0; j < a.rows; j++) expect(rank(7, a.indices.subarray(3 * j, 3 * j + 3))).toBe(j)
  })

  it("random rows are distinct, uniform and the same for the same seed, though C(n, k) is about 5e13", () => {
    const a = draw("1")
    expect(distinctRows(a.rows, a.columns, a.indptr, a.indices).relevance.rows).toBe(500)
    expect(draw("1").indices).toEqual(a.indices)
    expect(draw("2").indices).not.toEqual(a.indices)
    const mean = a.indices.reduce((sum, x) => sum + x, 0) / a.indices.length
    expect(Math.abs(mean - 999.5)).toBeLessThan(5 * (2000 / Math.sqrt(12 * 2000)))
    expect(randomGraph(6, 2, 15, makeRandom("0", "g")).indices).toEqual(completeGraph(6, 2).indices)
  })

  it("equal rows are kept once with a weight", () => {
    const a = fromLists(4, [[0, 2], [1], [2, 0], [], [1], [0, 1, 2, 3]])
    expect(a.rows).toBe(4)
    expect([...a.weights!]).toEqual([2, 2, 1, 1])
    expect(isRelevant(a, 0, 2)).toBe(true)
    expect(isRelevant(a, 0, 1)).toBe(false)
    expect(oneClassRows(a)).toBe(2)
    expect(singleClass(a)).toBe(false)
    expect(singleClass(fromLists(2, [[], []]))).toBe(true)
  })

  it("names matrices by text and refuses malformed ones", () => {
    expect(relevanceOfText("complete:5,2")!.rows).toBe(10)
    expect(relevanceOfText("random:30,3,40,7")!.rows).toBe(40)
    expect(relevanceOfText("qrels.tsv")).toBeUndefined()
    for (const text of [
      "complete:5",
      "complete:5,6",
      "random:5,2,11",
      "random:5,2",
      "complete:x,2",
      "complete:200,5"
    ]) {
      expect(() => relevanceOfText(text)).toThrow(RangeError)
    }
  })
})
