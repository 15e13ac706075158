/**
 * Whether f(θ) + g(φ) + 4 w sin(θ/2) sin(φ/2) ≤ c on a part of a rectangle, proved by subdivision.
 *
 * On a cell of half-widths a, b about its middle, with q_f = f″ + a Σ m³|f_m| an upper bound of f″ there (and q_g), and the
 * mixed derivative of the product at most w in size, |uv| ≤ (ρ u² + v²/ρ)/2,
 *   F ≤ F₀ + max_|u|≤a (F_θ u + ½ (q_f + w ρ) u²) + max_|v|≤b (F_φ v + ½ (q_g + w/ρ) v²):
 * exact to third order where F touches c. Cells outside of the part are dropped, others are halved. f, g and their
 * derivatives are computed once for each interval. Errors of computing are left to the caller, who lowers c by them.
 */
import { derivativeBound, evaluateSeries } from "./cosineSeries.ts"

export interface PairFunction {
  readonly f: Float64Array
  readonly g: Float64Array
  /** w ≥ 0. */
  readonly product: number
}

export interface PairRegion {
  /** θ from, θ to, φ from, φ to. */
  readonly rectangle: readonly [number, number, number, number]
  /** Whether no point of the cell is in the part. */
  readonly misses: (thetaLow: number, thetaHigh: number, phiLow: number, phiHigh: number) => boolean
}

interface Interval {
  readonly low: number
  readonly high: number
  readonly half: number
  readonly sine: number
  readonly cosine: number
  readonly value: number
  readonly slope: number
  /** An upper bound of the second derivative. */
  readonly bend: number
  halves: readonly [Interval, Interval] | undefined
}

const makeInterval = (series: Float64Array, third: number, low: number, high: number): Interval => {
  const middle = (low + high) / 2
  // Rounding of the middle is covered by a half that is a little too large.
  const half = ((high - low) / 2) * (1 + 1e-12) + 1e-15
  const at = new Float64Array(3)
  evaluateSeries(series, middle, at)
  return {
    low,
    high,
    half,
    sine: Math.sin(middle / 2),
    cosine: Math.cos(middle / 2),
    // The errors of slope and second derivative are below 8 u and 8 · 64 u times Σ m³|c_m|.
    value: at[0] + 1e-14 * third * half,
    slope: at[1],
    bend: at[2] + (half + 1e-12) * third,
    halves: undefined
  }
}

const halve = (interval: Interval, series: Float64Array, third: number): readonly [Interval, Interval] => {
  if (interval.halves === undefined) {
    const middle = (interval.low + interval.high) / 2
    interval.halves = [
      makeInterval(series, third, interval.low, middle),
      makeInterval(series, third, middle, interval.high)
    ]
  }
  return interval.halves
}

/** max over |u| ≤ h of a u + ½ q u². */
const quadratic = (a: number, q: number, h: number): number => {
  const slope = Math.abs(a)
  return q < 0 && slope < -q * h ? (slope * slope) / (-2 * q) : slope * h + (q * h * h) / 2
}

/** `cells` is how many cells may be looked at before it gives up. */
export const pairBounded = (
  { f, g, product }: PairFunction,
  { misses, rectangle }: PairRegion,
  limit: number,
  cells = 1_000_000
): boolean => {
  if (!(product >= 0) || !Number.isFinite(limit)) return false
  const thirdF = derivativeBound(f, 3)
  const thirdG = derivativeBound(g, 3)
  const stack: Array<Interval> = [
    makeInterval(f, thirdF, rectangle[0], rectangle[1]),
    makeInterval(g, thirdG, rectangle[2], rectangle[3])
  ]
  for (let count = 0; stack.length > 0; count++) {
    if (count > cells) return false
    const phi = stack.pop()!
    const theta = stack.pop()!
    if (misses(theta.low, theta.high, phi.low, phi.high)) continue
    const slopeTheta = theta.slope + 2 * product * theta.cosine * phi.sine
    const slopePhi = phi.slope + 2 * product * theta.sine * phi.cosine
    const ratio = theta.bend < 0 && phi.bend < 0 ? Math.sqrt(theta.bend / phi.bend) : 1
    const bound =
      theta.value +
      phi.value +
      4 * product * theta.sine * phi.sine +
      quadratic(slopeTheta, theta.bend + product * ratio, theta.half) +
      quadratic(slopePhi, phi.bend + product / ratio, phi.half)
    if (bound <= limit) continue
    if (!(Math.max(theta.half, phi.half) > 1e-9)) return false
    if (theta.half >= phi.half) for (const part of halve(theta, f, thirdF)) stack.push(part, phi)
    else for (const part of halve(phi, g, thirdG)) stack.push(theta, part)
  }
  return true
}
