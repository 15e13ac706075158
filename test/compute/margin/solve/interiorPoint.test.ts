import { describe, expect, it } from "vitest"
import { completeGraph, randomGraph } from "../../../../compute/margin/graphs.ts"
import { margins } from "../../../../compute/margin/margins.ts"
import { fromLists, type Relevance, type Threshold } from "../../../../compute/margin/Relevance.ts"
import { interiorPoint, interiorPointCost } from "../../../../compute/margin/solve/interiorPoint.ts"
import { makeStart } from "../../../../compute/margin/solve/makeStart.ts"
import { makeRandom } from "../../../../compute/random/RandomStream.ts"

const random = (a: Relevance, dims: number, seed: string) =>
  makeStart(a, dims, "asymmetric", makeRandom(seed, "interior point"))!

/** The best of a few interior point runs from Gaussian starts. */
const best = (a: Relevance, threshold: Threshold, dims: number, runs: number): number => {
  let most = Number.NEGATIVE_INFINITY
  for (let seed = 0; seed < runs; seed++) {
    most = Math.max(most, interiorPoint(a, threshold, random(a, dims, `${seed}`), { from: 3 }).margin)
  }
  return most
}

describe("the interior point method", () => {
  // Best spherical codes in d = 3 (Tammes; angles in degrees from N. J. A. Sloane's tables): margin (1 − cos) / 2.
  it.each([
    [7, 77.86954],
    [9, 70.528779],
    [10, 66.146822],
    [12, 63.434949],
    [13, 57.1367031],
    [14, 55.67057]
  ])("finds the best code of %i points on the sphere from Gaussian starts", (n, degrees) => {
    const found = best(completeGraph(n, 1), "global", 3, 4)
    expect(found).toBeCloseTo((1 - Math.cos((degrees / 180) * Math.PI)) / 2, 7)
  })

  it("ends within rounding of optima known in closed form", () => {
    const icosahedron = best(completeGraph(12, 1), "global", 3, 4)
    expect(Math.abs(icosahedron - (1 - 1 / Math.sqrt(5)) / 2)).toBeLessThan(1e-13)
    expect(Math.abs(best(completeGraph(6, 1), "zero", 4, 4) - 1 / 3)).toBeLessThan(1e-13)
    // The best 12 points in d = 4 have cosine c = 1/4; a coordinate for their threshold makes (1 − c) / (3 + c) of it.
    expect(Math.abs(best(completeGraph(12, 1), "zero", 5, 4) - 3 / 13)).toBeLessThan(1e-13)
  })

  it("never loses, whatever the start", () => {
    const a = randomGraph(9, 2, 20, makeRandom("0", "g"))
    for (const threshold of ["zero", "global", "row"] as const) {
      for (const dims of [1, 2, 3, 6]) {
        const start = random(a, dims, `${dims}`)
        const measured = margins(a, start.queries, start.documents, dims)
        const result = interiorPoint(a, threshold, start)
        expect(result.margin).toBeGreaterThanOrEqual(measured[threshold]! - measured.roundingBound)
        const after = margins(a, result.queries, result.documents, dims)
        expect(result.margin).toBe(after[threshold]! - after.roundingBound)
      }
    }
  })

  it("orders zero ≤ global ≤ row when each starts from the one before", () => {
    const a = randomGraph(10, 2, 8, makeRandom("1", "g"))
    const zero = interiorPoint(a, "zero", random(a, 4, "zero"), { from: 5 })
    const global = interiorPoint(a, "global", zero, { from: 50 })
    const row = interiorPoint(a, "row", global, { from: 50 })
    expect(zero.residual).toBeLessThan(1e-6)
    expect(global.margin).toBeGreaterThanOrEqual(zero.margin - 1e-15)
    expect(row.margin).toBeGreaterThan(global.margin)
  })

  it("takes fewer rows than columns, one query, rows of one class and equal weights", () => {
    // One query: its documents with it, the others opposite.
    const one = interiorPoint(fromLists(5, [[0, 1]]), "zero", random(fromLists(5, [[0, 1]]), 3, "x"), {
      from: 3
    })
    expect(one.margin).toBeGreaterThan(1 - 1e-12)
    const a = fromLists(6, [[], [0, 1], [0, 1, 2, 3, 4, 5], [2, 3], [4]])
    const row = interiorPoint(a, "row", random(a, 3, "y"), { from: 3 })
    expect(row.margin).toBeGreaterThan(0.3)
    expect(row.residual).toBeLessThan(1e-6)
    // No threshold parts a single class: the start comes back.
    const full = fromLists(3, [[0, 1, 2]])
    const start = random(full, 2, "z")
    const same = interiorPoint(full, "global", start)
    expect(same.queries).toBe(start.queries)
    expect(same.margin).toBe(Number.NEGATIVE_INFINITY)
  })

  it("is the same whichever side is eliminated first", () => {
    // A matrix and its transpose have the same margins; queries and documents change places.
    const a = fromLists(4, [[0], [1], [2], [3], [0, 1], [1, 2]])
    const transposed = fromLists(6, [[0, 4], [1, 4, 5], [2, 5], [3]])
    const start = random(a, 3, "t")
    const there = interiorPoint(a, "global", start, { from: 5 })
    const back = interiorPoint(
      transposed,
      "global",
      { dims: 3, queries: start.documents, documents: start.queries },
      { from: 5 }
    )
    expect(Math.abs(there.margin - back.margin)).toBeLessThan(1e-12)
  })

  it("stops when told, and is deterministic", () => {
    const a = completeGraph(8, 2)
    const start = random(a, 4, "s")
    expect(interiorPoint(a, "zero", start, { shouldStop: () => true }).iterations).toBe(0)
    expect(interiorPoint(a, "zero", start, { iterations: 5 })).toEqual(
      interiorPoint(a, "zero", start, { iterations: 5 })
    )
    expect(interiorPointCost(a, 6)).toBeGreaterThan(interiorPointCost(a, 4))
  })
})
