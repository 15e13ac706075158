import { describe, expect, it } from "vitest"
import {
  added,
  choiceInterval,
  meanInterval,
  meanVariance,
  studentInterval,
  subsampleName,
  type Draws
} from "../../../compute/statistics/subsampling.ts"

const draws = (
  values: ReadonlyArray<number>,
  rows: number | null = 10,
  common: number | null = 40,
  name: (s: number) => string = subsampleName
): Draws => ({ values: new Map(values.map((value, s) => [name(s), value])), rows, common })

describe("the variance of a mean over subsamples", () => {
  it("names pairs", () => {
    expect([0, 1, 2, 3, 20].map(subsampleName)).toEqual(["0a", "0b", "1a", "1b", "10a"])
  })
  it("of one pair is half the variance of one subsample", () => {
    // V = (3 − 1)²/2 = 2; no two pairs, so only V/2.
    expect(meanVariance(draws([1, 3]))).toEqual({ variance: 1, df: 1 })
  })
  it("takes what pairs share between the estimate and its bound", () => {
    // Pairs (0, 2) and (0, 2): V = 2. Across: (0 + 2 + 2 + 0)/4 = 1, so v − w = 1, and the bound 2 · 10/40 = 0.5 holds it.
    // q = 1 − 1/4 − 4/16 = 1/2, Var = 2/4 + 1/2 · 0.5.
    expect(meanVariance(draws([0, 2, 0, 2]))).toEqual({ variance: 0.75, df: 2 })
    // Pairs (0, 2) and (2.5, 4.5): V = 2, across (2.5² + 4.5² + 0.5² + 2.5²)/8 = 4.125, so the estimate is 0: ¾ of the bound.
    expect(meanVariance(draws([0, 2, 2.5, 4.5]))).toEqual({ variance: 0.5 + 0.5 * 0.375, df: 2 })
  })
  it("counts a subsample without its pair as one more draw", () => {
    const { variance, df } = meanVariance(draws([0, 2, 1]))!
    // V = 2 from the pair; across (1 + 1)/4 = 0.5, held at the bound 0.5; q = 1 − 1/3 − 2/9 = 4/9.
    expect(variance).toBeCloseTo(2 / 3 + (4 / 9) * 0.5, 12)
    expect(df).toBe(1)
  })
  it("of overlapping draws is the delete-d jackknife's", () => {
    const { variance, df } = meanVariance(draws([1, 2, 3], 10, 40, String))!
    expect(variance).toBeCloseTo(1 / 3 + 10 / 30, 12)
    expect(df).toBe(2)
  })
  it("is not known from one subsample, without a pair, without N, or where a subsample is everything", () => {
    expect(meanVariance(draws([1]))).toBeNull()
    expect(
      meanVariance({
        ...draws([]),
        values: new Map([
          ["0a", 1],
          ["1a", 2]
        ])
      })
    ).toBeNull()
    expect(meanVariance(draws([1, 2], 10, null))).toBeNull()
    expect(meanVariance(draws([1, 2], null))).toBeNull()
    expect(meanVariance(draws([1, 2], 40, 40, String))).toBeNull()
  })
  it("adds, with Welch's degrees of freedom", () => {
    expect(added({ variance: 1, df: 4 }, { variance: 1, df: 4 })).toEqual({ variance: 2, df: 8 })
    expect(added({ variance: 1, df: 4 }, { variance: 0, df: 9 })).toEqual({ variance: 1, df: 4 })
    expect(added({ variance: 0, df: 4 }, { variance: 0, df: 9 })).toEqual({ variance: 0, df: 4 })
  })
})

describe("intervals", () => {
  it("are centred, of Student's t", () => {
    const { low, high } = studentInterval(1, { variance: 4, df: 5 }, 0.95, 1)!
    expect([low, high]).toEqual([1 - 2 * 2.57058, 1 + 2 * 2.57058].map((x) => expect.closeTo(x, 4)))
  })
  it("do not exist where there is no spread but rounding", () => {
    expect(studentInterval(1, { variance: 0, df: 5 }, 0.95, 1)).toBeNull()
    expect(studentInterval(1, { variance: 1e-30, df: 5 }, 0.95, 1)).toBeNull()
    expect(studentInterval(1, null, 0.95, 1)).toBeNull()
    expect(meanInterval([0.25, 0.25, 0.25], 0.95, 1)).toBeNull()
    expect(meanInterval([1], 0.95, 1)).toBeNull()
  })
  it("over independent values are the textbook's", () => {
    // Mean 2, sd 1, n 3: 2 ± 4.30265/√3.
    const { low, high, df } = meanInterval([1, 2, 3], 0.95, 3)!
    expect([low, high]).toEqual([2 - 2.48414, 2 + 2.48414].map((x) => expect.closeTo(x, 4)))
    expect(df).toBe(2)
  })
  it("for the choice of rows are over the means of pairs", () => {
    const pairs = choiceInterval(draws([0, 2, 1, 3, 2, 4]).values, 0.95, 4)
    const means = meanInterval([1, 2, 3], 0.95, 4)
    expect(pairs!.low).toBeCloseTo(means!.low, 12)
    expect(pairs!.high).toBeCloseTo(means!.high, 12)
    expect(choiceInterval(draws([0, 2]).values, 0.95, 2)).toBeNull()
    const single = choiceInterval(draws([1, 2, 3], 10, 40, String).values, 0.95, 4)
    expect(single!.low).toBeCloseTo(means!.low, 12)
  })
})
