/**
 * Rounds of annealings, the best of each polished, until the rounds or the time are over.
 *
 * A round (`plan.ts`) costs twice the one before. Of its annealings the best quarter is polished; after the first, known
 * pairs are polished too, and at the end the best pair once more. The search ends early where the best margin is within 1e-12 of a proved bound, or where one
 * margin was found by sixteen independent annealings. With `rounds` and no deadline the result depends on the seed alone:
 * not on the clock and not on the number of threads. With a deadline the last round is cut to the time that is left.
 */
import { performance } from "node:perf_hooks"
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import type { Threshold } from "../kernels/MarginKernel.ts"
import type { Relevance } from "../Relevance.ts"
import type { SearchPool } from "../threads/pool.ts"
import { isComplete } from "./cyclicAction.ts"
import { interiorPointCost } from "./interiorPoint.ts"
import { armsOf, roundOf, stepsOf, type Annealing, type Arm } from "./plan.ts"
import type { SearchResult, SearchTask } from "./searchTask.ts"

export interface Found extends SearchResult {
  readonly start: string
}

export interface PortfolioOptions {
  readonly threshold: Threshold
  readonly dims: number
  readonly seed: string
  readonly rounds: number
  /** Milliseconds since 1970. */
  readonly deadline?: number
  /** Pairs of this dimension, polished as they are. */
  readonly given: ReadonlyArray<Found>
  /** The dimension-free optimum, for the starts that project it. */
  readonly dimensionFree?: EmbeddingPair
  /** A proved bound: nothing above it is looked for. */
  readonly upper?: number
  readonly onBest?: (margin: number) => void
}

/** Independent annealings that end at one margin, after which it is taken for the best there is. */
const AGREE = 16
/** Where annealings end. */
const SHARPEST = 3000
/** Multiply-adds of a Newton step for which it is taken in a round, and at the end for the best pair alone. */
const DEAREST = 3e7
const DEAREST_LAST = 1e9
/** The dearest Newton step of which forty fit into so many milliseconds. */
const affordable = (milliseconds: number): number => milliseconds * 1.5e4

/** Given pairs that are polished. */
const MOST_GIVEN = 6

export interface Searched {
  readonly best: Found | undefined
  /** The margin of every pair that was given or polished. */
  readonly tried: ReadonlyArray<{ readonly start: string; readonly margin: number }>
  readonly rounds: number
}

export const portfolio = async (
  a: Relevance,
  pool: SearchPool,
  options: PortfolioOptions
): Promise<Searched> => {
  const { deadline, dims, threshold } = options
  const size = a.rows * a.columns * dims
  const complete = isComplete(a)
  const left = (): number => (deadline ?? Number.POSITIVE_INFINITY) - Date.now()
  const tried: Array<{ start: string; margin: number }> = []
  let best: Found | undefined
  const offer = (found: Found): void => {
    tried.push({ start: found.start, margin: found.margin })
    if (best !== undefined && found.margin <= best.margin) return
    best = found
    options.onBest?.(found.margin)
  }
  const closed = (): boolean =>
    best !== undefined && options.upper !== undefined && options.upper - best.margin <= 1e-12
  const newton = interiorPointCost(a, dims)
  /** @param share of the time left that this may take */
  const polishAll = async (pairs: ReadonlyArray<Found>, share: number, dearest: number): Promise<void> => {
    const until = deadline === undefined ? {} : { deadline: Date.now() + share * left() }
    const results = await pool.run(
      pairs.map(({ pair }) => ({
        threshold,
        dims,
        start: { type: "given", pair },
        polish: newton <= Math.min(dearest, affordable(share * left())) ? "newton" : "lbfgs",
        ...until
      }))
    )
    results.forEach((result, at) => {
      if (result !== undefined) offer({ ...result, start: pairs[at].start })
    })
  }

  options.given.forEach(offer)
  const given = [...options.given].sort((x, y) => y.margin - x.margin).slice(0, MOST_GIVEN)
  const all = armsOf(threshold, complete)
  /** A polish gains no more than half of what smoothing costs at the end of an annealing (measured: a sixth). */
  const reach = Math.log(a.rows * a.columns) / (2 * SHARPEST)
  const reached = new Map<string, { arm: Arm; margin: number }>()
  const ends: Array<number> = []
  let perStep = deadline === undefined ? 0 : await timeOfStep(a, pool, options)
  let round = 0
  for (; round < options.rounds && !closed() && (round === 0 || left() > 0); round++) {
    const expected = (stepsOf(size, round) * perStep) / pool.size
    // The last round takes all that is left: no rest too short for another one.
    const ratio = (0.9 * left()) / expected
    const last = ratio < 2.5
    const ranked = [...reached.values()].sort((x, y) => y.margin - x.margin).map(({ arm }) => arm)
    const annealings = roundOf(size, round, all, ranked, last ? ratio : 1, last ? pool.size : 1)
    const began = performance.now()
    const results = await pool.run(
      tasksOf(annealings, complete, round, best, options, pool.size, last ? 0.85 * left() : undefined)
    )
    const steps = annealings.reduce((sum, { iterations }) => sum + iterations, 0)
    perStep = ((performance.now() - began) * pool.size) / steps
    const found = results.flatMap((result, at) => {
      if (result === undefined) return []
      const { arm } = annealings[at]
      const name = `${arm.start} ${arm.sharpness} ${arm.rate}`
      const margin = Math.max(result.margin, reached.get(name)?.margin ?? -1)
      if (arm.sigma === undefined) reached.set(name, { arm, margin })
      return [{ ...result, start: arm.start, alone: arm.sigma === undefined }]
    })
    found.sort((x, y) => y.margin - x.margin)
    const top = best?.margin ?? Number.NEGATIVE_INFINITY
    const kept = distinct(found)
      .filter(({ margin }, at) => at === 0 || margin + reach > top)
      .slice(0, Math.max(2, Math.ceil(found.length / 4)))
    const before = tried.length
    await polishAll(kept, last ? 0.8 : 0.3, DEAREST)
    tried.slice(before).forEach(({ margin }, at) => {
      if (kept[at].alone) ends.push(margin)
    })
    if (round === 0) {
      // What is far below, and the orthogonal pair (a saddle), no polish brings near.
      const near = given.filter(({ margin }) => margin > Math.max(0, 0.5 * (best?.margin ?? 0)))
      await polishAll(near, last ? 0.9 : 0.3, DEAREST)
    }
    if (last) {
      round++
      break
    }
    const agreed = best?.margin ?? 0
    if (ends.filter((margin) => agreed - margin <= 1e-9 * Math.abs(agreed)).length >= AGREE) {
      round++
      break
    }
  }
  if (best !== undefined && !closed() && left() > 0) await polishAll([best], 1, DEAREST_LAST)
  return { best, tried, rounds: round }
}

/** Milliseconds of a step on each of the pool's threads while all are at work; the threads are started by it. */
const timeOfStep = async (
  a: Relevance,
  pool: SearchPool,
  { dims, seed, threshold }: PortfolioOptions
): Promise<number> => {
  const size = a.rows * a.columns * dims
  const task = (iterations: number): SearchTask => ({
    threshold,
    dims,
    start: { type: "made", name: "asymmetric", seed },
    schedule: { iterations, fromSharpness: 4, toSharpness: SHARPEST, rate: 0.02 }
  })
  await pool.run(Array.from({ length: pool.size }, () => task(1)))
  const iterations = Math.max(3, Math.min(3000, Math.round(2e7 / size)))
  const began = performance.now()
  await pool.run(Array.from({ length: pool.size }, () => task(iterations)))
  return (performance.now() - began) / iterations
}

/** Found pairs whose margins differ: a basin found many times is polished once or twice. */
const distinct = <T extends SearchResult>(sorted: ReadonlyArray<T>): ReadonlyArray<T> =>
  sorted.filter((found, at) => at < 2 || sorted[at - 2].margin - found.margin > 1e-9 * Math.abs(found.margin))

const tasksOf = (
  annealings: ReadonlyArray<Annealing>,
  complete: boolean,
  round: number,
  best: Found | undefined,
  { dims, dimensionFree, seed, threshold }: PortfolioOptions,
  threads: number,
  milliseconds: number | undefined
): ReadonlyArray<SearchTask> => {
  const all = annealings.reduce((sum, { iterations }) => sum + iterations, 0)
  const now = Date.now()
  let before = 0
  return annealings.map(({ arm, iterations }, at) => {
    const own = `${seed} ${threshold} ${round} ${at}`
    // What was begun before it and the task itself, a fifth longer than planned: threads finish unevenly.
    const end = Math.min(1, (1.2 * (before + threads * iterations)) / all)
    before += iterations
    const until = milliseconds === undefined ? {} : { deadline: now + milliseconds * end }
    const schedule = { iterations, fromSharpness: arm.sharpness, toSharpness: SHARPEST, rate: arm.rate }
    if (arm.start === "best moved") {
      const start: SearchTask["start"] =
        best === undefined
          ? { type: "made", name: "asymmetric", seed: own }
          : { type: "moved", pair: best.pair, sigma: arm.sigma ?? 0.1, seed: own }
      return { threshold, dims, schedule, start, ...until }
    }
    if (arm.start === "symmetric" && complete) {
      return { threshold, dims, schedule, start: { type: "symmetric", seed: own }, ...until }
    }
    const impossible = arm.start === "symmetric" || (dimensionFree === undefined && arm.start === "projected")
    const name = impossible ? "random" : arm.start
    const of = name === "projected" && dimensionFree !== undefined ? { of: dimensionFree } : {}
    return { threshold, dims, schedule, start: { type: "made", name, seed: own, ...of }, ...until }
  })
}
