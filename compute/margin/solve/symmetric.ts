/**
 * Annealing among embeddings with a cyclic symmetry, for complete graphs, whose best embeddings found are often symmetric
 * (12,3 in d = 8: .1184 in one of two draws under Z_4, .1054 from most starts without symmetry).
 *
 * Only one row of an orbit is annealed: 1/p of the cost of a pass, in a space p times smaller. Queries take the kernel's Adam
 * steps, the first document of each orbit the same here, by the sum of R^−i times the gradients of its orbit.
 * Cost: `iterations` passes over about N/p rows an annealing, and n d turns a step.
 */
import type { RandomStream } from "../../random/RandomStream.ts"
import { centroidQueries, type EmbeddingPair } from "../EmbeddingPair.ts"
import { MarginKernel } from "../kernels/MarginKernel.ts"
import { margins, normaliseRows } from "../margins.ts"
import type { Relevance, Threshold } from "../Relevance.ts"
import { stepAt, type Schedule } from "./anneal.ts"
import {
  allQueries,
  drawAction,
  isComplete,
  keptAxes,
  placeOf,
  rowOrbits,
  spread,
  turn,
  type CyclicAction,
  type RowOrbits
} from "./cyclicAction.ts"

/** Steps of an annealing in a space so small. */
const LEAST = 600

/**
 * The best embeddings of a complete graph among annealings under symmetries drawn one after another, as many as cost what
 * `schedule` costs without symmetry, each of a quarter of its steps (`LEAST` at least); undefined where A is not complete or no symmetry fits.
 *
 * @param deadline milliseconds since 1970 by which the search is at its end
 */
export const searchSymmetric = (
  a: Relevance,
  threshold: Threshold,
  dims: number,
  schedule: Schedule,
  random: RandomStream,
  deadline = Number.POSITIVE_INFINITY
): EmbeddingPair | undefined => {
  if (!isComplete(a)) return undefined
  let best: EmbeddingPair | undefined
  let margin = Number.NEGATIVE_INFINITY
  const iterations = Math.min(schedule.iterations, Math.max(LEAST, Math.ceil(schedule.iterations / 4)))
  const budget = a.rows * schedule.iterations
  for (let spent = 0; best === undefined || (spent < budget && Date.now() < deadline);) {
    const action = drawAction(a.columns, dims, random)
    if (action === undefined) return best
    const orbits = rowOrbits(a, action)
    const pair = annealUnder(action, orbits, threshold, dims, { ...schedule, iterations }, random, deadline)
    const reached = margins(orbits.relevance, pair.queries, pair.documents, dims)[threshold]
    // What does not shrink with the rows, in rows: turning the documents, and calls.
    spent += iterations * (1.5 * orbits.relevance.rows + 2 * a.columns + 30)
    if (best !== undefined && !(reached !== null && reached > margin)) continue
    margin = reached ?? margin
    best = { ...pair, queries: allQueries(action, orbits, pair) }
  }
  return best
}

/** Below this a margin is finer than the schedule's last sharpness resolves, and the annealing goes on. */
const FINE = 0.03

/** One annealing: all documents, and a query for each row of `orbits.relevance`. */
export const annealUnder = (
  action: CyclicAction,
  { relevance }: RowOrbits,
  threshold: Threshold,
  dims: number,
  schedule: Schedule,
  random: RandomStream,
  deadline = Number.POSITIVE_INFINITY
): EmbeddingPair => {
  const raw = new Float64Array(relevance.columns * dims)
  random.fillGaussian(raw)
  // What stays in place lies on the axes that are kept.
  const kept = keptAxes(action)
  for (let at = action.orbits * action.order * dims; at < raw.length; at++) raw[at] *= kept[at % dims]
  const documents = normaliseRows(raw, dims)
  spread(action, documents, dims)
  const kernel = new MarginKernel(relevance, { dims, threshold, precision: "float32", adam: true })
  const first = { dims, documents, queries: centroidQueries(relevance, documents, dims) }
  const pair = ascend(kernel, action, first, schedule, deadline)
  if ((margins(relevance, pair.queries, pair.documents, dims)[threshold] ?? 1) > FINE) return pair
  const { iterations, toSharpness } = schedule
  const fine = {
    iterations: Math.ceil(iterations / 2),
    fromSharpness: toSharpness / 6,
    toSharpness: 33 * toSharpness,
    rate: 0.005
  }
  return ascend(kernel, action, pair, fine, deadline)
}

/** One annealing in the kernel: `anneal.ts` with tied documents. */
const ascend = (
  kernel: MarginKernel,
  action: CyclicAction,
  start: EmbeddingPair,
  schedule: Schedule,
  deadline: number
): EmbeddingPair => {
  const { dims, stride } = kernel
  const n = kernel.relevance.columns
  const kept = keptAxes(action)
  const began = Date.now()
  let clock = 0
  kernel.load(start.queries, start.documents)
  const at = start.documents.slice()
  const mean = new Float64Array(n * dims)
  const first = new Float64Array(n * dims)
  const second = new Float64Array(n * dims)
  const turned = new Float64Array(stride)
  for (let done = 0; done < schedule.iterations; done++) {
    if (done % 8 === 0 && deadline !== Number.POSITIVE_INFINITY) {
      clock = (Date.now() - began) / Math.max(1, deadline - began)
      if (clock >= 1) break
    }
    const { rate, sharpness } = stepAt(schedule, Math.max(done / schedule.iterations, clock))
    kernel.pass(sharpness)
    kernel.gradient()
    mean.fill(0)
    for (let i = 0; i < n; i++) {
      const place = placeOf(action, i)
      turn(action, action.order - place, kernel.documentGradient, i * stride, turned, 0)
      const fixed = i >= action.orbits * action.order
      for (let k = 0; k < dims; k++) mean[(i - place) * dims + k] += fixed ? kept[k] * turned[k] : turned[k]
    }
    kernel.adamStep(rate, 0.95)
    const [correction1, correction2] = [1 - 0.9 ** (done + 1), 1 - 0.95 ** (done + 1)]
    for (let i = 0; i < n; i++) {
      if (placeOf(action, i) > 0) continue
      let square = 0
      for (let o = i * dims; o < (i + 1) * dims; o++) {
        first[o] = 0.9 * first[o] + 0.1 * mean[o]
        second[o] = 0.95 * second[o] + 0.05 * mean[o] ** 2
        at[o] -= (rate * first[o]) / correction1 / (Math.sqrt(second[o] / correction2) + 1e-16)
        square += at[o] ** 2
      }
      const inverse = 1 / Math.sqrt(square)
      for (let k = 0; k < dims; k++) {
        at[i * dims + k] *= inverse
        kernel.documents[i * stride + k] = at[i * dims + k]
      }
    }
    spread(action, kernel.documents, stride)
  }
  const read = kernel.read()
  const documents = normaliseRows(read.documents, dims)
  spread(action, documents, dims)
  return { dims, documents, queries: normaliseRows(read.queries, dims) }
}
