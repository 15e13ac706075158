import { describe, expect, it } from "vitest"
import { leastSquares } from "../../../compute/statistics/leastSquares.ts"

describe("least squares", () => {
  it("gives the line of Anscombe's first data set", () => {
    // Anscombe, "Graphs in Statistical Analysis", The American Statistician 27 (1973): y = 3.00 + 0.500 x, R² 0.67.
    const line = leastSquares(
      [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
      [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    )!
    expect(line.intercept).toBeCloseTo(3.0001, 4)
    expect(line.slope).toBeCloseTo(0.5001, 4)
    expect(line.r2).toBeCloseTo(0.6665, 4)
  })
  it("has no R² for a constant and no line where x is", () => {
    expect(leastSquares([1, 2, 3], [4, 4, 4])).toEqual({ slope: 0, intercept: 4, r2: null })
    expect(leastSquares([1, 1], [0, 5])).toBeUndefined()
    expect(leastSquares([1], [0])).toBeUndefined()
  })
})
