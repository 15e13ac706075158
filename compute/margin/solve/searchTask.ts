/**
 * One piece of the search, for one thread: a start is made, annealed, polished, measured. Equal tasks give equal results
 * on whichever thread they run, as long as their deadline does not bind.
 */
import { makeRandom } from "../../random/RandomStream.ts"
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { MarginKernel, type Threshold } from "../kernels/MarginKernel.ts"
import { normaliseRows } from "../margins.ts"
import type { Relevance } from "../Relevance.ts"
import { anneal, type Schedule } from "./anneal.ts"
import { interiorPoint } from "./interiorPoint.ts"
import { polish, provedMargin } from "./polish.ts"
import { makeStart, type RandomStart } from "./makeStart.ts"
import { searchSymmetric } from "./symmetric.ts"

export interface SearchTask {
  readonly threshold: Threshold
  readonly dims: number
  readonly start:
    | {
        readonly type: "made"
        readonly name: RandomStart
        readonly seed: string
        readonly of?: EmbeddingPair
      }
    | { readonly type: "given"; readonly pair: EmbeddingPair }
    /** Made and annealed under symmetries, for complete graphs. */
    | { readonly type: "symmetric"; readonly seed: string }
    /** A pair moved off its place: every row by a Gaussian step of length sigma. */
    | {
        readonly type: "moved"
        readonly pair: EmbeddingPair
        readonly sigma: number
        readonly seed: string
      }
  readonly schedule?: Schedule
  /** Newton steps of the interior point method, or L-BFGS where those are too dear; neither where absent. */
  readonly polish?: "newton" | "lbfgs"
  /** Milliseconds since 1970 by which the task ends. */
  readonly deadline?: number
}

export interface SearchResult {
  readonly pair: EmbeddingPair
  /** Measured, less its rounding bound. */
  readonly margin: number
}

/** Steps of L-BFGS by the cost of a pass. */
const lbfgsSteps = (a: Relevance, dims: number): number =>
  Math.max(90, Math.min(720, Math.round(5e10 / (a.rows * a.columns * dims))))

/** A thread's workplace for one matrix: its kernels are made once. */
export class Searcher {
  private readonly kernels = new Map<string, MarginKernel>()
  private readonly a: Relevance

  constructor(a: Relevance) {
    this.a = a
  }

  /** Undefined where the start does not exist for this matrix and dimension. */
  run(task: SearchTask): SearchResult | undefined {
    const { a } = this
    const { deadline, dims, schedule, threshold } = task
    const start = this.start(task)
    if (start === undefined) return undefined
    let best: SearchResult = { pair: start, margin: provedMargin(a, threshold, start) }
    if (schedule !== undefined && task.start.type !== "symmetric") {
      const kernel = this.kernel(threshold, dims)
      // Whatever the start was worth, what counts is where the annealing led.
      const pair = anneal(kernel, start, schedule, deadline)
      best = { pair, margin: provedMargin(a, threshold, pair) }
    }
    if (task.polish !== undefined) {
      const stopping = deadline === undefined ? {} : { shouldStop: () => Date.now() > deadline }
      const polished =
        task.polish === "newton"
          ? interiorPoint(a, threshold, best.pair, stopping)
          : polish(a, threshold, best.pair, { iterations: lbfgsSteps(a, dims), ...stopping })
      if (polished.margin > best.margin) best = { pair: polished, margin: polished.margin }
    }
    const { documents, queries } = best.pair
    return { pair: { dims, queries, documents }, margin: best.margin }
  }

  private start({ deadline, dims, schedule, start, threshold }: SearchTask): EmbeddingPair | undefined {
    switch (start.type) {
      case "symmetric": {
        const random = makeRandom(start.seed, start.type)
        if (schedule === undefined) return undefined
        return searchSymmetric(this.a, threshold, dims, schedule, random, deadline)
      }
      case "given":
        return start.pair
      case "made":
        return makeStart(this.a, dims, start.name, makeRandom(start.seed, start.name), start.of)
      case "moved": {
        const random = makeRandom(start.seed, "moved")
        const scale = start.sigma / Math.sqrt(dims)
        const move = (data: Float64Array): Float64Array =>
          normaliseRows(
            data.map((x) => x + scale * random.gaussian()),
            dims
          )
        return { dims, queries: move(start.pair.queries), documents: move(start.pair.documents) }
      }
    }
  }

  private kernel(threshold: Threshold, dims: number): MarginKernel {
    const key = `${threshold} ${dims}`
    const known = this.kernels.get(key)
    if (known !== undefined) return known
    const kernel = new MarginKernel(this.a, { dims, threshold, precision: "float32", adam: true })
    // One at a time is enough: a search stays with one threshold and one dimension for long.
    this.kernels.clear()
    this.kernels.set(key, kernel)
    return kernel
  }
}
