import { describe, expect, it } from "vitest"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { pairedBootstrap } from "../../../compute/statistics/pairedBootstrap.ts"

const options = { resamples: 2000, confidence: 0.95 }

describe("the paired bootstrap", () => {
  it("is a point for equal differences", () => {
    expect(pairedBootstrap([0.25, 0.25, 0.25], makeRandom("s", "n"), options)).toEqual({
      mean: 0.25,
      low: 0.25,
      high: 0.25,
      count: 3
    })
  })
  it("agrees with the exact bootstrap distribution of two differences", () => {
    // Of {0, 1} the resampled mean is 0, ½, 1 with probability ¼, ½, ¼: both 95 % ends are the extremes, both 40 % ends ½.
    const wide = pairedBootstrap([0, 1], makeRandom("s", "n"), options)
    expect([wide.mean, wide.low, wide.high]).toEqual([0.5, 0, 1])
    const narrow = pairedBootstrap([0, 1], makeRandom("s", "n"), { ...options, confidence: 0.4 })
    expect([narrow.low, narrow.high]).toEqual([0.5, 0.5])
  })
  it("covers the true mean about as often as it says", () => {
    const random = makeRandom("coverage", "data")
    let covered = 0
    for (let trial = 0; trial < 300; trial++) {
      const values = Array.from({ length: 40 }, () => 1 + random.gaussian())
      const { low, high } = pairedBootstrap(values, makeRandom("coverage", String(trial)), {
        resamples: 400,
        confidence: 0.9
      })
      if (low <= 1 && 1 <= high) covered++
    }
    // 0.9 · 300 = 270; four standard deviations (5.2) and the known slight under-coverage at n = 40.
    expect(covered).toBeGreaterThan(240)
    expect(covered).toBeLessThan(292)
  })
  it("refuses no data", () => {
    expect(() => pairedBootstrap([], makeRandom("s", "n"), options)).toThrow(RangeError)
  })
})
