import { describe, expect, it } from "vitest"
import { studentQuantile, studentTails } from "../../../compute/statistics/studentT.ts"

describe("Student's t", () => {
  it("has the quantiles of the tables", () => {
    // Two-sided 95 % and 99 %: Fisher & Yates, "Statistical Tables" (1963), table III.
    const tables = [
      [1, 12.7062, 63.6567],
      [2, 4.30265, 9.92484],
      [5, 2.57058, 4.03214],
      [9, 2.26216, 3.24984],
      [30, 2.04227, 2.75]
    ] as const
    for (const [df, ninetyFive, ninetyNine] of tables) {
      expect(studentQuantile(0.95, df)).toBeCloseTo(ninetyFive, 4)
      expect(studentQuantile(0.99, df)).toBeCloseTo(ninetyNine, 4)
    }
  })
  it("is Cauchy's for one degree of freedom and nearly normal for many", () => {
    for (const t of [0, 0.1, 1, 10, 1e6])
      expect(studentTails(t, 1)).toBeCloseTo(1 - (2 * Math.atan(t)) / Math.PI, 12)
    expect(studentQuantile(0.95, 1e6)).toBeCloseTo(1.959964, 4)
  })
  it("takes degrees of freedom that are not whole, and gives back the quantile's tails", () => {
    for (const df of [0.7, 1.5, 3.3, 17.2])
      for (const confidence of [0.01, 0.5, 0.95, 0.9999])
        expect(studentTails(studentQuantile(confidence, df), df)).toBeCloseTo(1 - confidence, 10)
    const between = studentQuantile(0.95, 4.5)
    expect(between).toBeLessThan(studentQuantile(0.95, 4))
    expect(between).toBeGreaterThan(studentQuantile(0.95, 5))
  })
})
