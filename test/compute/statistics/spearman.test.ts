import { describe, expect, it } from "vitest"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { ranks, spearman, spearmanP } from "../../../compute/statistics/spearman.ts"

describe("spearman", () => {
  it("shares ranks among ties", () => {
    expect(Array.from(ranks([10, 20, 10, 30]))).toEqual([1.5, 3, 1.5, 4])
  })

  it("is 1 for any rising function and undefined for a constant", () => {
    expect(spearman([1, 2, 3, 4], [1, 4, 9, 16])).toBeCloseTo(1, 12)
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNaN()
  })

  it("equals 1 − 6 Σ d² / (n (n² − 1)) without ties", () => {
    // d = (1, −1, 1, −1, 0): 1 − 6 · 4 / 120.
    expect(spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])).toBeCloseTo(0.8, 12)
  })

  it("has a two-sided p", () => {
    expect(spearmanP(0, 100)).toBeCloseTo(1, 6)
    expect(spearmanP(0.5, 100)).toBeLessThan(1e-6)
    expect(spearmanP(-0.5, 100)).toBe(spearmanP(0.5, 100))
    // t = 0.5 √(8/0.75) = 1.63299 with 8 degrees of freedom: scipy.stats.t.sf(1.632993, 8) · 2.
    expect(spearmanP(0.5, 10)).toBeCloseTo(0.1411, 4)
  })

  it("has p below 0.05 in 5 % of permutations, also with ties", () => {
    const random = makeRandom("spearman", "null")
    const shares = Float64Array.from({ length: 40 }, () => random.integer(6))
    let below = 0
    for (let trial = 0; trial < 2000; trial++)
      if (spearmanP(spearman(shares, random.permutation(40)), 40) < 0.05) below++
    // Three standard errors of a share of 2,000 are 0.015.
    expect(Math.abs(below / 2000 - 0.05)).toBeLessThan(0.015)
  })
})
