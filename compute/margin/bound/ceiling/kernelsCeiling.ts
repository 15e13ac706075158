/**
 * Two-point ceilings for any relevance matrix: kernels G_l G_lᵀ over queries and documents, found by descent.
 *
 * The smallest m at which some kernels prove m impossible is a semidefinite program in the kernels (`kernelsObjective.ts`),
 * one N + n square matrix for each degree. Factors G_l make them positive semidefinite; h(G) at a fixed m is lowered by
 * L-BFGS at rising sharpness, then m falls to where h(G) = 0, and so on. Factors lose rank on the way, and a lost direction
 * has no gradient: a little noise is added before each descent. Degree 1 alone is the dimension-free bound; the start is
 * its kernel [[P, −J], [−Jᵀ, Q]] (Burer & Monteiro, Math. Program. 95 (2003), for the factors).
 * What is found proves nothing until `verifyKernels` has looked at it. Cost: about a thousand evaluations of h.
 */
import { cholesky } from "../../../linalg/cholesky.ts"
import { makeRandom } from "../../../random/RandomStream.ts"
import { distinctColumns } from "../../distinctColumns.ts"
import { isRelevant, rowSize, type Relevance, type Threshold } from "../../Relevance.ts"
import { verifyKernels, type KernelCertificate } from "./kernelsCertificate.ts"
import { descend } from "./kernelsDescent.ts"
import { KernelObjective, type KernelProgram } from "./kernelsObjective.ts"
import { counts, pairsOfPoints } from "./kernelsPairs.ts"

export interface KernelCeilingOptions {
  /** Give up where nothing below this can be expected. */
  readonly below?: number
  /** A bound below this is enough: stop there. */
  readonly enough?: number
  readonly shouldStop?: () => boolean
  /** Queries and documents at most, together: of more queries some are left out; default 160. */
  readonly points?: number
  /** How often the range of one threshold for all is halved, at most; default 12. */
  readonly splits?: number
  /** Largest degree; by default 16 for d = 2, falling to 8. */
  readonly degrees?: number
}

const coarse = 20
const middling = 64
const fine = 160

/** Sharpness of the smoothed maxima by stages, times the number of points. */
const all = [20, 80, 300, 1000, 4000, 16_000, 64_000]
const early = all.slice(0, 5)
const late = all.slice(3, 6)

/** The least margin proved impossible in dimension `dim`, with its certificate; undefined where none is proved below `below`. */
export const kernelCeiling = (
  a: Relevance,
  threshold: Threshold,
  dim: number,
  options: KernelCeilingOptions = {}
): { readonly upper: number; readonly certificate: KernelCertificate } | undefined => {
  const below = Math.min(1, options.below ?? 1)
  if (!(Number.isInteger(dim) && dim >= 2)) return undefined
  const chosen = choosePoints(a, threshold, options.points ?? 160)
  if (chosen === undefined) return undefined
  const { columns, rows } = chosen
  const pairs = pairsOfPoints(a, threshold, rows, columns)
  const points = rows.length + columns.length
  const degrees = options.degrees ?? (dim === 2 ? 16 : dim <= 4 ? 12 : dim <= 6 ? 10 : 8)
  const ranks = Array.from({ length: degrees }, (_, l) => (l === 0 ? points : Math.min(points, 16)))
  const zero = threshold === "zero"
  const whole: KernelProgram = {
    pairs,
    dims: dim,
    degrees,
    ranks,
    from: zero ? 0 : -1,
    to: zero ? 0 : 1,
    shared: threshold !== "row"
  }
  const first = new KernelObjective(whole, 0.5, coarse)
  const factors = startingFactors(a, whole, first.size)
  if (factors === undefined) return undefined
  first.normalise(factors)
  const shared = threshold === "global"
  const search = searchKernels(first, factors, {
    ...options,
    // Kernels for all thresholds are only the start of those for parts of them.
    below: shared ? 1 : below,
    stages: shared ? early : all
  })
  if (search === undefined) return undefined
  const parts = shared
    ? searchRanges(whole, search, options)
    : [{ ...search, from: whole.from, to: whole.to }]
  const found = Math.max(...parts.map((part) => part.margin))
  for (const excess of [1e-6, 1e-5, 1e-4, 1e-3]) {
    const margin = found * (1 + excess)
    if (margin >= below) return undefined
    const certificate: KernelCertificate = {
      type: "kernels",
      dim,
      threshold,
      margin,
      rows,
      columns,
      ranges: Float64Array.from(parts.flatMap(({ from, to }) => [from, to])),
      ranks: Float64Array.from(ranks),
      factors: Float64Array.from(parts.flatMap((part) => Array.from(part.factors)))
    }
    if (verifyKernels(a, certificate) === margin) return { upper: margin, certificate }
  }
  return undefined
}

interface Kernels {
  /** The margin at which h is 0. */
  readonly margin: number
  readonly factors: Float64Array
}

interface RangeKernels extends Kernels {
  readonly from: number
  readonly to: number
}

/**
 * One threshold for all queries: kernels of their own for parts of its range prove more than kernels for all of it. The
 * part that proves least is halved, again and again, until that gains little.
 */
const searchRanges = (
  whole: KernelProgram,
  start: Kernels,
  { enough = 0, shouldStop, splits = 12 }: KernelCeilingOptions
): ReadonlyArray<RangeKernels> => {
  const parts: Array<RangeKernels> = [{ ...start, from: whole.from, to: whole.to }]
  const worst = (): number =>
    parts.reduce((most, part, at) => (part.margin > parts[most].margin ? at : most), 0)
  const history: Array<number> = []
  const stop = (): boolean => shouldStop?.() === true
  for (let split = 0; split < splits && !stop(); split++) {
    const at = worst()
    const { factors, from, margin, to } = parts[at]
    history.push(margin)
    if (margin < enough || (split >= 6 && history[split - 6] - margin < 1e-3 * margin)) break
    // What margins of this size leave possible is narrower than the range at its ends.
    const low = Math.max(from, -1 + margin)
    const middle = (low + Math.min(to, 1 - margin)) / 2
    const halves = [
      [from, middle],
      [middle, to]
    ].map(([lower, upper]): RangeKernels => {
      const objective = new KernelObjective({ ...whole, from: lower, to: upper }, margin, coarse)
      // A half needs to be no better than the worst of the others.
      const others = parts.reduce((most, part, i) => (i === at ? most : Math.max(most, part.margin)), 0)
      const found = searchKernels(objective, factors.slice(), {
        stages: late,
        enough: Math.max(enough, others),
        ...(shouldStop === undefined ? {} : { shouldStop })
      })
      return { from: lower, to: upper, ...(found ?? { margin, factors }) }
    })
    parts.splice(at, 1, ...halves)
  }
  return parts
}

/** Rows that count and distinct columns, at most so many. */
const choosePoints = (
  a: Relevance,
  threshold: Threshold,
  most: number
): { readonly rows: Float64Array; readonly columns: Float64Array } | undefined => {
  const columns = Float64Array.from(new Set(distinctColumns(a).columnOf.map((_, i, of) => of.indexOf(of[i]))))
  const rows: Array<number> = []
  for (let j = 0; j < a.rows; j++) if (counts(a, threshold, j)) rows.push(j)
  const room = most - columns.length
  if (room < 1 || rows.length === 0) return undefined
  const kept =
    rows.length <= room
      ? rows
      : Array.from({ length: room }, (_, i) => rows[Math.floor((i * rows.length) / room)])
  return { rows: Float64Array.from(kept), columns }
}

/** Degree 1: a factor of [[s, −J], [−Jᵀ, s]], J weighted alike in every row; the other degrees next to nothing. */
const startingFactors = (
  a: Relevance,
  { pairs, ranks }: KernelProgram,
  size: number
): Float64Array | undefined => {
  const { columns, rows } = pairs
  const points = rows.length + columns.length
  const kernel = new Float64Array(points * points)
  rows.forEach((row, j) => {
    const marked = rowSize(a, row)
    columns.forEach((column, i) => {
      const value = isRelevant(a, row, column) ? -1 / marked : 1 / (a.columns - marked)
      kernel[j * points + rows.length + i] = kernel[(rows.length + i) * points + j] = value
    })
  })
  // The least s that makes it positive semidefinite is −λ_min; Cholesky tells which are too small.
  for (let scale = 1e-3; scale < 1e6; scale *= 1.02) {
    const tried = kernel.slice()
    for (let x = 0; x < points; x++) tried[x * points + x] = scale
    const lower = cholesky(tried, points, 0)
    if (lower === undefined) continue
    const factors = new Float64Array(size)
    for (let x = 0; x < points; x++)
      for (let y = 0; y <= x; y++) factors[x * ranks[0] + y] = lower[x * points + y]
    return factors
  }
  return undefined
}

/** Kernels and the margin at which h is 0 on fine grids; undefined where nothing below `below` can be expected. */
const searchKernels = (
  objective: KernelObjective,
  start: Float64Array,
  {
    below = 1,
    enough = 0,
    shouldStop,
    stages
  }: KernelCeilingOptions & { readonly stages: ReadonlyArray<number> }
): Kernels | undefined => {
  const random = makeRandom("kernels", "noise")
  const { points } = objective
  const stop = (): boolean => shouldStop?.() === true
  let factors = start
  let best = { margin: root(objective, factors, coarse), factors: factors.slice() }
  let noise = 0.1
  let reached = coarse
  for (const sharpness of stages) {
    const before = best.margin
    const fineness = sharpness >= 4000 ? middling : coarse
    if (fineness !== reached)
      best = { margin: root(objective, best.factors, fineness), factors: best.factors }
    reached = fineness
    for (let round = 0; round < 3 && !stop(); round++) {
      objective.setMargin(best.margin, fineness)
      const scale = noise / Math.sqrt(objective.size)
      factors = factors.map((x) => x + scale * random.gaussian())
      objective.normalise(factors)
      descend((at, gradient) => objective.evaluate(at, sharpness * points, gradient), factors, {
        steps: 150,
        tolerance: 1e-7,
        ...(shouldStop === undefined ? {} : { shouldStop })
      })
      objective.normalise(factors)
      const margin = root(objective, factors, fineness)
      if (margin < best.margin) best = { margin, factors: factors.slice() }
      noise *= 0.8
    }
    // What is still gained falls by more than half a stage.
    if (sharpness >= 1000 && best.margin - 4 * (before - best.margin) > below) return undefined
    if (stop()) break
    if (best.margin < enough && root(objective, best.factors, fine) < enough) break
  }
  const margin = root(objective, best.factors, fine)
  return margin < below ? { margin, factors: best.factors } : undefined
}

/** The least m with h(G) < 0 on grids of this fineness; 1 where there is none. */
const root = (objective: KernelObjective, factors: Float64Array, fineness: number): number => {
  let low = 0
  let high = 1
  for (let step = 0; step < 24; step++) {
    const middle = (low + high) / 2
    objective.setMargin(middle, fineness)
    if (objective.evaluate(factors, Number.POSITIVE_INFINITY) < 0) high = middle
    else low = middle
  }
  return high
}
