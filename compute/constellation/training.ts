/**
 * What a training of constellations is: the shape shared by a batch of runs, each run's own settings, and the numbers
 * recorded on the way. Two implementations follow it: `program.ts` (the formula, any backend) and `fusedTraining.ts`.
 *
 * One step, full batch, for a synchronisation graph with edges E and N items:
 *
 *   L = mean over edges and N² entries of softplus(−y z),  z = t (δ² s + pq (1 − δ²) − b_rel)   (t · score − b if absolute)
 *   Adam on the vectors' tangential gradient, on log t, on the bias and on x (δ = sigmoid x); then rows back to unit length
 *
 * Moments are not projected. t = e^(log t) stays positive. Source: arXiv 2509.18552, section 5 and its notebooks.
 */
import type { BiasForm } from "./loss.ts"
import type { Edge } from "./synchronisation.ts"

/** What differs between the runs of a batch. */
export interface RunSettings {
  readonly form: BiasForm
  readonly inverseTemperature: number
  /** b_rel when the form is relative, b when it is absolute. */
  readonly bias: number
  readonly trainInverseTemperature: boolean
  readonly trainBias: boolean
  /**
   * Pulls the relative bias towards a value: adds `weight` · (b_rel − `towards`)² to the loss (with b_rel = b / t in the
   * absolute form t is held there).
   */
  readonly guide: { readonly towards: number; readonly weight: number } | undefined
}

/** What all runs of a batch share. */
export interface TrainingShape {
  readonly modalities: number
  readonly items: number
  readonly dims: number
  readonly edges: ReadonlyArray<Edge>
  /** Which modalities stay as they are. */
  readonly locked: ReadonlyArray<boolean>
  /** The explicit adapter's x at the start, or undefined for none. Locked modalities get +, trained ones −. */
  readonly adapter: number | undefined
  /**
   * `tangential` (the reference: its loss normalises the vectors, so the gradient is orthogonal to them) or `euclidean`
   * (the raw gradient, followed by the same normalisation): Adam's second moments differ, and so do the margins.
   * `extended` is what the reference does with an adapter: it normalises the vectors together with the adapter's
   * coordinate, so that a part of the gradient along them remains; without an adapter it is `tangential`.
   */
  readonly gradient: "tangential" | "euclidean" | "extended"
  /** 0 for the exact loss; the reference takes −log(σ + 1e-8) in float32, whose gradient vanishes far out. */
  readonly epsilon: number
  readonly steps: number
  readonly learningRate: number
  /** A record is kept at step 0, at every multiple of this, and at the last step. */
  readonly recordEvery: number
}

/** Adam's constants, as in the reference. */
export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const

/** Names of the numbers in one record, in the order they are stored. */
export const recordFields = [
  "loss",
  "inverseTemperature",
  "bias",
  "relativeBias",
  "adapterScale",
  "minPositive",
  "maxNegative",
  "xi"
] as const
export type RecordField = (typeof recordFields)[number]

/** The steps at which records are kept. */
export const recordSteps = ({ recordEvery, steps }: TrainingShape): ReadonlyArray<number> => {
  const kept: Array<number> = []
  for (let step = 0; step < steps; step += recordEvery) kept.push(step)
  kept.push(steps)
  return kept
}

/** The sign pq of an edge's adapter term: +1 between two modalities of one sort, −1 between a locked and a trained one. */
export const edgeSign = (edge: Edge, { locked }: TrainingShape): 1 | -1 =>
  locked[edge.left] === locked[edge.right] ? 1 : -1

/** Beyond this many times the first loss no training comes back. */
const explosion = 1e6

/**
 * What says that a training is lost, in words: a loss that is not finite or has exploded since the first, or an inverse
 * temperature that has left the numbers (at 0 the loss is log 2, whatever the vectors).
 */
export const divergence = (
  step: number,
  loss: number,
  first: number,
  inverseTemperature = 1
): string | undefined => {
  if (!Number.isFinite(loss) || (first > 0 && loss > explosion * first)) {
    return `the loss is ${loss.toPrecision(3)} after step ${step}, from ${first.toPrecision(3)} at the start`
  }
  return inverseTemperature > 0 && Number.isFinite(inverseTemperature)
    ? undefined
    : `the inverse temperature is ${inverseTemperature} after step ${step} and the loss ${loss.toPrecision(3)}`
}

/** A training under way, resumable at any step. Results depend on neither how it is cut into calls nor the batch. */
export interface Training<Result = TrainingResult> {
  /** Run-steps finished and in all. */
  readonly done: () => number
  readonly total: number
  /** What was recorded first that says that the training is lost (`divergence`). */
  readonly diverged: () => string | undefined
  /** Does up to `runSteps` more (at least one step). */
  readonly advance: (runSteps: number) => Promise<void>
  /** Everything a resumed training needs: named float arrays. */
  readonly save: () => Promise<{ readonly [name: string]: Float32Array | Float64Array }>
  readonly restore: (state: { readonly [name: string]: Float32Array | Float64Array }) => Promise<void>
  /** After the last step. */
  readonly result: () => Promise<Result>
}

/** Vectors [runs, modalities, items, dims] and records [runs, steps recorded, fields]. */
export interface TrainingResult {
  readonly vectors: Float32Array
  readonly records: Float64Array
}
