/**
 * What the training stages share: their parameters, how a batch is made of points × initialisations, and how its records
 * become rows.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { edgesOf } from "../../compute/constellation/synchronisation.ts"
import {
  recordFields,
  recordSteps,
  type RunSettings,
  type TrainingResult,
  type TrainingShape
} from "../../compute/constellation/training.ts"
import { InputError } from "../../schemas/errors.ts"
import { encodeBatch, type Batch, type RunName } from "./batch.ts"
import { Point, settingsOf } from "./points.ts"
import type { Recipe } from "./recipe.ts"

const positive = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

export const TrainingParams = Schema.Struct({
  points: Schema.Array(Point),
  /** Which modalities the loss ties together. */
  graph: Schema.Literals(["complete", "star", "path"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("complete" as const))
  ),
  /** Modalities that stay as initialised. */
  locked: Schema.Array(Schema.Int).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  /** x of the explicit adapter δ = sigmoid(x) at the start; null for none. */
  adapter: Schema.NullOr(Schema.Finite).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  /** `tangential` projects the gradient onto the sphere; the reference does, but with an adapter it is `extended`. */
  gradient: Schema.Literals(["tangential", "euclidean", "extended"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("tangential" as const))
  ),
  /** 0: exact loss. 1e-8: the reference's −log(σ + 1e-8) in float32, which stops learning where it saturates. */
  epsilon: Schema.Finite.pipe(
    Schema.check(Schema.isGreaterThanOrEqualTo(0)),
    Schema.withDecodingDefaultKey(Effect.succeed(0))
  ),
  steps: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10_000))),
  learningRate: Schema.Finite.pipe(
    Schema.check(Schema.isGreaterThan(0)),
    Schema.withDecodingDefaultKey(Effect.succeed(1e-2))
  ),
  recordEvery: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100)))
})
export type TrainingParams = typeof TrainingParams.Type

/** A batch ready to train: what is shared, each run's settings and name, where each starts. */
export interface TrainingBatch {
  readonly shape: TrainingShape
  readonly names: ReadonlyArray<RunName>
  readonly settings: ReadonlyArray<RunSettings>
  /** [runs, modalities, items, dims] */
  readonly start: Float32Array
  /** How the vectors started and are trained; undefined where the start does not say. */
  readonly recipe: Recipe | undefined
  /** Run-steps that take about a twentieth of a second: what is done between two offers of a checkpoint. */
  readonly runSteps: number
}

/** Every point from every initialisation, point by point. */
export const trainingBatch = Effect.fnUntraced(function* (
  initial: Batch,
  params: TrainingParams
): Effect.fn.Return<TrainingBatch, InputError> {
  const { dims, items, modalities } = initial
  const stray = params.locked.find((modality) => modality < 0 || modality >= modalities)
  if (stray !== undefined || modalities < 2 || params.points.length === 0) {
    return yield* new InputError({
      what:
        stray !== undefined
          ? `Modality ${stray} cannot be locked: there are ${modalities}.`
          : modalities < 2
            ? "One modality alone has no pairs to train on."
            : "There is no point to train.",
      where: stray !== undefined ? "locked" : modalities < 2 ? "initial" : "points",
      expected: stray !== undefined ? `numbers from 0 to ${modalities - 1}` : "at least one"
    })
  }
  const shape: TrainingShape = {
    modalities,
    items,
    dims,
    edges: edgesOf(params.graph, modalities),
    locked: Array.from({ length: modalities }, (_, k) => params.locked.includes(k)),
    adapter: params.adapter ?? undefined,
    gradient: params.gradient,
    epsilon: params.epsilon,
    steps: params.steps,
    learningRate: params.learningRate,
    recordEvery: params.recordEvery
  }
  const names = params.points.flatMap((point) =>
    initial.runs.map(({ seed }) => ({ point: point.name, seed }))
  )
  const settings = params.points.flatMap((point) => initial.runs.map(() => settingsOf(point)))
  const start = new Float32Array(settings.length * modalities * items * dims)
  for (let p = 0; p < params.points.length; p++) start.set(initial.vectors, p * initial.vectors.length)

  const runSteps = Math.ceil(1e7 / (shape.edges.length * items * items * (dims / 10 + 1)))
  return { shape, names, settings, start, recipe: recipeOf(initial.recipe, params), runSteps }
})

/** All parameters but `recordEvery`, which changes no number. */
const recipeOf = (start: Recipe | undefined, params: TrainingParams): Recipe | undefined => {
  if (start === undefined) return undefined
  const { points, recordEvery: _, ...shared } = params
  return {
    all: { ...start.all, ...shared },
    points: Object.fromEntries(points.map(({ name, ...settings }) => [name, settings]))
  }
}

/** The stage's outputs from a finished training. */
export const trainedOutputs = (
  { names, recipe, shape }: TrainingBatch,
  { records, vectors }: TrainingResult
) => ({
  constellation: encodeBatch({
    runs: names,
    modalities: shape.modalities,
    items: shape.items,
    dims: shape.dims,
    vectors,
    ...(recipe === undefined ? {} : { recipe })
  }),
  curves: curveRows(names, shape, records)
})

const curveRows = (names: ReadonlyArray<RunName>, shape: TrainingShape, records: Float64Array) => {
  const steps = recordSteps(shape)
  return names.flatMap(({ point, seed }, run) =>
    steps.map((step, at) => {
      const start = (run * steps.length + at) * recordFields.length
      const value = (field: (typeof recordFields)[number]) => records[start + recordFields.indexOf(field)]
      return {
        point,
        seed,
        step,
        loss: value("loss"),
        inverseTemperature: value("inverseTemperature"),
        bias: value("bias"),
        relativeBias: value("relativeBias"),
        adapterScale: value("adapterScale"),
        margin: (value("minPositive") - value("maxNegative")) / 2,
        minPositive: value("minPositive"),
        maxNegative: value("maxNegative"),
        xi: value("xi")
      }
    })
  )
}
