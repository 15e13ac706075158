/**
 * Certificates by kernels: what proves that no unit vectors in R^d have margin m on a relevance matrix, and the check.
 *
 * For any unit vectors x_a and any factors G_l (l = 1 … L, a row for each point), F_l = G_l G_lᵀ and the Gegenbauer
 * polynomials P_l of dimension d with P_l(1) = 1 satisfy Σ_ab Σ_l (F_l)_ab P_l(x_a · x_b) ≥ 0 (Schoenberg). A margin m keeps
 * every pair's cosine in a set (`kernelsPairs.ts`). Where the sum of Σ_l tr F_l and twice the highest values of
 * Σ_l (F_l)_ab P_l on these sets, over pairs a < b, is below 0, whatever the threshold(s) in a range, no embedding with
 * such thresholds has margin m, on the rows and columns that are points and so on all.
 *
 * Rounding. Entries of F_l are right to γ √(F_aa F_bb), coefficients of P_l to 400 u, series of degree ≤ 64 to 8 · 64² u,
 * sums over pairs to pairs · u: all of it is below 1e-11 Σ_l (Σ_a √(F_l)_aa)², which is added; sets are taken larger by
 * 1e-12. Cost: pairs · (L² + 64 L), and 512 L for each pair of query and document where thresholds vary.
 */
import { hasThreshold, type Relevance, type Threshold } from "../../Relevance.ts"
import { gegenbauerSeries } from "./cosineSeries.ts"
import { AngleInterval, ThresholdCells } from "./kernelsMaxima.ts"
import { counts, leastAngle, pairsOfPoints, type PairsOfPoints } from "./kernelsPairs.ts"

export interface KernelCertificate {
  readonly type: "kernels"
  readonly dim: number
  readonly threshold: Threshold
  /** m: the half gap that is proved impossible. */
  readonly margin: number
  /** The rows and columns of A that are points, rising. */
  readonly rows: Float64Array
  readonly columns: Float64Array
  /** Ranges of thresholds, [from, to] each; one where each query has its own, [0, 0] for zero. */
  readonly ranges: Float64Array
  /** Columns of G_l, l = 1 … L. */
  readonly ranks: Float64Array
  /** For each range G_1 … G_L, each points × rank, row-major. */
  readonly factors: Float64Array
}

const whole = (x: number, most: number): boolean => Number.isInteger(x) && x >= 0 && x <= most

const rising = (values: Float64Array, below: number): boolean =>
  values.every((x, i) => whole(x, below - 1) && (i === 0 || x > values[i - 1]))

/** The margin that the certificate proves impossible for A in dimension `certificate.dim`; Infinity where it proves nothing. */
export const verifyKernels = (a: Relevance, certificate: KernelCertificate): number => {
  const { columns, dim, factors, margin, ranges, ranks, rows, threshold } = certificate
  const nothing = Number.POSITIVE_INFINITY
  const arrays = [rows, columns, ranges, ranks, factors]
  if (!arrays.every((values) => values instanceof Float64Array)) return nothing
  if (threshold !== "zero" && threshold !== "global" && threshold !== "row") return nothing
  if (!hasThreshold(a, threshold) || !whole(dim, 1e6) || dim < 2) return nothing
  if (!(margin > 0 && margin <= 1) || !covers(certificate)) return nothing
  if (!rising(rows, a.rows) || !rising(columns, a.columns)) return nothing
  if (rows.some((row) => !counts(a, threshold, row))) return nothing
  if (ranks.length < 1 || ranks.length > 64 || !ranks.every((rank) => whole(rank, 1e4))) return nothing
  const points = rows.length + columns.length
  if (points > 1e4) return nothing
  const size = ranks.reduce((sum, rank) => sum + rank * points, 0)
  if (factors.length !== (size * ranges.length) / 2) return nothing
  const pairs = pairsOfPoints(a, threshold, rows, columns)
  for (let r = 0; 2 * r < ranges.length; r++) {
    const part = factors.subarray(r * size, (r + 1) * size)
    if (!(valueOf(certificate, pairs, part, ranges[2 * r], ranges[2 * r + 1]) < 0)) return nothing
  }
  return margin
}

/** Whether the ranges hold every threshold that margin m leaves possible. */
const covers = ({ margin, ranges, threshold }: KernelCertificate): boolean => {
  if (ranges.length === 0 || ranges.length % 2 !== 0) return false
  if (threshold === "zero") return ranges.length === 2 && ranges[0] === 0 && ranges[1] === 0
  if (threshold === "row" && ranges.length !== 2) return false
  let reached = -1 + margin
  for (let r = 0; r < ranges.length; r += 2) {
    if (!(ranges[r] <= reached && ranges[r + 1] >= ranges[r])) return false
    reached = Math.max(reached, ranges[r + 1])
  }
  return reached >= 1 - margin
}

/** The sum of the module comment for thresholds in [from, to], rounded up. */
const valueOf = (
  { dim, margin, ranks, threshold }: KernelCertificate,
  pairs: PairsOfPoints,
  factors: Float64Array,
  from: number,
  to: number
): number => {
  // The margin leaves no other thresholds; the last bits are given away.
  const low = Math.max(from, -1 + margin - 1e-15)
  const high = Math.min(to, 1 - margin + 1e-15)
  if (low > high) return Number.NEGATIVE_INFINITY
  const degrees = ranks.length
  const points = pairs.rows.length + pairs.columns.length
  let trace = 0
  let size = 0
  for (let l = 0, o = 0; l < degrees; l++) {
    let roots = 0
    for (let x = 0; x < points; x++) {
      let square = 0
      for (const end = o + ranks[l]; o < end; o++) square += factors[o] * factors[o]
      trace += square
      roots += Math.sqrt(square)
    }
    size += roots * roots
  }
  if (!(trace > 2 ** -100 && trace < 2 ** 100)) return Number.POSITIVE_INFINITY

  const polynomials = gegenbauerSeries(dim, degrees)
  const coefficients = new Float64Array(degrees)
  const series = new Float64Array(degrees + 1)
  const read = (pair: number): void => {
    series.fill(0)
    for (let l = 0, start = 0; l < degrees; l++) {
      let x = start + pairs.first[pair] * ranks[l]
      let y = start + pairs.second[pair] * ranks[l]
      let sum = 0
      for (const end = x + ranks[l]; x < end; x++, y++) sum += factors[x] * factors[y]
      coefficients[l] = sum
      for (let m = 0, o = (l + 1) * (degrees + 1); m <= l + 1; m++, o++) series[m] += sum * polynomials[o]
      start += points * ranks[l]
    }
  }

  let total = 0
  const interval = (least: number, most: number): AngleInterval =>
    new AngleInterval(Math.max(0, least - 1e-12), Math.min(Math.PI, most + 1e-12) + 1e-15, degrees)
  const alone = (start: number, end: number, on: AngleInterval): void => {
    for (let pair = start; pair < end; pair++) {
      read(pair)
      total += on.highest(series)
    }
  }
  const { apart, free, others, relevant } = pairs
  alone(0, free, interval(0, Math.PI))
  alone(free, apart, interval(leastAngle(margin, low, high), Math.PI))
  if (low === high) {
    const near = interval(0, Math.acos(Math.min(1, low + margin)))
    const far = interval(Math.acos(Math.max(-1, low - margin)), Math.PI)
    for (let j = 0; j < others.length; j++) {
      alone(relevant[j], others[j], near)
      alone(others[j], relevant[j + 1], far)
    }
  } else {
    const cells = new ThresholdCells(margin, low, high, dim, degrees)
    for (let j = 0; j < others.length; j++) {
      if (threshold === "row") cells.clear()
      for (let pair = relevant[j]; pair < relevant[j + 1]; pair++) {
        read(pair)
        cells.add(pair < others[j], coefficients, series)
      }
      if (threshold === "row") total += cells.highest()
    }
    if (threshold !== "row") total += cells.highest()
  }
  const value = trace + 2 * total
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value + 1e-11 * size
}
