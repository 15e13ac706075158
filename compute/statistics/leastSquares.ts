/**
 * The straight line y = intercept + slope · x by ordinary least squares.
 *
 * slope = Σ(x − x̄)(y − ȳ) / Σ(x − x̄)², intercept = ȳ − slope · x̄, R² = 1 − Σ residual² / Σ(y − ȳ)². O(n).
 */

export interface Line {
  readonly slope: number
  readonly intercept: number
  /** Null where y is constant. */
  readonly r2: number | null
}

/** The line through at least two points with different x; undefined where there is none. */
export const leastSquares = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): Line | undefined => {
  const count = x.length
  if (count < 2) return undefined
  const xMean = x.reduce((sum, value) => sum + value, 0) / count
  const yMean = y.reduce((sum, value) => sum + value, 0) / count
  let [sxx, sxy, syy] = [0, 0, 0]
  for (let index = 0; index < count; index++) {
    const [dx, dy] = [x[index]! - xMean, y[index]! - yMean]
    sxx += dx * dx
    sxy += dx * dy
    syy += dy * dy
  }
  if (sxx === 0) return undefined
  const slope = sxy / sxx
  const intercept = yMean - slope * xMean
  let residual = 0
  for (let index = 0; index < count; index++) residual += (y[index]! - intercept - slope * x[index]!) ** 2
  return { slope, intercept, r2: syy === 0 ? null : 1 - residual / syy }
}
