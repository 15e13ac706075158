import { describe, expect, it } from "vitest"
import { changesBetween, type Measured } from "../../../compute/statistics/pairedChange.ts"
import { subsampleName } from "../../../compute/statistics/subsampling.ts"

const measured = (
  all: number | null,
  values: ReadonlyArray<number>,
  rows: number | null = 100,
  common: number | null = 400
): Measured => ({
  all,
  draws: { values: new Map(values.map((value, s) => [subsampleName(s), value])), rows, common }
})

const before = measured(0.1, [0.2, 0.3, 0.24, 0.26])
const after = measured(0.2, [0.31, 0.42, 0.33, 0.38])

describe("the change from one setting to another", () => {
  it("keeps subsamples and all rows apart, each with its own values", () => {
    const [drawn, whole] = changesBetween(before, after, 0.95)
    expect(drawn).toMatchObject({ over: "subsamples", rows: [100, 100], common: [400, 400], subsamples: 4 })
    expect([drawn!.before, drawn!.after, drawn!.change]).toEqual(
      [0.25, 0.36, 0.11].map((x) => expect.closeTo(x, 12))
    )
    expect(drawn!.populations!.low).toBeLessThan(0.11)
    expect(drawn!.choice!.high).toBeGreaterThan(0.11)
    expect(whole).toEqual({
      over: "all rows",
      rows: [400, 400],
      common: [400, 400],
      subsamples: 0,
      before: 0.1,
      after: 0.2,
      change: expect.closeTo(0.1, 12),
      populations: null,
      choice: null
    })
  })
  it("cancels what both have in common: a constant change of unlike subsamples has no interval", () => {
    const shifted = measured(0.2, [0.3, 0.4, 0.34, 0.36])
    expect(changesBetween(before, shifted, 0.95)[0]).toMatchObject({ populations: null, choice: null })
  })
  it("compares only the subsamples that both have", () => {
    const fewer = measured(0.2, [0.31, 0.42])
    const [drawn] = changesBetween(before, fewer, 0.95)
    expect(drawn).toMatchObject({ subsamples: 2, choice: null })
    expect(drawn!.before).toBeCloseTo(0.25, 12)
    expect(drawn!.change).toBeCloseTo(0.115, 12)
  })
  it("adds the variances where subsamples are of other sizes, and is wider for it", () => {
    const larger = measured(0.2, [0.31, 0.42, 0.33, 0.38], 120)
    const [apart] = changesBetween(before, larger, 0.95)
    const [paired] = changesBetween(before, after, 0.95)
    expect(apart).toMatchObject({ subsamples: 0, rows: [100, 120], choice: null })
    const width = (change: typeof apart): number => change!.populations!.high - change!.populations!.low
    expect(width(apart)).toBeGreaterThan(width(paired))
  })
  it("takes the smaller corpus where the corpora differ", () => {
    const part = measured(0.2, [0.31, 0.42, 0.33, 0.38], 100, 250)
    const [drawn] = changesBetween(before, part, 0.95)
    const [same] = changesBetween(before, after, 0.95)
    expect(drawn).toMatchObject({ common: [400, 250], subsamples: 4 })
    expect(drawn!.populations!.high).toBeGreaterThan(same!.populations!.high)
  })
  it("has a value on all rows alone, or none", () => {
    expect(changesBetween(measured(1, []), measured(2, []), 0.95)).toHaveLength(1)
    expect(changesBetween(measured(null, []), measured(2, []), 0.95)).toEqual([])
  })
})
