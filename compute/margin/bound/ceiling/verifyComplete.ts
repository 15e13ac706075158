/**
 * What a certificate for complete:n,k proves, from the certificate alone: see CeilingCertificate.ts for what is checked.
 *
 * Rounding. Every number that is compared is a sum of terms (a coefficient of P_l, 2 W, a split's coefficient) whose
 * absolute values sum to B. Coefficients come with a relative error of at most 400 u, series of degree ≤ 64 are evaluated
 * to 8 · 64² u B: all errors are below 1e-11 B, and each inequality is asked to hold by that much more. Regions are taken
 * larger by 1e-12. Cost: a few thousand to a million cells of O(1) and as many series of O(L).
 */
import { completeBlocks, type CompleteBlocks } from "./completeBlocks.ts"
import { gegenbauerSeries } from "./cosineSeries.ts"
import type { CompleteCertificate } from "./CeilingCertificate.ts"
import { pairBounded, type PairRegion } from "./pairBound.ts"

const wider = 1e-12

/** The functions of one range, as cosine series. */
export interface CompleteFunctions {
  readonly constant: number
  /** h_t and f_qq,t for each t. */
  readonly documents: ReadonlyArray<Float64Array>
  readonly queries: ReadonlyArray<Float64Array>
  readonly relevant: Float64Array
  readonly other: Float64Array
  /** B: the sum of the absolute values of all terms. */
  readonly size: number
}

/** The region of condition (2). */
export const coupledRegion = (margin: number): PairRegion => {
  const least = 2 * Math.asin(Math.min(1, Math.max(0, margin - wider))) - wider
  const from = Math.max(0, least)
  return {
    rectangle: [from, Math.PI + 1e-15, from, Math.PI + 1e-15],
    misses: (_, thetaHigh, __, phiHigh) => half(thetaHigh) * half(phiHigh) < margin - wider
  }
}

/** sin(θ/2), rising to π and 1 beyond. */
const half = (theta: number): number => (theta >= Math.PI ? 1 : Math.sin(theta / 2))

/** The region of condition (3); `undefined` where it is empty. */
export const scoreRegion = (margin: number, from: number, to: number): PairRegion | undefined => {
  const least = from + margin - wider
  const most = to - margin + wider
  if (least > 1 || most < -1) return undefined
  return {
    rectangle: [
      0,
      Math.acos(Math.max(-1, least)) + wider,
      Math.max(0, Math.acos(Math.min(1, most)) - wider),
      Math.PI + 1e-15
    ],
    misses: (thetaLow, _, __, phiHigh) =>
      Math.cos(thetaLow) - (phiHigh >= Math.PI ? -1 : Math.cos(phiHigh)) < 2 * margin - wider
  }
}

/** The functions of range r; `undefined` where an array does not fit or a multiplier is negative or not a number. */
export const completeFunctions = (
  certificate: CompleteCertificate,
  system: CompleteBlocks,
  r: number
): CompleteFunctions | undefined => {
  const { degrees: L, splitDegree: H } = certificate
  const T = system.commons
  const lines = Math.max(0, system.queries.length - 2)
  const width = 6 + lines
  const blocks = certificate.blocks.subarray(r * L * width, (r + 1) * L * width)
  const weights = certificate.weights.subarray(r * T, (r + 1) * T)
  const splits = certificate.splits.subarray(r * (T - 1) * (H + 1), (r + 1) * (T - 1) * (H + 1))
  if (![blocks, weights, splits].every((values) => values.every(Number.isFinite))) return undefined
  if (weights.some((weight) => weight < 0)) return undefined

  const polynomials = gegenbauerSeries(certificate.dim, L)
  const length = Math.max(L, H) + 1
  const series = (): Float64Array => new Float64Array(length)
  let size = 0
  let constant = 0
  const addPolynomial = (target: Float64Array, l: number, factor: number): void => {
    size += Math.abs(factor)
    for (let m = 0; m <= l; m++) target[m] += factor * polynomials[l * (L + 1) + m]
  }
  const addConstant = (value: number): void => {
    size += Math.abs(value)
    constant += value
  }
  const documents = Array.from({ length: T }, series)
  const queries = Array.from({ length: T }, series)
  const relevant = series()
  const other = series()
  for (let l = 1; l <= L; l++) {
    const at = (l - 1) * width
    for (let j = 0; j < 2; j++) {
      const a = blocks[at + 3 * j]
      const b = blocks[at + 3 * j + 1]
      const c = blocks[at + 3 * j + 2]
      addConstant(a * a * system.documents[j].constant)
      addPolynomial(documents[0], l, a * a * system.documents[j].pair)
      addPolynomial(relevant, l, 2 * a * b * system.mixed[j].relevant)
      addPolynomial(other, l, 2 * a * b * system.mixed[j].other)
      addConstant((b * b + c * c) * system.queries[j].constant)
      for (let t = 0; t < T; t++) addPolynomial(queries[t], l, (b * b + c * c) * system.queries[j].pairs[t])
    }
    for (let j = 0; j < lines; j++) {
      const y = blocks[at + 6 + j]
      if (y < 0) return undefined
      addConstant(y * system.queries[j + 2].constant)
      for (let t = 0; t < T; t++) addPolynomial(queries[t], l, y * system.queries[j + 2].pairs[t])
    }
  }
  for (let t = 0; t < T; t++) {
    size += 8 * weights[t]
    relevant[1] -= 2 * weights[t]
    other[1] += 2 * weights[t]
  }
  for (let t = 1; t < T; t++) {
    for (let m = 0; m <= H; m++) {
      const value = splits[(t - 1) * (H + 1) + m]
      size += 2 * Math.abs(value)
      documents[t][m] += value
      documents[0][m] -= value
    }
  }
  return { constant, documents, queries, relevant, other, size }
}

/** Whether range r proves its thresholds impossible. */
export const rangeHolds = (certificate: CompleteCertificate, system: CompleteBlocks, r: number): boolean => {
  const { margin, ranges } = certificate
  const T = system.commons
  const functions = completeFunctions(certificate, system, r)
  if (functions === undefined) return false
  const constants = certificate.constants.subarray(r * (T + 1), (r + 1) * (T + 1))
  const size = constants.reduce((sum, value) => sum + Math.abs(value), functions.size)
  const slack = 1e-11 * size
  const total = constants.reduce((sum, value) => sum + value, functions.constant)
  if (!(total + slack < 0)) return false
  const weights = certificate.weights.subarray(r * T, (r + 1) * T)
  const coupled = coupledRegion(margin)
  for (let t = 0; t < T; t++) {
    const pair = { f: functions.queries[t], g: functions.documents[t], product: weights[t] }
    if (!pairBounded(pair, coupled, constants[t] - slack)) return false
  }
  const scores = scoreRegion(margin, ranges[2 * r], ranges[2 * r + 1])
  if (scores === undefined) return true
  return pairBounded({ f: functions.relevant, g: functions.other, product: 0 }, scores, constants[T] - slack)
}

/** Whether ranges cover what the threshold needs. */
const covers = ({ margin, ranges, threshold }: CompleteCertificate): boolean => {
  if (ranges.length === 0 || ranges.length % 2 !== 0) return false
  if (threshold === "zero") return ranges.length === 2 && ranges[0] <= 0 && ranges[1] >= 0
  if (threshold === "row" && ranges.length !== 2) return false
  let reached = -1 + margin
  for (let r = 0; r < ranges.length; r += 2) {
    if (!(ranges[r] <= reached)) return false
    reached = Math.max(reached, ranges[r + 1])
  }
  return reached >= 1 - margin
}

/** The margin that the certificate proves impossible for complete:n,k in dimension dim; Infinity where it proves nothing. */
export const verifyComplete = (certificate: CompleteCertificate): number => {
  const { blocks, constants, degrees, dim, margin, ranges, splitDegree, splits, weights } = certificate
  const { k, n, threshold } = certificate
  const whole = [degrees, splitDegree, dim].every(Number.isInteger)
  if (!whole || degrees < 1 || degrees > 64 || splitDegree < 0 || splitDegree > 64 || dim < 2)
    return Number.POSITIVE_INFINITY
  if (threshold !== "zero" && threshold !== "global" && threshold !== "row") return Number.POSITIVE_INFINITY
  const system = completeBlocks(n, k)
  if (system === undefined || !(margin > 0 && margin <= 1) || !covers(certificate))
    return Number.POSITIVE_INFINITY
  const count = ranges.length / 2
  const T = system.commons
  const width = 6 + Math.max(0, system.queries.length - 2)
  const fits =
    blocks.length === count * degrees * width &&
    weights.length === count * T &&
    splits.length === count * (T - 1) * (splitDegree + 1) &&
    constants.length === count * (T + 1)
  if (!fits) return Number.POSITIVE_INFINITY
  for (let r = 0; r < count; r++) if (!rangeHolds(certificate, system, r)) return Number.POSITIVE_INFINITY
  return margin
}
