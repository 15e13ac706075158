import * as FastCheck from "fast-check"
import { describe, expect, it } from "vitest"
import { dimensionBounds } from "../../../compute/constellation/dimension.ts"
import { largestMargin, regionSlack } from "../../../compute/constellation/feasibleRegion.ts"
import { measureMargins } from "../../../compute/constellation/margins.ts"
import { measureModalityGap } from "../../../compute/constellation/modalityGap.ts"
import { randomCode } from "../../../compute/constellation/optimisedCode.ts"
import { pairRows, unitRows } from "../../../compute/constellation/Pairing.ts"
import { blockRows, exactScores } from "../../../compute/constellation/scores.ts"
import { edgesOf } from "../../../compute/constellation/synchronisation.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const random = (name: string) => makeRandom("measures", name)

describe("margins", () => {
  it("a configuration worked out by hand", () => {
    // Scores: s = [[1, 0], [0.6, 0.8]]; positives 1 and 0.8, negatives 0 and 0.6.
    const margins = measureMargins(
      pairRows(new Float64Array([1, 0, 0.6, 0.8]), new Float64Array([1, 0, 0, 1]), 2)
    )
    expect(margins.margin).toBeCloseTo(0.1, 12)
    expect(margins.fullGap).toBeCloseTo(0.2, 12)
    expect(margins.relativeBias).toBeCloseTo(0.7, 12)
    expect(margins.zeroMargin).toBeCloseTo(-0.6, 12)
    expect(margins.rowMargin).toBeCloseTo(0.1, 12)
    expect(margins.meanPositive).toBeCloseTo(0.9, 12)
    expect(margins.meanNegative).toBeCloseTo(0.3, 12)
    expect(margins.leftToRight).toBe(1)
    expect(margins.rightToLeft).toBe(1)
  })

  it("many left rows may share a partner", () => {
    const margins = measureMargins({
      left: new Float64Array([1, 0, 0.8, 0.6, 0, 1]),
      right: new Float64Array([1, 0, 0, 1]),
      dims: 2,
      rows: 3,
      columns: 2,
      match: new Uint32Array([0, 0, 1])
    })
    expect(margins.minPositive).toBeCloseTo(0.8, 12)
    expect(margins.maxNegative).toBeCloseTo(0.6, 12)
    expect(margins.rightToLeft).toBe(1)
  })

  it("a tie with a negative is a miss", () => {
    const same = new Float64Array([1, 0, 1, 0])
    const margins = measureMargins(pairRows(same, same, 2))
    expect(margins.margin).toBe(0)
    expect(margins.leftToRight).toBe(0)
    expect(margins.rightToLeft).toBe(0)
  })

  it("zero ≤ global ≤ row margin, blocks do not matter, a positive margin means perfect retrieval", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.integer({ min: 2, max: 30 }),
        FastCheck.integer({ min: 2, max: 6 }),
        FastCheck.string(),
        (pairs, dims, seed) => {
          const stream = makeRandom(seed, "pairs")
          const left = randomCode(pairs, dims, stream)
          const noise = randomCode(pairs, dims, stream)
          const right = unitRows(
            left.map((x, at) => x + 0.2 * noise[at]),
            dims
          )
          const pairing = pairRows(left, right, dims)
          const margins = measureMargins(pairing)
          expect(margins.zeroMargin).toBeLessThanOrEqual(margins.margin + 1e-15)
          expect(margins.margin).toBeLessThanOrEqual(margins.rowMargin + 1e-15)
          if (margins.margin > 0) expect([margins.leftToRight, margins.rightToLeft]).toEqual([1, 1])
          const oneByOne = measureMargins(pairing, (given, visit) =>
            exactScores(given, (start, count, block) => {
              for (let i = 0; i < count; i++) {
                visit(start + i, 1, block.subarray(i * given.columns, (i + 1) * given.columns))
              }
            })
          )
          expect(oneByOne).toEqual(margins)
        }
      ),
      { numRuns: 40 }
    )
    expect(blockRows(1_000_000)).toBe(1)
  })
})

describe("feasible region (Theorem 3.4)", () => {
  it("holds for every pair of sets of unit vectors, already for the average scores", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.integer({ min: 2, max: 20 }),
        FastCheck.integer({ min: 2, max: 8 }),
        FastCheck.double({ min: 0, max: 1, noNaN: true }),
        FastCheck.string(),
        (pairs, dims, mix, seed) => {
          const stream = makeRandom(seed, "region")
          const left = randomCode(pairs, dims, stream)
          const noise = randomCode(pairs, dims, stream)
          const right = unitRows(
            left.map((x, at) => mix * x + (1.001 - mix) * noise[at]),
            dims
          )
          const margins = measureMargins(pairRows(left, right, dims))
          const mean = (margins.meanPositive - margins.meanNegative) / 2
          const bias = (margins.meanPositive + margins.meanNegative) / 2
          expect(regionSlack(mean, bias, pairs).slack).toBeGreaterThanOrEqual(-1e-9)
          expect(regionSlack(margins.margin, margins.relativeBias, pairs).slack).toBeGreaterThanOrEqual(-1e-9)
        }
      ),
      { numRuns: 60 }
    )
  })

  it("a full gap in place of the half gap falls outside: the mistake this check is for", () => {
    // Paper's Table 2 at b = 0.7 prints 0.5278, a full gap.
    expect(regionSlack(0.5278, 0.7, 100).slack).toBeLessThan(0)
    expect(regionSlack(0.5278 / 2, 0.7, 100).slack).toBeGreaterThan(0)
  })

  it("the largest margin is at the corner (½, ½) for many pairs", () => {
    expect(largestMargin(0.5, 1e12)).toBeCloseTo(0.5, 9)
    expect(largestMargin(0.6, 1e12)).toBeLessThan(0.5)
    expect(largestMargin(0.4, 1e12)).toBeLessThan(0.5)
    expect(largestMargin(-1, 100)).toBe(0)
  })
})

describe("dimension bounds (Theorems 3.3 and 3.5)", () => {
  // Worked examples of the paper's discussion: rates and the range of d for 10¹⁰ pairs.
  it.each([
    { margin: 0.1, bias: 0, threshold: 0.6364, largest: 0.73, reachable: 0.3745, from: 46, to: 89 },
    { margin: 0.07, bias: 0.03, threshold: 0.7455, largest: 0.987, reachable: 0.585, from: 34, to: 57 }
  ])("m = $margin, b = $bias", ({ bias, from, largest, margin, reachable, threshold, to }) => {
    const bounds = dimensionBounds(margin, bias, 1e10)
    expect(bounds.threshold).toBeCloseTo(threshold, 4)
    expect(bounds.largestRate).toBeCloseTo(largest, 3)
    expect(bounds.reachableRate).toBeCloseTo(reachable, 3)
    expect(Math.ceil(bounds.asymptoticNecessaryDimension!)).toBe(from)
    expect(Math.ceil(bounds.asymptoticSufficientDimension!)).toBe(to)
  })
})

describe("modality gap", () => {
  it("ξ is 0 exactly for a shifted copy, and not otherwise", () => {
    const left = randomCode(30, 5, random("xi"))
    const shifted = left.map((x, at) => x + (at % 5) / 7)
    const gap = measureModalityGap(pairRows(left, shifted, 5))
    expect(gap.xi).toBeLessThan(1e-28)
    expect(gap.notebookXi).toBeLessThan(1e-12)
    expect(gap.centroidGap).toBeCloseTo(Math.sqrt(30) / 7, 12)
    expect(measureModalityGap(pairRows(left, randomCode(30, 5, random("other")), 5)).xi).toBeGreaterThan(0.5)
  })

  it("ξ equals mean‖x‖² − ‖x̄‖²", () => {
    const left = randomCode(20, 4, random("a"))
    const right = randomCode(20, 4, random("b"))
    const mean = new Float64Array(4)
    let squares = 0
    for (let at = 0; at < left.length; at++) {
      const x = left[at] - right[at]
      squares += (x * x) / 20
      mean[at % 4] += x / 20
    }
    const expected = squares - mean.reduce((sum, x) => sum + x * x, 0)
    expect(measureModalityGap(pairRows(left, right, 4)).xi).toBeCloseTo(expected, 12)
  })
})

describe("synchronisation graphs", () => {
  it("complete, star and path", () => {
    expect(edgesOf("complete", 4)).toHaveLength(6)
    expect(edgesOf("star", 4).map((edge) => edge.left)).toEqual([0, 0, 0])
    expect(edgesOf("path", 4).map((edge) => edge.right - edge.left)).toEqual([1, 1, 1])
    expect(() => edgesOf("star", 1)).toThrow(RangeError)
  })
})
