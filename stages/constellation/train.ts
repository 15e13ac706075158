/**
 * Trains constellations with the sigmoid loss: every point of a sweep from every initialisation, as one batch.
 *
 * `engine: "fused"` (default) is a float32 WebAssembly kernel for many small problems; `"program"` runs the tensor program
 * of the same step on the chosen backend. A run's numbers are those of the run alone. Full batch, Adam, exact softplus; see
 * `compute/constellation/training.ts`. Killed and started again, it ends with the same bytes.
 *
 * Source: arXiv 2509.18552, section 5.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { openBackend } from "../../compute/backends/open.ts"
import { fusedTraining } from "../../compute/constellation/fusedTraining.ts"
import { programTraining } from "../../compute/constellation/programTraining.ts"
import { edgesOf } from "../../compute/constellation/synchronisation.ts"
import { recordFields, recordSteps, type TrainingShape } from "../../compute/constellation/training.ts"
import { Backend } from "../../engine/services/Backend.ts"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { ConstellationCurves } from "../../schemas/ConstellationCurves.ts"
import { InputError, StageFailure } from "../../schemas/errors.ts"
import { encodeBatch, readBatch, type Batch, type RunName } from "./batch.ts"
import { drive } from "./drive.ts"
import { Point, settingsOf } from "./points.ts"

const positive = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

export const train = Stage.make("constellation/train", {
  description:
    "Trains constellations with the sigmoid contrastive loss, all sweep points and seeds as one batch.",
  source: import.meta.url,
  params: Schema.Struct({
    points: Schema.Array(Point),
    /** Which modalities the loss ties together. */
    graph: Schema.Literals(["complete", "star", "path"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("complete" as const))
    ),
    /** Modalities that stay as initialised. */
    locked: Schema.Array(Schema.Int).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
    /** x of the explicit adapter δ = sigmoid(x) at the start; null for none. */
    adapter: Schema.NullOr(Schema.Finite).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
    /** The reference projects the gradient onto the sphere (`tangential`). */
    gradient: Schema.Literals(["tangential", "euclidean"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("tangential" as const))
    ),
    steps: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10_000))),
    learningRate: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1e-2))),
    recordEvery: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100))),
    engine: Schema.Literals(["fused", "program"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("fused" as const))
    )
  }),
  inputs: { initial: Constellation },
  outputs: { constellation: Constellation, curves: ConstellationCurves },
  resources: { cpu: 1, memory: "1 GiB" },
  compute: true,
  isolated: true,
  run: Effect.fn("constellation/train")(function* ({ inputs, params }) {
    const initial = yield* readBatch(inputs.initial)
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
      steps: params.steps,
      learningRate: params.learningRate,
      recordEvery: params.recordEvery
    }
    const names: Array<RunName> = params.points.flatMap((point) =>
      initial.runs.map(({ seed }) => ({ point: point.name, seed }))
    )
    const settings = params.points.flatMap((point) => initial.runs.map(() => settingsOf(point)))
    const start = new Float32Array(settings.length * modalities * items * dims)
    for (let p = 0; p < params.points.length; p++) start.set(initial.vectors, p * initial.vectors.length)

    const choice = yield* Backend
    const training = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: async () => {
          if (params.engine === "fused")
            return { ...fusedTraining(shape, settings, start), close: async () => {} }
          const engine = await openBackend(choice)
          const opened = await programTraining(engine, shape, settings, start)
          return { ...opened, close: () => (opened.close(), engine.close()) }
        },
        catch: (cause) =>
          cause instanceof InputError
            ? cause
            : new StageFailure({ what: `The training did not start: ${cause}.` })
      }),
      ({ close }) => Effect.promise(close)
    )
    // About a twentieth of a second of work between checkpoints.
    const runSteps = Math.ceil(1e7 / (shape.edges.length * items * items * (dims / 10 + 1)))
    const { records, vectors } = yield* drive(training, runSteps)
    const batch: Batch = { runs: names, modalities, items, dims, vectors }
    return { constellation: encodeBatch(batch), curves: curveRows(names, shape, records) }
  }, Effect.scoped)
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

export default train
