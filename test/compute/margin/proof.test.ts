import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dimensionFree, type DimensionFree } from "../../../compute/margin/bound/dimensionFree.ts"
import { covers, thresholds, verifyProof } from "../../../compute/margin/bound/proof/Proof.ts"
import { upperBounds } from "../../../compute/margin/bound/upperBounds.ts"
import { completeGraph, randomGraph } from "../../../compute/margin/graphs.ts"
import { packingBound } from "../../../compute/margin/packing.ts"
import { fromLists, type Relevance, type Threshold } from "../../../compute/margin/Relevance.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const freeOf = (a: Relevance): ReadonlyMap<Threshold, DimensionFree> =>
  new Map(thresholds.map((threshold) => [threshold, dimensionFree(a, threshold)]))

describe("upper bounds and their proofs", () => {
  it.each([
    ["complete:8,2", completeGraph(8, 2)],
    ["random", randomGraph(9, 2, 14, makeRandom("0", "g"))],
    ["rows of one class and of several sizes", fromLists(5, [[0], [1], [0, 1, 2, 3, 4], [], [1, 2], [3, 4]])]
  ])(
    "%s: each proof gives back its bound, and no stricter threshold's bound is above a looser one's",
    (_, a) => {
      const free = freeOf(a)
      for (const dim of [1, 2, 3, 6, Infinity]) {
        const upper = upperBounds(a, dim, free)
        let looser = Infinity
        for (const threshold of thresholds.toReversed()) {
          const bound = upper.get(threshold)!
          expect(verifyProof(a, dim, bound.proof)).toBe(bound.value)
          expect(covers(bound.proof.threshold, threshold)).toBe(true)
          expect(bound.value).toBeLessThanOrEqual(looser)
          expect(bound.by).toBe(bound.proof.type)
          looser = bound.value
        }
      }
      expect(upperBounds(a, 1, free).get("zero")!.by).toBe("packing")
      expect(upperBounds(a, Infinity, free).get("zero")!.by).toBe("dimension-free")
    }
  )

  it("a proof by packing proves nothing in every dimension", () => {
    expect(
      verifyProof(completeGraph(8, 2), Infinity, { type: "packing", threshold: "row", bound: 0.9 })
    ).toBe(Infinity)
    expect(verifyProof(completeGraph(8, 2), 2, { type: "packing", threshold: "row", bound: 0.1 })).toBe(
      Infinity
    )
  })

  it("has no bound where a threshold has no meaning", () => {
    const a = fromLists(3, [[0, 1, 2]])
    expect([...upperBounds(a, 2, freeOf(a)).keys()]).toEqual(["zero"])
  })
})

describe("packing", () => {
  it("the float64 that is returned satisfies N ≥ (1 + 1/g)^d in whole numbers, and hardly less does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1e7 }), fc.integer({ min: 1, max: 30 }), (rows, dims) => {
        const bound = packingBound(rows, dims)
        const holds = (g: number): boolean => {
          // g = whole / 2^200 exactly for every g ≥ 2^−47.
          const scale = 1n << 200n
          const whole = BigInt(g * 2 ** 100) << 100n
          return BigInt(rows) * whole ** BigInt(dims) >= (scale + whole) ** BigInt(dims)
        }
        if (bound === 1) expect(rows <= 2 ** dims || !holds(1 - 1e-12)).toBe(true)
        else {
          expect(holds(bound)).toBe(true)
          expect(holds(bound * (1 - 1e-12))).toBe(false)
        }
      })
    )
  })

  it("is exact where it is a power: 9 rows in the plane have margins up to 1/2, 2 on a line up to 1", () => {
    expect(packingBound(9, 2)).toBeCloseTo(0.5, 14)
    expect(packingBound(9, 2)).toBeGreaterThanOrEqual(0.5)
    expect(packingBound(2, 1)).toBe(1)
    expect(packingBound(1, 1)).toBe(1)
  })
})
