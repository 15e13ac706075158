import { describe, expect, it } from "vitest"
import { leastDimension } from "../../../../compute/margin/bound/ceiling/leastDimension.ts"
import { dimensionFree, type DimensionFree } from "../../../../compute/margin/bound/dimensionFree.ts"
import { thresholds, verifyProof } from "../../../../compute/margin/bound/proof/Proof.ts"
import type { UpperBound } from "../../../../compute/margin/bound/upperBounds.ts"
import { completeGraph } from "../../../../compute/margin/graphs.ts"
import type { Relevance, Threshold } from "../../../../compute/margin/Relevance.ts"

const freeOf = (a: Relevance): ReadonlyMap<Threshold, DimensionFree> =>
  new Map(thresholds.map((threshold) => [threshold, dimensionFree(a, threshold)]))

describe("least dimension not excluded", () => {
  const a = completeGraph(24, 2)
  const free = freeOf(a)

  it("by packing: 276 ≤ (1 + 1/m)^d first holds at d = 4 for m = .3, and the proof excludes d = 3", () => {
    const least = leastDimension(a, "global", 0.3, { free })
    expect(Math.log(276) / Math.log(1 + 1 / 0.3)).toBeGreaterThan(3)
    expect(least.dims).toBe(4)
    expect(verifyProof(a, 3, least.excluded!.proof)).toBe(least.excluded!.value)
    expect(least.excluded!.value).toBeLessThan(0.3)
  })

  it("is null above the dimension-free bound, with a proof that holds in every dimension", () => {
    const least = leastDimension(a, "zero", 0.3, { free })
    expect(least.dims).toBeNull()
    expect(verifyProof(a, Infinity, least.excluded!.proof)).toBeLessThan(0.3)
  })

  it("is 1 with no proof where nothing is excluded", () => {
    expect(leastDimension(a, "zero", 1e-6, { free })).toEqual({ dims: 1 })
  })

  it("never falls as the wanted margin rises", () => {
    let last = 0
    for (const wanted of [0.01, 0.05, 0.1, 0.2, 0.28, 0.37]) {
      const { dims } = leastDimension(a, "global", wanted, { free })
      expect(dims).toBeGreaterThanOrEqual(last)
      last = dims!
    }
  })

  it("asks further bounds up to dimension n, with the margin wanted, and none once stopped", () => {
    const weights = free.get("zero")!.weights!
    const asked: Array<number> = []
    const more = (dims: number, wanted: number): UpperBound | undefined => {
      asked.push(dims)
      expect(wanted).toBe(0.2)
      return dims <= 11
        ? {
            value: 0.19,
            by: "two-point",
            proof: { type: "dimension-free", threshold: "zero", weights }
          }
        : undefined
    }
    expect(leastDimension(a, "zero", 0.2, { free, more }).dims).toBe(12)
    expect(Math.max(...asked)).toBeLessThanOrEqual(24)
    asked.length = 0
    const least = leastDimension(a, "zero", 0.2, { free, more, shouldStop: () => true })
    expect(asked).toEqual([])
    expect(least.dims).toBe(4)
  })

  it("refuses a wanted margin that no embedding has", () => {
    expect(() => leastDimension(a, "zero", 0, { free })).toThrow(RangeError)
    expect(() => leastDimension(a, "zero", 1.5, { free })).toThrow(RangeError)
    expect(() => leastDimension(a, "zero", Number.NaN, { free })).toThrow(RangeError)
  })
})
