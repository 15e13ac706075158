/**
 * The least margin that the two-point program excludes for complete:n,k in dimension d, with its certificate.
 *
 * The program's least total T(m) falls through 0 as m grows, nearly on a line, so m is found by false position in a few
 * programs. Every range of thresholds that counts has been verified (verifyComplete.ts), with the slack shared out over its
 * constants. For one global threshold T is the greatest over τ: the worst τ is found first, then the thresholds are covered
 * from it outwards by ranges as wide as can be proved.
 * Cost: 5 to 50 programs of a tenth of a second to a second each.
 */
import { completeBlocks } from "./completeBlocks.ts"
import type { CompleteSetting } from "./completeProgram.ts"
import { asCertificate, completeWeights, makePointStore } from "./completeWeights.ts"
import type { CompleteWeights, PointStore, WeightOptions } from "./completeWeights.ts"
import type { CompleteCertificate } from "./CeilingCertificate.ts"
import { rangeHolds } from "./verifyComplete.ts"

export interface CompleteOptions {
  /** A bound that is known: only what is below it is of use. Default 1. */
  readonly below?: number
  readonly shouldStop?: () => boolean
  /** Couple query pairs to document pairs; default true. */
  readonly coupled?: boolean
  /** L; default by the dimension. */
  readonly degrees?: number
  /** Angles a side of the program's grid; default 40. */
  readonly points?: number
  /** How close to the least excluded margin it goes; default 1e-4. */
  readonly precision?: number
}

export interface CompleteCeiling {
  readonly upper: number
  readonly certificate: CompleteCertificate
}

type Range = readonly [number, number]

/** A verified range. */
interface Proved {
  readonly range: Range
  readonly weights: CompleteWeights
}

interface Search {
  readonly setting: CompleteSetting
  readonly store: PointStore
  readonly precision: number
  readonly shouldStop: () => boolean
}

export const completeCeiling = (
  n: number,
  k: number,
  dims: number,
  threshold: CompleteCertificate["threshold"],
  options: CompleteOptions = {}
): CompleteCeiling | undefined => {
  const system = completeBlocks(n, k)
  if (system === undefined || !Number.isInteger(dims) || dims < 2) return undefined
  const search: Search = {
    setting: {
      system,
      dims,
      degrees: options.degrees ?? (dims === 2 || threshold === "zero" ? 16 : 12),
      coupled: options.coupled ?? true,
      points: options.points ?? 40
    },
    store: makePointStore(),
    precision: options.precision ?? 1e-4,
    shouldStop: options.shouldStop ?? (() => false)
  }
  const below = Math.min(options.below ?? 1, 1)
  const whole = (margin: number): Range => (threshold === "zero" ? [0, 0] : [-1 + margin, 1 - margin])
  // For a global threshold the row threshold's bound is where the search starts, and what is left where it is stopped.
  const rough = threshold === "global" ? 20 : 1
  const one = leastExcluded({ ...search, precision: rough * search.precision }, whole, below)
  const single =
    one === undefined ? undefined : finish(search.setting, threshold, one.margin, [one.proved], below)
  if (threshold !== "global" || search.shouldStop()) return single
  return globalCeiling(search, one?.margin ?? below, below) ?? single
}

const finish = (
  setting: CompleteSetting,
  threshold: CompleteCertificate["threshold"],
  margin: number,
  parts: ReadonlyArray<Proved>,
  below: number
): CompleteCeiling | undefined => {
  if (!(margin < below)) return undefined
  const sorted = [...parts].sort((x, y) => x.range[0] - y.range[0])
  return {
    upper: margin,
    certificate: asCertificate(
      setting,
      threshold,
      margin,
      Float64Array.from(sorted.flatMap(({ range }) => range)),
      sorted.map(({ weights }) => weights)
    )
  }
}

/** Weights whose constants have their share of the slack, if they are verified at this margin. */
const prove = (
  { setting }: Search,
  margin: number,
  range: Range,
  weights: CompleteWeights
): Proved | undefined => {
  if (!(weights.total < 0)) return undefined
  const share = (-0.95 * weights.total) / weights.constants.length
  const raised = { ...weights, constants: weights.constants.map((value) => value + share) }
  const certificate = asCertificate(setting, "zero", margin, Float64Array.from(range), [raised])
  return rangeHolds(certificate, setting.system, 0) ? { range, weights: raised } : undefined
}

/** Weights at one margin and range; the points found stay in the store. */
const weigh = (
  search: Search,
  margin: number,
  range: Range,
  options: WeightOptions
): CompleteWeights | undefined =>
  completeWeights(search.setting, margin, range, search.store, {
    ...options,
    tolerance: search.precision / 10,
    shouldStop: search.shouldStop
  })

/** The least margin excluded on a range that moves with it, to the precision. */
const leastExcluded = (
  search: Search,
  rangeOf: (margin: number) => Range,
  below: number,
  guess = 0.75 * below
): { readonly margin: number; readonly proved: Proved } | undefined => {
  const { precision } = search
  // T is 0 or more at low; below 0 at high.
  let low = { margin: 0, total: Number.NaN }
  let high: { margin: number; total: number; weights: CompleteWeights | undefined } = {
    margin: below,
    total: Number.NaN,
    weights: undefined
  }
  let next = guess
  let sameSide = 0
  for (let step = 0; step < 24 && high.margin - low.margin > precision / 2; step++) {
    if (search.shouldStop()) break
    const weights = weigh(search, next, rangeOf(next), { rounds: 4 })
    if (weights === undefined) break
    if (weights.total < 0) {
      high = { margin: next, total: weights.total, weights }
      if (sameSide < 0) low = { margin: low.margin, total: low.total / 2 }
      sameSide = -1
    } else {
      low = { margin: next, total: weights.total }
      if (sameSide > 0) high = { margin: high.margin, total: high.total / 2, weights: high.weights }
      sameSide = 1
    }
    // The line through both ends, aimed a quarter of the precision past its root; a step by a factor until both are known.
    const width = high.margin - low.margin
    if (Number.isNaN(low.total)) next = Math.max(high.margin * 0.85, high.margin - 4 * Math.abs(high.total))
    else if (Number.isNaN(high.total))
      next = Math.min(low.margin + 0.5 * width, low.margin + 2 * low.total + 1e-3)
    else next = low.margin + (width * low.total) / (low.total - high.total) + precision / 4
    next = Math.min(high.margin - precision / 8, Math.max(low.margin + precision / 8, next))
  }
  let margin = high.margin
  let weights = high.weights
  for (let more = precision / 4; margin < below && more < 0.1; more *= 2) {
    const range = rangeOf(margin)
    weights ??= weigh(search, margin, range, { rounds: 6 })
    const proved = weights === undefined ? undefined : prove(search, margin, range, weights)
    if (proved !== undefined) return { margin, proved }
    if (search.shouldStop()) return undefined
    margin += more
    weights = undefined
  }
  return undefined
}

/** One threshold for all queries: no τ allows the margin. */
const globalCeiling = (search: Search, start: number, below: number): CompleteCeiling | undefined => {
  const { precision, setting, shouldStop } = search
  // About the worst threshold, by golden section at a margin where totals are near 0; then the least margin excluded there.
  const about = 0.9 * start
  const total = (tau: number): number => weigh(search, about, [tau, tau], { rounds: 1 })?.total ?? Number.NaN
  const tau = worst(total, -1 + about, 1 - about, 0.1, shouldStop)
  const half = 0.003
  const around = (middle: number) => (): Range => [middle - half, middle + half]
  const least = leastExcluded(search, around(tau), below, about)
  if (least === undefined || shouldStop()) return undefined

  let margin = least.margin + 2 * precision
  const parts: Array<Proved> = [least.proved]
  /** Proves thresholds from `from` on in one direction, up to the end; false where it was stopped or nothing helps. */
  const cover = (from: number, direction: 1 | -1): boolean => {
    let reached = from
    let width = 6 * half
    for (;;) {
      const end = direction * (1 - margin)
      if (direction * (end - reached) <= 0) return true
      if (shouldStop() || !(margin < below)) return false
      const next = direction * Math.min(direction * (reached + direction * width), direction * end)
      // The last range goes a little past the end, whatever the rounding.
      const outer = next === end ? end + direction * 1e-9 : next
      const range: Range = direction > 0 ? [reached, outer] : [outer, reached]
      const weights = weigh(search, margin, range, { rounds: 3, enough: -precision / 8, hopeless: 0 })
      const proved = weights === undefined ? undefined : prove(search, margin, range, weights)
      if (proved !== undefined) {
        parts.push(proved)
        reached = outer
        width *= 3
      } else if (width > half) width = Math.max(half, width / 3)
      else {
        // A worse threshold than the one that was thought the worst.
        const worse = leastExcluded(search, () => range, below, margin + precision)
        if (worse === undefined) return false
        margin = Math.max(margin + precision, worse.margin + precision)
      }
    }
  }
  if (!cover(tau + half, 1) || !cover(tau - half, -1)) return undefined
  return finish(setting, "global", margin, parts, below)
}

/** Where f is greatest on an interval, to `width`, if it rises and then falls. */
const worst = (
  f: (x: number) => number,
  from: number,
  to: number,
  width: number,
  shouldStop: () => boolean
): number => {
  const golden = (Math.sqrt(5) - 1) / 2
  let low = from
  let high = to
  let left = high - golden * (high - low)
  let right = low + golden * (high - low)
  let atLeft = f(left)
  let atRight = f(right)
  while (high - low > width && !shouldStop()) {
    if (atLeft > atRight) {
      high = right
      right = left
      atRight = atLeft
      left = high - golden * (high - low)
      atLeft = f(left)
    } else {
      low = left
      left = right
      atLeft = atRight
      right = low + golden * (high - low)
      atRight = f(right)
    }
  }
  return atLeft > atRight ? left : right
}
