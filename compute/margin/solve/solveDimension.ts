/**
 * The best embeddings found in dimension d for one threshold.
 *
 * Starts (random, signs, spectral, the projected dimension-free optimum) are annealed; the best is polished in float64.
 * The moment curve and a solution of a lower dimension, zero-padded, are polished as they are, so a margin that either
 * has is never lost: the margin cannot fall as d grows in a sweep that hands its solutions on.
 * Deterministic given the seed, unless stopped by a clock.
 */
import type { RandomStream } from "../../random/RandomStream.ts"
import { zeroPad, type EmbeddingPair } from "../EmbeddingPair.ts"
import type { Threshold } from "../kernels/MarginKernel.ts"
import type { Relevance } from "../Relevance.ts"
import { anneal } from "./anneal.ts"
import { polish, provedMargin } from "./polish.ts"
import {
  momentCurveStart,
  projectedStart,
  randomStart,
  ripStart,
  spectralStart,
  type StartName
} from "./starts.ts"

export interface SolveOptions {
  readonly dims: number
  readonly random: RandomStream
  /** Steps of each annealing; default 60 to 1,000 by the size of the problem. */
  readonly iterations?: number
  /** How many starts are annealed; default 1 to 12 by the size of the problem. */
  readonly restarts?: number
  /** Embeddings of this matrix in dimension ≤ dims. */
  readonly warm?: ReadonlyArray<EmbeddingPair>
  /** The dimension-free optimum, to project. */
  readonly dimensionFree?: EmbeddingPair
  readonly shouldStop?: () => boolean
}

export interface Solved extends EmbeddingPair {
  /** Measured half gap under the threshold, less the rounding bound. */
  readonly margin: number
  readonly start: StartName
  /** The margin each start reached, in the order they were tried. */
  readonly tried: ReadonlyArray<{ readonly start: StartName; readonly margin: number }>
}

/** Multiply-adds of a pass over all pairs that all annealings together may cost by default, and that one may. */
const BUDGET = 2e10
const ONE_ANNEALING = 6e10

export const solveDimension = (a: Relevance, threshold: Threshold, options: SolveOptions): Solved => {
  const { dims, shouldStop } = options
  const size = a.rows * a.columns * dims
  const iterations = options.iterations ?? Math.max(60, Math.min(1000, Math.round(ONE_ANNEALING / size)))
  const restarts = options.restarts ?? Math.max(1, Math.min(12, Math.floor(BUDGET / (size * iterations))))
  const polishing = Math.max(90, Math.min(720, Math.round(5e10 / size)))
  const stopping = shouldStop === undefined ? {} : { shouldStop }
  const tried: Array<{ start: StartName; margin: number }> = []
  let best: (EmbeddingPair & { margin: number; start: StartName }) | undefined
  const offer = (start: StartName, pair: EmbeddingPair, margin: number): void => {
    tried.push({ start, margin })
    if (best === undefined || margin > best.margin) best = { ...pair, margin, start }
  }

  for (const pair of options.warm ?? []) {
    const padded = zeroPad(pair, dims)
    offer("warm", padded, provedMargin(a, threshold, padded))
  }
  const moment = momentCurveStart(a, dims, threshold)
  if (moment !== undefined) offer("moment-curve", moment, provedMargin(a, threshold, moment))
  if (options.dimensionFree !== undefined && options.dimensionFree.dims <= dims) {
    const padded = zeroPad(options.dimensionFree, dims)
    offer("dimension-free", padded, provedMargin(a, threshold, padded))
  }

  let annealed: (EmbeddingPair & { margin: number; start: StartName }) | undefined
  for (const [round, { start, sharpness }] of plan(a, options, restarts).entries()) {
    if (round > 0 && shouldStop?.() === true) break
    const first = make(a, start, options, round)
    if (first === undefined) continue
    let pair: EmbeddingPair = anneal(a, threshold, first, {
      iterations,
      fromSharpness: sharpness,
      toSharpness: 2000,
      rate: 0.02,
      ...stopping
    })
    let margin = provedMargin(a, threshold, pair)
    // Small margins are below the resolution of sharpness 2,000: anneal on.
    if (margin < 0.03 && shouldStop?.() !== true) {
      const sharper = anneal(a, threshold, pair, {
        iterations,
        fromSharpness: 500,
        toSharpness: 100_000,
        rate: 0.005,
        ...stopping
      })
      const further = provedMargin(a, threshold, sharper)
      if (further > margin) {
        pair = sharper
        margin = further
      }
    }
    offer(start, pair, margin)
    if (annealed === undefined || margin > annealed.margin) annealed = { ...pair, margin, start }
  }

  if (best === undefined) throw new RangeError("solveDimension: no start was tried.")
  const polished = polish(a, threshold, best, { iterations: polishing, ...stopping })
  offer(best.start, polished, polished.margin)
  return { ...best, tried }
}

/** Which starts to anneal, and from which sharpness: the first are the ones that won most often. */
const plan = (
  a: Relevance,
  options: SolveOptions,
  restarts: number
): ReadonlyArray<{ readonly start: StartName; readonly sharpness: number }> => {
  const projected = options.dimensionFree !== undefined && options.dims < a.columns
  const order: Array<{ start: StartName; sharpness: number }> = [
    { start: "random", sharpness: 30 },
    { start: "random", sharpness: 15 },
    ...(projected ? [{ start: "projected" as const, sharpness: 30 }] : []),
    { start: "random", sharpness: 20 },
    { start: "rip", sharpness: 30 },
    { start: "spectral", sharpness: 30 }
  ]
  while (order.length < restarts) {
    order.push({ start: "random", sharpness: [20, 15, 30, 10][order.length % 4] })
  }
  return order.slice(0, restarts)
}

const make = (
  a: Relevance,
  start: StartName,
  options: SolveOptions,
  round: number
): EmbeddingPair | undefined => {
  const random = options.random.stream(`start ${round}`)
  switch (start) {
    case "random":
      return randomStart(a, options.dims, random)
    case "rip":
      return ripStart(a, options.dims, random)
    case "spectral":
      return spectralStart(a, options.dims)
    case "projected":
      return options.dimensionFree === undefined
        ? undefined
        : projectedStart(a, options.dims, options.dimensionFree)
    default:
      return undefined
  }
}
