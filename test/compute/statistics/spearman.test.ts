import { describe, expect, it } from "vitest"
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
  })
})
