/**
 * A local maximum of the margin to rounding: a primal-dual interior point method on the product of spheres.
 *
 * Maximises t over unit queries and documents and thresholds with S_e (s_e − b) − t = w_e > 0 for every pair e. A step
 * solves Newton's equations of λ_e w_e = μ (newtonSystem.ts), bends it by what the scores' curvature along it would cost the
 * stiff pairs (a second solve with the same factors; without it steps stay as short as the root of the slacks), turns the
 * points, and refits t and b to the true scores so that the products λ_e w_e are what the linear step said. It is taken if
 * the barrier's optimum over t and b does not fall; else it is shortened, and at last λ goes back to μ / w, from which
 * Newton's step ascends. μ falls while steps are whole and M needs no shift: faster and faster once that repeats; where M
 * is indefinite and μ still large the saddle is left first. The best pair seen, by its measured margin, is returned.
 * Source: Nocedal & Wright, Numerical Optimization, chapter 19; Absil, Mahony & Sepulchre, Optimization Algorithms on
 * Matrix Manifolds, chapter 6. Cost: see `interiorPointCost`; memory 8 Q² + 80 N n bytes.
 */
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { normaliseRows } from "../margins.ts"
import { hasThreshold, rowSize, type Relevance, type Threshold } from "../Relevance.ts"
import { BarrierThresholds, type SignedPairs } from "./barrierThresholds.ts"
import { newtonStep, NewtonSystem, type NewtonStep, type Side } from "./newtonSystem.ts"
import { provedMargin } from "./polish.ts"
import { fromFrame, tangentFrames } from "./tangentFrames.ts"

export interface InteriorPointOptions {
  /** Most Newton steps; default 100. */
  readonly iterations?: number
  readonly shouldStop?: () => boolean
  /** The sharpness at which the start was annealed; default 1,000. */
  readonly from?: number
}

export interface InteriorPointResult extends EmbeddingPair {
  /** Measured, less its rounding bound. */
  readonly margin: number
  readonly iterations: number
  /** The least sum of the length of the tangent gradient Σ λ_e ∇w_e (Σ λ_e = 1) and the barrier's gap Σ λ_e w_e. */
  readonly residual: number
}

export const interiorPoint = (
  a: Relevance,
  threshold: Threshold,
  start: EmbeddingPair,
  options: InteriorPointOptions = {}
): InteriorPointResult => {
  const { dims } = start
  const before = provedMargin(a, threshold, start)
  if (dims < 2 || !hasThreshold(a, threshold)) {
    return { ...start, margin: before, iterations: 0, residual: Number.POSITIVE_INFINITY }
  }
  const run = new InteriorPoint(a, threshold, start, options)
  const { iterations, residual } = run.run()
  run.release()
  const queries = normaliseRows(run.bestQueries, dims)
  const documents = normaliseRows(run.bestDocuments, dims)
  const margin = provedMargin(a, threshold, { dims, queries, documents })
  return margin > before
    ? { dims, queries, documents, margin, iterations, residual }
    : { ...start, margin: before, iterations, residual }
}

/** Multiply-adds of one Newton step where every pair counts. */
export const interiorPointCost = (a: Relevance, dims: number): number => {
  const [left, right] = a.rows >= a.columns ? [a.rows, a.columns] : [a.columns, a.rows]
  const order = right * (dims - 1) + 2
  return left * (dims - 1) * (order * order) * 0.5 + order ** 3 / 6 + 2 * left * right * dims * dims
}

/** Signs of the pairs; those of one-class rows are 0 where a threshold a row is meant. */
const signedPairs = (a: Relevance, threshold: Threshold): SignedPairs => {
  const sign = new Float64Array(a.rows * a.columns)
  let count = 0
  for (let j = 0; j < a.rows; j++) {
    const size = rowSize(a, j)
    if (threshold === "row" && (size === 0 || size === a.columns)) continue
    count += a.columns
    sign.fill(-1, j * a.columns, (j + 1) * a.columns)
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) sign[j * a.columns + a.indices[e]] = 1
  }
  const groups = threshold === "zero" ? 0 : threshold === "global" ? 1 : a.rows
  return { rows: a.rows, columns: a.columns, groups, sign, count }
}

class InteriorPoint {
  readonly bestQueries: Float64Array
  readonly bestDocuments: Float64Array
  private readonly dims: number
  private readonly pairs: SignedPairs
  private readonly queries: Float64Array
  private readonly documents: Float64Array
  private readonly triedQueries: Float64Array
  private readonly triedDocuments: Float64Array
  private readonly queriesLeft: boolean
  private readonly system: NewtonSystem
  private readonly step: NewtonStep
  private readonly bend: NewtonStep
  private readonly left: Side
  private readonly right: Side
  private readonly scores: Float64Array
  private readonly triedScores: Float64Array
  private readonly slacks: Float64Array
  private readonly triedSlacks: Float64Array
  private readonly multipliers: Float64Array
  private readonly forces: Float64Array
  private readonly change: Float64Array
  private readonly curve: Float64Array
  private readonly multiplierChange: Float64Array
  private readonly at: BarrierThresholds
  private readonly trial: BarrierThresholds
  private readonly options: InteriorPointOptions
  private readonly arc: Float64Array
  private best = Number.NEGATIVE_INFINITY

  constructor(a: Relevance, threshold: Threshold, start: EmbeddingPair, options: InteriorPointOptions) {
    const { dims } = start
    this.dims = dims
    this.arc = new Float64Array(dims)
    this.options = options
    this.pairs = signedPairs(a, threshold)
    const size = this.pairs.sign.length
    this.queries = normaliseRows(start.queries, dims)
    this.documents = normaliseRows(start.documents, dims)
    this.bestQueries = this.queries.slice()
    this.bestDocuments = this.documents.slice()
    this.triedQueries = this.queries.slice()
    this.triedDocuments = this.documents.slice()
    this.scores = new Float64Array(size)
    this.triedScores = new Float64Array(size)
    this.slacks = new Float64Array(size)
    this.triedSlacks = new Float64Array(size)
    this.multipliers = new Float64Array(size)
    this.forces = new Float64Array(size)
    this.change = new Float64Array(size)
    this.curve = new Float64Array(size)
    this.multiplierChange = new Float64Array(size)
    this.at = new BarrierThresholds(this.pairs)
    this.trial = new BarrierThresholds(this.pairs)
    const querySide: Side = {
      count: a.rows,
      own: threshold === "row",
      points: this.queries,
      reflectors: new Float64Array(this.queries.length),
      stride: a.columns
    }
    const documentSide: Side = {
      count: a.columns,
      own: false,
      points: this.documents,
      reflectors: new Float64Array(this.documents.length),
      stride: 1
    }
    this.queriesLeft = a.rows >= a.columns
    this.left = this.queriesLeft ? querySide : documentSide
    this.right = this.queriesLeft ? documentSide : querySide
    this.system = new NewtonSystem(
      this.left,
      this.right,
      { sign: this.pairs.sign, scores: this.scores, slacks: this.slacks, multipliers: this.multipliers },
      dims,
      threshold === "global"
    )
    this.step = newtonStep(this.system, this.left.count, this.right.count)
    this.bend = newtonStep(this.system, this.left.count, this.right.count)
  }

  run(): { iterations: number; residual: number } {
    const { at, dims, multipliers, options, pairs, slacks, system } = this
    const { count, sign } = pairs
    const most = options.iterations ?? 100
    const freedom = Math.min(count, (pairs.rows + pairs.columns) * (dims - 1) + 1)
    this.score(this.queries, this.documents, this.scores)
    this.keep(at.middle(this.scores))
    let mu = 1 / ((options.from ?? 1000) * freedom)
    const floor = 3e-14 / freedom
    at.fit(this.scores, mu, slacks)
    for (let e = 0; e < sign.length; e++) if (sign[e] !== 0) multipliers[e] = mu / slacks[e]
    let shift = 1e-9
    let quiet = 0
    let smooth = 0
    let raised = 0
    let iterations = 0
    let residual = Number.POSITIVE_INFINITY
    let primal = false
    for (; iterations < most; iterations++) {
      if (options.shouldStop?.() === true) break
      tangentFrames(this.left.points, dims, this.left.reflectors)
      tangentFrames(this.right.points, dims, this.right.reflectors)
      system.prepare(1e-8)
      while (!system.factor(shift) && shift < 100)
        shift = shift < 1e-4 ? 1e-4 : shift < 0.02 ? 0.02 : 6 * shift
      if (shift >= 100) break
      for (let e = 0; e < sign.length; e++) this.forces[e] = sign[e] === 0 ? 0 : mu / slacks[e]
      system.solve(1, this.forces, this.step)
      system.slackChange(this.step, this.change, this.curve)
      // Against the curvature of the scores along the step: what it costs the stiff pairs is taken back in second order.
      for (let e = 0; e < sign.length; e++) {
        this.forces[e] = sign[e] === 0 ? 0 : (multipliers[e] / slacks[e]) * this.curve[e]
      }
      system.solve(0, this.forces, this.bend)
      const bestBefore = this.best
      // Fractions to the boundary.
      let shrink = 0
      let fall = 0
      for (let e = 0; e < sign.length; e++) {
        if (sign[e] === 0) continue
        const lambda = multipliers[e]
        const next = (mu - lambda * this.change[e]) / slacks[e]
        this.multiplierChange[e] = next - lambda
        shrink = Math.max(shrink, -this.change[e] / slacks[e])
        fall = Math.max(fall, 1 - next / lambda)
      }
      const keep = Math.max(0.995, 1 - mu * freedom)
      const primalMost = Math.min(1, keep / shrink)
      const dual = Math.min(1, keep / fall)
      const turn = this.largestTurn()
      if (!Number.isFinite(turn)) break
      let length = Math.min(primalMost, 0.5 / turn)
      // The merit at the old point under the new μ.
      this.trial.fit(this.scores, mu, this.triedSlacks)
      const old = this.trial.value(mu, this.triedSlacks)
      let taken = false
      let value = 0
      for (let attempt = 0; attempt < 8; attempt++) {
        this.move(length)
        this.score(this.triedQueries, this.triedDocuments, this.triedScores)
        this.keepTried(this.trial.middle(this.triedScores))
        this.trial.fit(this.triedScores, mu, this.triedSlacks)
        value = this.trial.value(mu, this.triedSlacks)
        if (value >= old - 1e-15) {
          taken = true
          break
        }
        length *= attempt < 2 ? 0.5 : 0.25
      }
      if (!taken) {
        if (primal) break
        primal = true
        at.fit(this.scores, mu, slacks)
        for (let e = 0; e < sign.length; e++) if (sign[e] !== 0) multipliers[e] = mu / slacks[e]
        continue
      }
      primal = false
      this.queries.set(this.triedQueries)
      this.documents.set(this.triedDocuments)
      this.scores.set(this.triedScores)
      // Products that the linear step predicts, within bounds; t and b to fit them.
      let gap = 0
      for (let e = 0; e < sign.length; e++) {
        if (sign[e] === 0) continue
        const product =
          (multipliers[e] + dual * this.multiplierChange[e]) * (slacks[e] + length * this.change[e])
        this.forces[e] = Math.min(Math.max(product, mu / 30), mu * 30)
      }
      at.fit(this.scores, this.forces, slacks)
      for (let e = 0; e < sign.length; e++) {
        if (sign[e] === 0) continue
        multipliers[e] = this.forces[e] / slacks[e]
        gap += this.forces[e]
      }
      const slope = this.gradient()
      residual = Math.min(residual, slope + gap)
      const whole = Math.min(length, dual)
      if (!(gap > 0) || (mu <= floor && whole > 0.9 && shift < 0.01)) break
      if (this.best - bestBefore > 1e-14 + 1e-10 * mu * freedom || mu > 1e-10 / freedom) quiet = 0
      else if (++quiet > 4) break
      const indefinite = shift > 0.01
      // Gains in units of what the barrier has to give: above 1 the points are far from its path.
      const ratio = (value - old) / (mu * freedom)
      shift = length > 0.7 ? Math.max(1e-9, shift / 4) : length > 0.3 ? shift : Math.min(2, 2 * shift)
      smooth = indefinite || whole < 0.9 ? 0 : smooth + 1
      if ((indefinite || whole < 0.5) && ratio > 1 && mu * freedom < 1e-4 && raised < 30) {
        mu *= 5
        raised++
      } else if (whole > 0.2 && (!indefinite || ratio < (mu * freedom > 1e-4 ? 1e-4 : 0.1))) {
        const rate = indefinite ? 0.3 : smooth > 1 ? Math.max(1e-2, Math.sqrt(mu * freedom)) : 0.1
        mu = Math.max(floor, mu * Math.min(0.2, Math.max(rate, 1 - whole)))
      }
    }
    return { iterations, residual }
  }

  /** Nothing more is run. */
  release(): void {
    this.system.release()
  }

  private keep(margin: number): void {
    if (!(margin > this.best)) return
    this.best = margin
    this.bestQueries.set(this.queries)
    this.bestDocuments.set(this.documents)
  }

  private keepTried(margin: number): void {
    if (!(margin > this.best)) return
    this.best = margin
    this.bestQueries.set(this.triedQueries)
    this.bestDocuments.set(this.triedDocuments)
  }

  private score(queries: Float64Array, documents: Float64Array, scores: Float64Array): void {
    const { dims } = this
    const { columns, rows } = this.pairs
    for (let j = 0, e = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++, e++) {
        let sum = 0
        for (let k = 0, x = j * dims, y = i * dims; k < dims; k++, x++, y++) sum += queries[x] * documents[y]
        scores[e] = sum
      }
    }
  }

  /** Points at `length` along the step, put on their spheres, into the tried ones. */
  private move(length: number): void {
    const [left, right] = this.queriesLeft
      ? [this.triedQueries, this.triedDocuments]
      : [this.triedDocuments, this.triedQueries]
    const { bend, step } = this
    const { leftWidth, rightWidth } = this.system
    this.moveSide(this.left, step.left, bend.left, leftWidth, length, left)
    this.moveSide(this.right, step.right, bend.right, rightWidth, length, right)
  }

  private moveSide(
    side: Side,
    step: Float64Array,
    bend: Float64Array,
    width: number,
    length: number,
    out: Float64Array
  ): void {
    const { arc, dims } = this
    for (let x = 0; x < side.count; x++) {
      const from = x * dims
      for (let k = 0; k < dims - 1; k++) {
        arc[k] = length * (step[x * width + k] - length * bend[x * width + k])
      }
      fromFrame(side.reflectors, from, dims, arc, 0, out, from)
      let square = 0
      for (let k = from; k < from + dims; k++) {
        out[k] += side.points[k]
        square += out[k] * out[k]
      }
      const inverse = 1 / Math.sqrt(square)
      for (let k = from; k < from + dims; k++) out[k] *= inverse
    }
  }

  private largestTurn(): number {
    const { step } = this
    const { leftWidth, rightWidth } = this.system
    const largest = (data: Float64Array, count: number, width: number): number => {
      let most = 1e-300
      for (let x = 0; x < count; x++) {
        let square = 0
        for (let k = 0; k < this.dims - 1; k++) square += data[x * width + k] ** 2
        most = Math.max(most, square)
      }
      return Math.sqrt(most)
    }
    return Math.max(
      largest(step.left, this.left.count, leftWidth),
      largest(step.right, this.right.count, rightWidth)
    )
  }

  /** Length of Σ λ_e ∇w_e, tangent parts. */
  private gradient(): number {
    const { dims, multipliers } = this
    const { sign } = this.pairs
    let total = 0
    const pull = new Float64Array(dims)
    for (const [side, other] of [
      [this.left, this.right],
      [this.right, this.left]
    ]) {
      for (let x = 0; x < side.count; x++) {
        pull.fill(0)
        for (let y = 0, e = x * side.stride; y < other.count; y++, e += other.stride) {
          const f = sign[e] * multipliers[e]
          for (let k = 0; k < dims; k++) pull[k] += f * other.points[y * dims + k]
        }
        let along = 0
        for (let k = 0; k < dims; k++) along += pull[k] * side.points[x * dims + k]
        for (let k = 0; k < dims; k++) total += (pull[k] - along * side.points[x * dims + k]) ** 2
      }
    }
    return Math.sqrt(total)
  }
}
