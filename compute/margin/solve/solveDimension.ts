/**
 * The best embeddings found in dimension d for one threshold: known pairs (a warm start, those of `known.ts`, the
 * dimension-free optimum where it fits) and a search (`portfolio.ts`). What is known is never lost: the result is at least
 * the best pair handed in, so in a sweep that hands its solutions on the margin cannot fall as d grows.
 *
 * For the zero threshold a search for the global margin in dimension d − 1 comes first, and its threshold is traded for a
 * coordinate (`lift.ts`): at small d most direct annealings collapse onto the orthogonal solution, and these do not.
 */
import { zeroPad, type EmbeddingPair } from "../EmbeddingPair.ts"
import type { Threshold } from "../kernels/MarginKernel.ts"
import { hasThreshold, type Relevance } from "../Relevance.ts"
import { openPool, type SearchPool } from "../threads/pool.ts"
import { knownPairs } from "./known.ts"
import { lift } from "./lift.ts"
import { provedMargin } from "./polish.ts"
import { portfolio, type Found } from "./portfolio.ts"

export interface SolveOptions {
  readonly dims: number
  readonly seed: string
  /** Rounds of the search; each costs twice the round before. Default 3 without `time`, else as many as there is time for. */
  readonly rounds?: number
  /** Seconds. */
  readonly time?: number
  /** Embeddings of this matrix in dimension ≤ dims. */
  readonly warm?: ReadonlyArray<EmbeddingPair>
  /** The dimension-free optimum, to project. */
  readonly dimensionFree?: EmbeddingPair
  /** A proved bound on the margin. */
  readonly upper?: number
  /** Threads to search on; default: this one. */
  readonly pool?: SearchPool
  readonly onBest?: (margin: number) => void
}

export interface Solved extends EmbeddingPair {
  /** Measured half gap under the threshold, less the rounding bound. */
  readonly margin: number
  /** What the best pair came from. */
  readonly start: string
  /** The margin of each pair that was known or polished, in the order they were tried. */
  readonly tried: ReadonlyArray<{ readonly start: string; readonly margin: number }>
}

export const solveDimension = async (
  a: Relevance,
  threshold: Threshold,
  options: SolveOptions
): Promise<Solved> => {
  const { dims, time } = options
  const deadline = time === undefined ? undefined : Date.now() + 1000 * time
  const pool = options.pool ?? openPool(a, 1)
  const rounds = options.rounds ?? (time === undefined ? 3 : Number.POSITIVE_INFINITY)
  const given = [...known(a, threshold, options)]
  if (threshold === "zero" && dims > 1 && hasThreshold(a, "global")) {
    const until = time === undefined ? {} : { deadline: Date.now() + 1000 * LIFTED * time }
    given.push(...(await lifted(a, pool, { dims: dims - 1, seed: options.seed, rounds, ...until })))
  }
  const { best, tried } = await portfolio(a, pool, {
    threshold,
    dims,
    seed: options.seed,
    rounds,
    given,
    ...(deadline === undefined ? {} : { deadline }),
    ...(options.dimensionFree === undefined ? {} : { dimensionFree: options.dimensionFree }),
    ...(options.upper === undefined ? {} : { upper: options.upper }),
    ...(options.onBest === undefined ? {} : { onBest: options.onBest })
  })
  if (best === undefined) throw new RangeError("solveDimension: no start was tried.")
  const { documents, queries } = best.pair
  return { dims, queries, documents, margin: best.margin, start: best.start, tried }
}

/** Of the time for the zero threshold, what the search in the dimension below may take. */
const LIFTED = 0.4

/** The best global pairs of the dimension below with their threshold traded for a coordinate. */
const lifted = async (
  a: Relevance,
  pool: SearchPool,
  options: {
    readonly dims: number
    readonly seed: string
    readonly rounds: number
    readonly deadline?: number
  }
): Promise<ReadonlyArray<Found>> => {
  const given = known(a, "global", { dims: options.dims, seed: options.seed })
  const { best } = await portfolio(a, pool, { ...options, threshold: "global", given })
  if (best === undefined) return []
  const pair = lift(a, best.pair, "global")
  return [{ start: "lifted", pair, margin: provedMargin(a, "zero", pair) }]
}

const known = (a: Relevance, threshold: Threshold, options: SolveOptions): ReadonlyArray<Found> => {
  const { dimensionFree, dims } = options
  const result: Array<Found> = []
  const offer = (start: string, pair: EmbeddingPair): void => {
    const padded = zeroPad(pair, dims)
    result.push({ start, pair: padded, margin: provedMargin(a, threshold, padded) })
  }
  for (const pair of options.warm ?? []) offer("warm", pair)
  for (const { name, pair } of knownPairs(a, dims, threshold)) offer(name, pair)
  if (dimensionFree !== undefined && dimensionFree.dims <= dims) offer("dimension-free", dimensionFree)
  return result
}
