import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { EmbeddingPair } from "../../../compute/margin/EmbeddingPair.ts"
import { completeGraph, randomGraph } from "../../../compute/margin/graphs.ts"
import { margins, normaliseRows } from "../../../compute/margin/margins.ts"
import { fromLists, type Relevance, type Threshold } from "../../../compute/margin/Relevance.ts"
import { knownPairs } from "../../../compute/margin/solve/known.ts"
import { lift, liftedMargin } from "../../../compute/margin/solve/lift.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const measure = (a: Relevance, pair: EmbeddingPair) => margins(a, pair.queries, pair.documents, pair.dims)

/** The best of the known pairs, less its rounding bound. */
const best = (a: Relevance, dims: number, threshold: Threshold): number =>
  Math.max(
    ...knownPairs(a, dims, threshold).map(({ pair }) => {
      expect(pair.dims).toBe(dims)
      const measured = measure(a, pair)
      return measured[threshold]! - measured.roundingBound
    })
  )

describe("known pairs", () => {
  // (1 − s)/2 with s the code's greatest inner product (Conway & Sloane).
  it.each([
    [5, 2, (1 - Math.cos((2 * Math.PI) / 5)) / 2],
    [4, 3, 2 / 3],
    [6, 3, 0.5],
    [12, 3, 0.27639320225],
    [10, 4, 5 / 12],
    [24, 4, 0.25],
    [120, 4, 0.0954915028],
    [16, 5, 0.4],
    [240, 8, 0.25]
  ])("complete:%i,1 in dimension %i: global margin of the code", (n, dims, margin) => {
    const a = completeGraph(n, 1)
    expect(Math.abs(best(a, dims, "global") - margin)).toBeLessThan(1e-10)
    expect(Math.abs(best(a, dims, "row") - margin)).toBeLessThan(1e-10)
  })

  // Found by a search from random starts (soft-min ascent, 3 to 8 restarts), to three digits.
  it.each([
    [6, 4, 0.333],
    [8, 4, 0.226],
    [12, 4, 0.16],
    [24, 4, 0.074],
    [12, 8, 0.333],
    [12, 12, 0.3747]
  ])("complete:%i,1 in dimension %i: zero margin of the code a dimension below", (n, dims, found) => {
    expect(best(completeGraph(n, 1), dims, "zero")).toBeGreaterThan(found - 5e-4)
  })

  it("all but one document a query, and rows of both kinds", () => {
    const a = completeGraph(12, 11)
    expect(best(a, 3, "global")).toBeCloseTo(0.27639320225, 10)
    expect(best(a, 4, "zero")).toBeCloseTo(best(completeGraph(12, 1), 4, "zero"), 10)
    const mixed = fromLists(4, [[0], [1, 2, 3], [2], [0, 1, 2]])
    expect(best(mixed, 3, "row")).toBeCloseTo(2 / 3, 12)
    expect(best(mixed, 4, "zero")).toBeGreaterThan(0.3)
  })

  // Row margins: an independent search over radii and sets of frequencies with the best queries; twice the formula's.
  it.each([
    [10, 2, 0.02632],
    [20, 2, 0.0015],
    [40, 2, 0.0000919],
    [12, 3, 0.008]
  ])("complete:%i,%i: the cyclic curve with best queries, and lifted", (n, k, margin) => {
    const a = completeGraph(n, k)
    const row = best(a, 2 * k, "row")
    expect(row).toBeGreaterThan(margin)
    const zero = best(a, 2 * k + 1, "zero")
    expect(zero).toBeGreaterThan(0.6 * margin)
    expect(best(a, 2 * k + 1, "global")).toBeGreaterThanOrEqual(zero)
  })

  it("complete:240,2 in dimension 5: positive far beyond its rounding bound", () => {
    expect(best(completeGraph(240, 2), 5, "zero")).toBeGreaterThan(2.1e-8)
  })

  it("no margin is below 0 in two dimensions and more, whatever the matrix", () => {
    const matrices = [
      completeGraph(24, 1),
      completeGraph(16, 2),
      completeGraph(6, 3),
      fromLists(3, [[], [0, 1, 2], [1]])
    ]
    for (const a of matrices) {
      for (const threshold of ["zero", "global", "row"] as const) {
        expect(best(a, 2, threshold)).toBeGreaterThanOrEqual(0)
      }
    }
    expect(best(matrices[1], 1, "global")).toBe(0)
  })
})

const draw = (a: Relevance, dims: number, seed: string): EmbeddingPair => {
  const random = makeRandom(seed, "lift")
  const make = (count: number): Float64Array => {
    const data = new Float64Array(count * dims)
    random.fillGaussian(data)
    return normaliseRows(data, dims)
  }
  return { dims, queries: make(a.rows), documents: make(a.columns) }
}

describe("a threshold traded for a coordinate", () => {
  const matrices: ReadonlyArray<Relevance> = [
    completeGraph(6, 2),
    randomGraph(9, 3, 14, makeRandom("0", "g")),
    fromLists(5, [[0], [1, 2], [], [0, 1, 2, 3, 4], [3, 4]])
  ]

  it("global: the zero margin is m / (1 + |b|)", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...matrices),
        fc.integer({ min: 1, max: 7 }),
        fc.string(),
        (a, dims, seed) => {
          const pair = draw(a, dims, seed)
          const before = measure(a, pair)
          const after = measure(a, lift(a, pair, "global"))
          expect(after.zero).toBeCloseTo(liftedMargin(before.global!, before.relativeBias!), 12)
          expect(after.zero).toBeLessThanOrEqual(after.global!)
          expect(after.global!).toBeLessThanOrEqual(after.row!)
        }
      ),
      { numRuns: 60 }
    )
  })

  /** Each query beside its one document: row margins above 0. */
  const positive = (a: Relevance, dims: number, seed: string): EmbeddingPair => {
    const { documents } = draw(a, dims, seed)
    const random = makeRandom(seed, "queries")
    const queries = Float64Array.from({ length: a.rows * dims }, (_, at) => {
      const column = a.indices[Math.floor(at / dims)]
      return documents[column * dims + (at % dims)] + 1e-3 * random.gaussian()
    })
    return { dims, queries: normaliseRows(queries, dims), documents }
  }

  it("row: the zero margin is positive wherever every row's gap is, and the best of its family", () => {
    const a = completeGraph(7, 1)
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 6 }), fc.string(), (dims, seed) => {
        const pair = positive(a, dims, seed)
        const before = measure(a, pair)
        fc.pre(before.row! > 1e-3)
        const lifted = lift(a, pair, "row")
        expect(lifted.dims).toBe(dims + 1)
        const after = measure(a, lifted).zero
        expect(after).toBeGreaterThan(0)
        // No worse than from one threshold for all, and no more than before.
        if (before.global! > 0) {
          expect(after).toBeGreaterThanOrEqual(liftedMargin(before.global!, before.relativeBias!) - 1e-9)
        }
        expect(after).toBeLessThanOrEqual(before.row! + 1e-12)
        const half: Array<number> = []
        const middle: Array<number> = []
        margins(a, pair.queries, pair.documents, dims, (row, least, greatest) => {
          half[row] = (least - greatest) / 2
          middle[row] = (least + greatest) / 2
        })
        for (const x of [0.05, 0.2, 0.5, 0.8, 1]) {
          const reached = Math.min(
            ...half.map((m, j) => m / Math.sqrt(1 + middle[j] ** 2 + x + middle[j] ** 2 / x))
          )
          expect(after).toBeGreaterThanOrEqual(reached - 1e-9)
        }
      }),
      { numRuns: 40 }
    )
  })

  it("row: rows of one class are on their side too", () => {
    const a = fromLists(3, [[0], [1], [2], [], [0, 1, 2]])
    const pair = positive(fromLists(3, [[0], [1], [2]]), 3, "s")
    const filled = { ...pair, queries: Float64Array.of(...pair.queries, 1, 0, 0, 0, 1, 0) }
    expect(measure(a, filled).row!).toBeGreaterThan(0)
    expect(measure(a, lift(a, filled, "row")).zero).toBeGreaterThan(0)
  })

  it("nothing to trade: a pair about 0 stays as it is, a single class has no threshold", () => {
    const a = completeGraph(2, 1)
    const line = { dims: 1, queries: Float64Array.of(1, -1), documents: Float64Array.of(1, -1) }
    expect(measure(a, lift(a, line, "global")).zero).toBe(1)
    expect(() => lift(fromLists(2, [[0, 1]]), { ...line, queries: Float64Array.of(1) }, "global")).toThrow(
      /single class/
    )
  })
})
