import { describe, expect, it } from "vitest"
import { dimensionFree } from "../../../compute/margin/bound/dimensionFree.ts"
import {
  gaussianCode,
  projectBoth,
  projectDocuments,
  rademacherCode,
  symmetricLift
} from "../../../compute/margin/constructions/codes.ts"
import { cyclicCurve, cyclicCurveDims } from "../../../compute/margin/constructions/cyclicCurve.ts"
import { momentCurve, momentCurveDims } from "../../../compute/margin/constructions/momentCurve.ts"
import { centroidQueries } from "../../../compute/margin/EmbeddingPair.ts"
import { completeGraph, randomGraph } from "../../../compute/margin/graphs.ts"
import { margins } from "../../../compute/margin/margins.ts"
import { equalSizeRows, packingBound, packingBounds } from "../../../compute/margin/packing.ts"
import { fromLists } from "../../../compute/margin/Relevance.ts"
import { maxMarginQueries } from "../../../compute/margin/solve/maxMarginQueries.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

describe("the moment curve", () => {
  // Computed independently in numpy, float64: half gaps per row in dimension 2k, zero threshold in 2k + 1.
  it.each([
    [10, 2, 0.0076147, 0.00516],
    [20, 2, 4.306e-4, 2.86e-4],
    [40, 2, 2.63e-5, 1.74e-5],
    [20, 3, 3.67e-5, 2.72e-5]
  ])("n = %i, k = %i", (n, k, row, zero) => {
    const a = completeGraph(n, k)
    const byRow = momentCurve(a, "row")
    expect(byRow.dims).toBe(2 * k)
    expect(margins(a, byRow.queries, byRow.documents, byRow.dims).row! / row).toBeCloseTo(1, 3)
    const byZero = momentCurve(a, "zero")
    expect(byZero.dims).toBe(2 * k + 1)
    expect(margins(a, byZero.queries, byZero.documents, byZero.dims).zero / zero).toBeGreaterThan(0.995)
  })

  it("n = 240 in dimension 5: positive beyond its rounding bound", () => {
    const a = completeGraph(240, 2)
    const pair = momentCurve(a, "zero")
    const measured = margins(a, pair.queries, pair.documents, 5)
    expect(measured.zero).toBeGreaterThan(1e-9)
    expect(measured.zero).toBeGreaterThan(100 * measured.roundingBound)
  })

  it("serves rows of different sizes, empty and full ones included", () => {
    const a = fromLists(5, [[0], [1, 2], [3, 4], [], [0, 1]])
    expect(momentCurveDims(a, "zero")).toBe(5)
    const pair = momentCurve(a, "zero")
    expect(margins(a, pair.queries, pair.documents, 5).zero).toBeGreaterThan(0)
  })
})

describe("the cyclic curve", () => {
  it.each([
    [10, 2],
    [20, 2],
    [40, 2],
    [12, 3],
    [24, 3]
  ])("n = %i, k = %i: one and a half times the moment curve's margin, at least", (n, k) => {
    const a = completeGraph(n, k)
    const curve = cyclicCurve(a)
    expect(curve.dims).toBe(2 * k)
    const moment = momentCurve(a, "row")
    const of = (pair: typeof curve) => margins(a, pair.queries, pair.documents, pair.dims).row!
    expect(of(curve) / of(moment)).toBeGreaterThan(1.5)
  })

  it("one document a query is a regular polygon", () => {
    const a = completeGraph(7, 1)
    const { dims, documents, queries } = cyclicCurve(a)
    expect(dims).toBe(2)
    expect(margins(a, queries, documents, 2).row).toBeCloseTo((1 - Math.cos((2 * Math.PI) / 7)) / 2, 12)
  })

  it("counts runs of the cyclic order, not documents", () => {
    const a = fromLists(8, [[7, 0, 1], [2, 3, 4, 5], [0, 1, 2, 3, 4, 5, 6, 7], [], [6]])
    expect(cyclicCurveDims(a)).toBe(2)
    const two = fromLists(8, [
      [0, 1, 4, 5],
      [7, 0, 3]
    ])
    expect(cyclicCurveDims(two)).toBe(4)
    for (const matrix of [a, two]) {
      const { dims, documents, queries } = cyclicCurve(matrix)
      expect(margins(matrix, queries, documents, dims).row).toBeGreaterThan(0.01)
    }
  })
})

describe("codes", () => {
  const a = randomGraph(9, 2, 12, makeRandom("1", "g"))

  it("the symmetric lift raises inner products to a power", () => {
    const pair = gaussianCode(a, 4, makeRandom("0", "code"))
    for (const power of [1, 2, 3]) {
      const lifted = symmetricLift(pair, power)
      expect(lifted.dims).toBe([4, 10, 20][power - 1])
      for (let j = 0; j < a.rows; j++) {
        for (let i = 0; i < a.columns; i++) {
          let [s, raised] = [0, 0]
          for (let k = 0; k < 4; k++) s += pair.queries[j * 4 + k] * pair.documents[i * 4 + k]
          for (let k = 0; k < lifted.dims; k++) {
            raised += lifted.queries[j * lifted.dims + k] * lifted.documents[i * lifted.dims + k]
          }
          expect(raised).toBeCloseTo(s ** power, 12)
        }
      }
    }
  })

  it("max-margin queries never lose to the formula's, and are optimal for their documents", () => {
    for (const threshold of ["zero", "row"] as const) {
      const pair = rademacherCode(a, 8, makeRandom("2", "code"))
      const better = maxMarginQueries(a, pair, threshold)
      const before = margins(a, pair.queries, pair.documents, 8)[threshold]!
      const after = margins(a, better.queries, better.documents, 8)[threshold]!
      expect(after).toBeGreaterThanOrEqual(before - 1e-12)
    }
  })

  it("projecting documents alone keeps a margin that projecting both loses (n = 40, k = 2)", () => {
    const graph = completeGraph(40, 2)
    const optimum = dimensionFree(graph, "zero").embeddings!
    const random = makeRandom("0", "jl")
    const both = projectBoth(optimum, 50, random)
    expect(margins(graph, both.queries, both.documents, 50).zero).toBeLessThan(0)
    const documents = projectDocuments(optimum.documents, optimum.dims, 50, random)
    const pair = maxMarginQueries(
      graph,
      { dims: 50, documents, queries: centroidQueries(graph, documents, 50) },
      "zero"
    )
    expect(margins(graph, pair.queries, pair.documents, 50).zero).toBeGreaterThan(0.09)
  })
})

describe("the packing bound", () => {
  it("is the largest g with N ≤ (1 + 1/g)^d", () => {
    for (const [count, dims] of [
      [28_680, 5],
      [190, 5],
      [2, 1]
    ]) {
      const g = packingBound(count, dims)
      expect((1 + 1 / g) ** dims).toBeCloseTo(count, 4)
    }
    // Weller et al., Table 1: gap 0.1 for C(100, 2) rows takes dimension 4.
    expect(packingBound(4950, 3)).toBeLessThan(0.1)
    expect(packingBound(4950, 4)).toBeGreaterThan(0.1)
  })

  it("counts rows of one size for a threshold a row, all distinct rows otherwise", () => {
    const a = fromLists(4, [[0], [1], [0, 1], [2, 3], [1, 2], [], [0, 1, 2, 3]])
    expect(equalSizeRows(a)).toBe(3)
    expect(packingBounds(a, 2).shared).toBeLessThan(packingBounds(a, 2).row)
  })
})
