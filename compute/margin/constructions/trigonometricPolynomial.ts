/** Trigonometric polynomials as products of factors cos(θ − centre) − level, in the coordinates of a trigonometric curve. */

export interface TrigonometricPolynomial {
  /** The constant part. */
  readonly constant: number
  /** cos and sin coefficients of degrees 1 … `degree`, interleaved. */
  readonly coefficients: Float64Array
}

/** sign · ∏ (cos(θ − centre) − level), of a degree no less than the number of factors. Cost O(factors · degree). */
export const trigonometricProduct = (
  factors: ReadonlyArray<{ readonly centre: number; readonly level: number }>,
  degree: number,
  sign: number
): TrigonometricPolynomial => {
  // A Laurent polynomial in z = e^{iθ}: index m + degree holds the coefficient of z^m, re and im.
  let re = new Float64Array(2 * degree + 1)
  let im = new Float64Array(2 * degree + 1)
  re[degree] = sign
  for (const { centre, level } of factors) {
    // cos(θ − c) − l = ½ e^{−ic} z + ½ e^{ic} z^{−1} − l
    const c = 0.5 * Math.cos(centre)
    const s = 0.5 * Math.sin(centre)
    const nextRe = new Float64Array(2 * degree + 1)
    const nextIm = new Float64Array(2 * degree + 1)
    for (let m = 0; m <= 2 * degree; m++) {
      nextRe[m] -= level * re[m]
      nextIm[m] -= level * im[m]
      if (m < 2 * degree) {
        nextRe[m + 1] += c * re[m] + s * im[m]
        nextIm[m + 1] += c * im[m] - s * re[m]
      }
      if (m > 0) {
        nextRe[m - 1] += c * re[m] - s * im[m]
        nextIm[m - 1] += c * im[m] + s * re[m]
      }
    }
    re = nextRe
    im = nextIm
  }
  const coefficients = new Float64Array(2 * degree)
  for (let m = 1; m <= degree; m++) {
    coefficients[2 * m - 2] = 2 * re[degree + m]
    coefficients[2 * m - 1] = -2 * im[degree + m]
  }
  return { constant: re[degree], coefficients }
}
