/**
 * What kernels F_l = G_l G_lᵀ (l = 1 … L) over the points prove against a margin m, on grids and smoothed:
 *
 *   h(G) = Σ_l tr F_l + 2 Σ_{a<b apart or free} max_x f_ab(x) + 2 Σ_groups max_τ Σ_{a<b in group} max_{x allowed by τ} f_ab(x),
 *   f_ab(x) = Σ_l (F_l)_ab P_l(x).
 *
 * Below 0 no unit vectors have margin m, since Σ_ab (F_l)_ab P_l(x_a · x_b) ≥ 0. A group is the queries that share a
 * threshold: all (zero: τ = 0), or one each. Values are for Σ tr F_l = 1, whatever the scale of G. A smoothed maximum is
 * log Σ exp(s f)/s; prefixes of one grid serve every τ, since what τ allows only grows as τ falls (relevant) or rises.
 * Cost of one value and gradient: pairs · L · (grid + ranks) multiplications, grid · pairs exponentials.
 */
import { gegenbauerSeries } from "./cosineSeries.ts"
import { leastAngle, type PairsOfPoints } from "./kernelsPairs.ts"

export interface KernelProgram {
  readonly pairs: PairsOfPoints
  readonly dims: number
  readonly degrees: number
  /** Columns of each factor G_l, l = 1 … degrees. */
  readonly ranks: ReadonlyArray<number>
  /** Thresholds are in [from, to]. */
  readonly from: number
  readonly to: number
  /** Queries of one threshold: all in one group, or one a group. */
  readonly shared: boolean
}

/** P_l at the nodes of a grid, node-major: nodes × degrees. */
interface Grid {
  readonly nodes: number
  /** Nodes before this one are allowed by every τ; from it on, one node for each τ. */
  readonly always: number
  readonly values: Float64Array
}

interface Grids {
  readonly free: Grid
  readonly apart: Grid
  readonly relevant: Grid
  readonly others: Grid
  readonly thresholds: number
}

const makeGrid = (
  series: Float64Array,
  degrees: number,
  angles: ReadonlyArray<number>,
  always: number
): Grid => {
  const values = new Float64Array(angles.length * degrees)
  angles.forEach((angle, node) => {
    const cosines = Float64Array.from({ length: degrees + 1 }, (_, m) => Math.cos(m * angle))
    for (let l = 1; l <= degrees; l++) {
      let value = 0
      for (let m = 0; m <= l; m++) value += series[l * (degrees + 1) + m] * cosines[m]
      values[node * degrees + l - 1] = value
    }
  })
  return { nodes: angles.length, always, values }
}

const evenly = (from: number, to: number, count: number): Array<number> =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1))

const arccos = (x: number): number => Math.acos(Math.min(1, Math.max(-1, x)))

/** Grids of `fineness` nodes a right angle, for margin m. */
const makeGrids = ({ degrees, dims, from, to }: KernelProgram, margin: number, fineness: number): Grids => {
  const series = gegenbauerSeries(dims, degrees)
  const make = (angles: ReadonlyArray<number>, always = angles.length): Grid =>
    makeGrid(series, degrees, angles, always)
  const low = Math.max(from, -1 + margin)
  const high = Math.max(low, Math.min(to, 1 - margin))
  const count = high > low ? Math.max(8, Math.ceil((2 * fineness * arccos(1 - (high - low))) / Math.PI)) : 1
  const taus = evenly(0, Math.PI, Math.max(2, count)).map((x) => low + ((high - low) * (1 - Math.cos(x))) / 2)
  if (count === 1) taus.length = 1
  // Nodes from the pole up to the first node that a threshold rules, without that one.
  const rest = (angle: number): Array<number> =>
    angle <= 1e-6
      ? []
      : evenly(0, angle, Math.max(3, Math.ceil((fineness * 2 * angle) / Math.PI))).slice(0, -1)
  const relevantRest = rest(arccos(high + margin))
  const othersRest = rest(arccos(margin - low)).map((angle) => Math.PI - angle)
  return {
    free: make(evenly(0, Math.PI, 2 * fineness)),
    apart: make(evenly(leastAngle(margin, low, high), Math.PI, 2 * fineness)),
    relevant: make(
      [...relevantRest, ...taus.toReversed().map((tau) => arccos(tau + margin))],
      relevantRest.length
    ),
    others: make([...othersRest, ...taus.map((tau) => arccos(tau - margin))], othersRest.length),
    thresholds: taus.length
  }
}

export class KernelObjective {
  readonly program: KernelProgram
  readonly points: number
  evaluations = 0
  /** Numbers in all factors: for each degree points × rank, row-major. */
  readonly size: number
  private grids: Grids
  private readonly starts: ReadonlyArray<number>
  /** (F_l)_ab, pair-major, and the derivative by it. */
  private readonly entries: Float64Array
  private readonly slopes: Float64Array
  private f = new Float64Array(0)
  private prefix = new Float64Array(0)

  constructor(program: KernelProgram, margin: number, fineness: number) {
    this.program = program
    this.points = program.pairs.rows.length + program.pairs.columns.length
    const starts = [0]
    for (const rank of program.ranks) starts.push(starts.at(-1)! + rank * this.points)
    this.starts = starts
    this.size = starts.at(-1)!
    this.entries = new Float64Array(program.pairs.first.length * program.degrees)
    this.slopes = new Float64Array(this.entries.length)
    this.grids = makeGrids(program, margin, fineness)
  }

  /** From here on for this margin. */
  setMargin(margin: number, fineness: number): void {
    this.grids = makeGrids(this.program, margin, fineness)
  }

  /** h(G) / Σ tr F_l with sharpness s (Infinity: maxima over the grids); its gradient where one is asked for. */
  evaluate(factors: Float64Array, sharpness: number, gradient?: Float64Array): number {
    this.evaluations++
    let trace = 0
    for (const x of factors) trace += x * x
    this.fillEntries(factors, trace)
    const { apart, first, free } = this.program.pairs
    this.slopes.fill(0)
    let total = 0
    for (let pair = 0; pair < apart; pair++) {
      total += this.alone(pair, pair < free ? this.grids.free : this.grids.apart, sharpness)
    }
    if (this.program.shared) total += this.group(apart, first.length, sharpness)
    else {
      const { others, relevant } = this.program.pairs
      for (let j = 0; j < others.length; j++) total += this.group(relevant[j], relevant[j + 1], sharpness)
    }
    if (gradient !== undefined) this.fillGradient(factors, trace, gradient)
    return 1 + 2 * total
  }

  /** Scales factors to Σ tr F_l = 1. */
  normalise(factors: Float64Array): void {
    let trace = 0
    for (const x of factors) trace += x * x
    const scale = 1 / Math.sqrt(trace)
    for (let i = 0; i < factors.length; i++) factors[i] *= scale
  }

  private fillEntries(factors: Float64Array, trace: number): void {
    const { degrees, pairs, ranks } = this.program
    const { first, second } = pairs
    for (let l = 0; l < degrees; l++) {
      const rank = ranks[l]
      for (let pair = 0; pair < first.length; pair++) {
        let x = this.starts[l] + first[pair] * rank
        let y = this.starts[l] + second[pair] * rank
        let sum = 0
        for (const end = x + rank; x < end; x++, y++) sum += factors[x] * factors[y]
        this.entries[pair * degrees + l] = sum / trace
      }
    }
  }

  /** d h/d G_l[a] = 2 Σ_b slope_ab G_l[b], in the metric of the trace. */
  private fillGradient(factors: Float64Array, trace: number, gradient: Float64Array): void {
    const { degrees, pairs, ranks } = this.program
    const { first, second } = pairs
    gradient.fill(0)
    for (let l = 0; l < degrees; l++) {
      const rank = ranks[l]
      for (let pair = 0; pair < first.length; pair++) {
        const slope = (2 * this.slopes[pair * degrees + l]) / trace
        if (slope === 0) continue
        let x = this.starts[l] + first[pair] * rank
        let y = this.starts[l] + second[pair] * rank
        for (const end = x + rank; x < end; x++, y++) {
          gradient[x] += slope * factors[y]
          gradient[y] += slope * factors[x]
        }
      }
    }
    let along = 0
    for (let i = 0; i < factors.length; i++) along += factors[i] * gradient[i]
    for (let i = 0; i < factors.length; i++) gradient[i] -= (along / trace) * factors[i]
  }

  /** The smoothed maximum of one pair over its grid; fills its slopes. */
  private alone(pair: number, grid: Grid, sharpness: number): number {
    const { degrees } = this.program
    if (this.f.length < grid.nodes) this.f = new Float64Array(grid.nodes)
    const most = this.series(pair, grid, this.f, 0)
    if (sharpness === Number.POSITIVE_INFINITY) return most
    let sum = 0
    for (let node = 0; node < grid.nodes; node++) {
      const above = sharpness * (this.f[node] - most)
      sum += this.f[node] = above > -36 ? Math.exp(above) : 0
    }
    for (let node = 0; node < grid.nodes; node++) {
      if (this.f[node] > 0) this.addSlope(pair * degrees, grid, node, this.f[node] / sum)
    }
    return most + Math.log(sum) / sharpness
  }

  /** The smoothed maximum over τ of the sum over pairs [start, end); fills their slopes. */
  private group(start: number, end: number, sharpness: number): number {
    const { degrees } = this.program
    const { thresholds } = this.grids
    const width = Math.max(this.grids.relevant.nodes, this.grids.others.nodes)
    const needed = (end - start) * width
    if (this.f.length < needed) this.f = new Float64Array(needed)
    if (this.prefix.length < needed) this.prefix = new Float64Array(needed)
    const { f, prefix } = this
    const sums = new Float64Array(thresholds)
    const isRelevant = this.kinds(start, end)
    for (let pair = start; pair < end; pair++) {
      const relevant = isRelevant[pair - start] === 1
      const grid = relevant ? this.grids.relevant : this.grids.others
      const at = (pair - start) * width
      this.series(pair, grid, f, at)
      let most = Number.NEGATIVE_INFINITY
      let sum = 0
      for (let node = 0; node < grid.nodes; node++) {
        const value = f[at + node]
        if (sharpness === Number.POSITIVE_INFINITY) most = Math.max(most, value)
        else if (value > most) {
          sum = sum * Math.exp(sharpness * (most - value)) + 1
          most = value
        } else sum += Math.exp(sharpness * (value - most))
        prefix[at + node] = sum > 0 ? most + Math.log(sum) / sharpness : most
        const tau = node - grid.always
        if (tau >= 0) sums[relevant ? thresholds - 1 - tau : tau] += prefix[at + node]
      }
    }
    let best = Number.NEGATIVE_INFINITY
    for (const sum of sums) best = Math.max(best, sum)
    if (sharpness === Number.POSITIVE_INFINITY) return best
    let whole = 0
    for (let tau = 0; tau < thresholds; tau++) whole += sums[tau] = Math.exp(sharpness * (sums[tau] - best))
    for (let pair = start; pair < end; pair++) {
      const relevant = isRelevant[pair - start] === 1
      const grid = relevant ? this.grids.relevant : this.grids.others
      const at = (pair - start) * width
      let behind = 0
      for (let node = grid.nodes - 1; node >= 0; node--) {
        if (node < grid.nodes - 1) behind *= Math.exp(sharpness * (prefix[at + node] - prefix[at + node + 1]))
        const tau = node - grid.always
        if (tau >= 0) behind += sums[relevant ? thresholds - 1 - tau : tau] / whole
        const weight = behind * Math.exp(sharpness * (f[at + node] - prefix[at + node]))
        if (weight > 1e-16) this.addSlope(pair * degrees, grid, node, weight)
      }
    }
    return best + Math.log(whole) / sharpness
  }

  private kinds(start: number, end: number): Uint8Array {
    const { others, relevant } = this.program.pairs
    const result = new Uint8Array(end - start)
    for (let j = 0; j < others.length; j++) {
      if (relevant[j] >= start && others[j] <= end) result.fill(1, relevant[j] - start, others[j] - start)
    }
    return result
  }

  /** f_ab at the nodes, and the largest. */
  private series(pair: number, grid: Grid, target: Float64Array, at: number): number {
    const { degrees } = this.program
    const { nodes, values } = grid
    const from = pair * degrees
    let most = Number.NEGATIVE_INFINITY
    for (let node = 0, o = 0; node < nodes; node++) {
      let sum = 0
      for (let l = 0; l < degrees; l++, o++) sum += this.entries[from + l] * values[o]
      target[at + node] = sum
      if (sum > most) most = sum
    }
    return most
  }

  private addSlope(at: number, grid: Grid, node: number, weight: number): void {
    const { degrees } = this.program
    for (let l = 0, o = node * degrees; l < degrees; l++, o++) this.slopes[at + l] += weight * grid.values[o]
  }
}
