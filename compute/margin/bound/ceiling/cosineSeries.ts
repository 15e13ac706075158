/**
 * Gegenbauer polynomials as cosine series, and upper bounds of such series on intervals.
 *
 * P_l of dimension d, P_l(1) = 1, at x = cos θ: with λ = (d − 2)/2 and g_j = (λ)_j / j!,
 *   P_l(cos θ) = Σ_j g_j g_{l−j} cos((l − 2j)θ) / Σ_j g_j g_{l−j},
 * all terms ≥ 0 for d ≥ 2 (Szegő, Orthogonal Polynomials, 4.9.19; for d = 2 the limit is cos lθ). So the coefficients are
 * right to a few roundings each and sum to 1, and a sum Σ c_l P_l is a cosine series whose absolute sum is at most Σ |c_l|.
 *
 * Rounding: the three-term recurrences of cos mθ and sin mθ amplify an error by at most m + 1 (its fundamental solution is a
 * Chebyshev polynomial of the second kind), so value, first and second derivative of a series of degree D ≤ 64 are right
 * to 8 D² u, 8 D³ u, 8 D⁴ u times its absolute sum: below 1e-11 for the value; the derivatives count times a cell's width.
 */

/** Row l, l = 0 … degrees: the coefficients of cos mθ, m = 0 … degrees, in P_l. Row-major. */
export const gegenbauerSeries = (dims: number, degrees: number): Float64Array => {
  const width = degrees + 1
  const result = new Float64Array(width * width)
  const lambda = (dims - 2) / 2
  const g = [1]
  for (let j = 1; j <= degrees; j++) g.push((g[j - 1] * (lambda + j - 1)) / j)
  for (let l = 0; l <= degrees; l++) {
    if (dims === 2) {
      result[l * width + l] = 1
      continue
    }
    let total = 0
    for (let j = 0; j <= l; j++) total += g[j] * g[l - j]
    for (let j = 0; j <= l; j++) result[l * width + Math.abs(l - 2 * j)] += (g[j] * g[l - j]) / total
  }
  return result
}

/** Σ_m c_m cos mθ and its first two derivatives in θ, into target[0 … 2]. */
export const evaluateSeries = (c: Float64Array, theta: number, target: Float64Array): void => {
  const twice = 2 * Math.cos(theta)
  let cosine = 1
  let sine = 0
  let cosineBefore = twice / 2
  let sineBefore = -Math.sin(theta)
  let value = 0
  let slope = 0
  let bend = 0
  for (let m = 0; m < c.length; m++) {
    value += c[m] * cosine
    slope -= m * c[m] * sine
    bend -= m * m * c[m] * cosine
    const nextCosine = twice * cosine - cosineBefore
    const nextSine = twice * sine - sineBefore
    cosineBefore = cosine
    sineBefore = sine
    cosine = nextCosine
    sine = nextSine
  }
  target[0] = value
  target[1] = slope
  target[2] = bend
}

/** Σ |c_m| m^power: a bound on the derivative of that order. */
export const derivativeBound = (c: Float64Array, power: number): number => {
  let sum = 0
  for (let m = 0; m < c.length; m++) sum += Math.abs(c[m]) * m ** power
  return sum
}
