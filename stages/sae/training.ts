/**
 * How every sparse autoencoder is trained: the loop around `compute/sae/trainingProgram`.
 *
 * Batches are drawn uniformly with replacement. At every `evaluateEvery` steps the curve gains a point; at every
 * `resetEvery` steps of the first 80 % a feature that has not fired since the last time is pointed at what a random row's
 * reconstruction misses (decoder = r/‖r‖, encoder = 0.1 · decoder, bias 0; the optimiser's moments are left alone).
 * The state of step n determines step n + 1 entirely: a killed run resumes to the same bytes.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { Compute } from "../../compute/Compute.ts"
import type { Handle, HostTensor } from "../../compute/Engine.ts"
import { numberOf } from "../../compute/Engine.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import type { Activation } from "../../compute/sae/activation.ts"
import type { Auxiliary } from "../../compute/sae/auxiliary.ts"
import { initialise, meanRow } from "../../compute/sae/initialise.ts"
import type { Sizes } from "../../compute/sae/trainingProgram.ts"
import { trainingProgram } from "../../compute/sae/trainingProgram.ts"
import { Checkpoint } from "../../engine/services/Checkpoint.ts"
import { Progress } from "../../engine/services/Progress.ts"
import { Random } from "../../engine/services/Random.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import { InputError, type StageFailure } from "../../schemas/errors.ts"
import type { Matrix } from "../../schemas/Matrix.ts"
import { Curve } from "./curve.ts"
import { endFailure, lossFailure } from "./divergence.ts"
import { evaluator } from "./evaluation.ts"
import type { TrainingParams } from "./parameters.ts"
import { gatherRows, splitRows } from "./rows.ts"

export interface Trained {
  readonly weights: { readonly [name: string]: HostTensor }
  readonly curve: Curve
  readonly steps: number
}

const check = (matrix: Matrix, params: TrainingParams, kept: number): Effect.Effect<void, InputError> =>
  matrix.keys.length < 2
    ? Effect.fail(
        new InputError({ what: "There are fewer than two rows to train on.", where: "input 'embeddings'" })
      )
    : kept > params.dictionarySize
      ? Effect.fail(
          new InputError({
            what: `k is ${kept}, but the dictionary has ${params.dictionarySize} features.`,
            where: "k",
            expected: `1 to ${params.dictionarySize}`
          })
        )
      : Effect.void

/** Trains on a matrix in memory. Needs the compute service; draws from the stage's random stream. */
export const train = Effect.fn("sae/training")(function* (
  matrix: Matrix<Float32Array>,
  params: TrainingParams,
  activation: Activation,
  auxiliary?: Auxiliary
): Effect.fn.Return<
  Trained,
  ArtifactError | InputError | StageFailure,
  Checkpoint | Compute | Progress | Random | Scope.Scope
> {
  yield* check(matrix, params, Math.max(activation.type === "jumprelu" ? 1 : activation.k, auxiliary?.k ?? 1))
  const compute = yield* Compute
  const checkpoint = yield* Checkpoint
  const progress = yield* Progress
  const random = makeRandom((yield* Random).seed, "sae")
  const batches = random.stream("batches")
  const resets = random.stream("resets")

  const sizes: Sizes = { dims: matrix.dims, features: params.dictionarySize, batch: params.batchSize }
  const rows = splitRows(random.stream("split"), matrix.keys.length, params.validationFraction)
  const program = trainingProgram(sizes, activation, params, auxiliary)
  if (rows.training.length < Math.max(params.batchSize, params.dictionarySize)) {
    yield* progress.log(
      `${rows.training.length} rows to train ${params.dictionarySize} features on, drawn ${params.batchSize} at a time with replacement`
    )
  }
  if (auxiliary !== undefined && auxiliary.after >= params.steps) {
    yield* progress.log(
      `in ${params.steps} steps no feature is dead for ${auxiliary.after}: the auxiliary loss does nothing`
    )
  }
  const saved = yield* checkpoint.load
  const initial = Option.isSome(saved)
    ? saved.value.tensors
    : initialise(
        random,
        meanRow(matrix.data, matrix.dims),
        params.dictionarySize,
        activation.type === "jumprelu" ? activation.bandwidth : undefined
      )
  const given = Object.entries(initial).filter(([name]) => !name.startsWith("loop/"))
  const state = yield* compute.state(program, Object.fromEntries(given))
  const step = yield* compute.compile(program)
  const evaluate = yield* evaluator(compute, matrix, rows.validation, sizes, activation, state)

  let done = 0
  let firstLoss = 0
  let lastLoss = Number.NaN
  let sinceReset = new Float64Array(params.dictionarySize)
  let sincePoint = new Float64Array(params.dictionarySize)
  const curve = new Curve(params.patience)
  if (Option.isSome(saved)) {
    const { metadata, tensors } = saved.value
    done = Number(metadata.step)
    firstLoss = Number(metadata.firstLoss)
    lastLoss = Number(metadata.lastLoss)
    batches.restore(metadata.batches!)
    resets.restore(metadata.resets!)
    sinceReset = Float64Array.from(tensors["loop/sinceReset"]!.data)
    sincePoint = Float64Array.from(tensors["loop/sincePoint"]!.data)
    curve.restore(metadata.curve!)
  }

  const snapshot = async () => {
    const tensors: { [name: string]: HostTensor } = {
      "loop/sinceReset": { shape: [sinceReset.length], data: sinceReset.slice() },
      "loop/sincePoint": { shape: [sincePoint.length], data: sincePoint.slice() }
    }
    for (const [name, handle] of Object.entries(state)) tensors[name] = await compute.engine.read(handle)
    return {
      tensors,
      metadata: {
        step: String(done),
        firstLoss: String(firstLoss),
        lastLoss: String(lastLoss),
        batches: batches.state,
        resets: resets.state,
        curve: curve.state
      }
    }
  }

  /** Moves the counts of the last stretch from the backend to the loop's own. */
  const collectFired = Effect.gen(function* () {
    const fired = yield* compute.read(state.fired!)
    yield* compute.write(state.fired!, { ...fired, data: new Float32Array(fired.data.length) })
    fired.data.forEach((count, feature) => {
      sinceReset[feature]! += count
      sincePoint[feature]! += count
    })
  })

  /** The share of features that did not fire since the last point of the curve, whatever was reset in between. */
  const deadSincePoint = (): number => {
    const dead = sincePoint.filter((count) => count === 0).length / sincePoint.length
    sincePoint.fill(0)
    return dead
  }

  const resetDead = Effect.gen(function* () {
    const dead = [...sinceReset.keys()].filter((feature) => sinceReset[feature] === 0)
    sinceReset.fill(0)
    if (dead.length === 0) return
    const chosen = dead.map(() => rows.training[resets.integer(rows.training.length)]!)
    const residuals = yield* evaluate.residuals(chosen)
    yield* repoint(state, dead, residuals, matrix.dims)
    yield* progress.log(`step ${done}: ${dead.length} features had not fired and were reset`)
  })

  const watch = () => ({ params, dims: matrix.dims, first: firstLoss, step: done, loss: lastLoss })
  while (done < params.steps && !curve.stopped) {
    const picked = Array.from(
      { length: params.batchSize },
      () => rows.training[batches.integer(rows.training.length)]!
    )
    const batch = gatherRows(matrix, picked)
    const { loss } = yield* step.run({ ...state, batch })
    done += 1
    lastLoss = numberOf(loss)
    if (done === 1) firstLoss = lastLoss
    const diverged = lossFailure(watch())
    if (diverged !== undefined) return yield* diverged
    const evaluating = done % params.evaluateEvery === 0 || done === params.steps
    const resetting = params.resetEvery > 0 && done % params.resetEvery === 0 && done < 0.8 * params.steps
    if (evaluating || resetting) {
      yield* collectFired
      if (evaluating) curve.add(done, lastLoss, deadSincePoint(), yield* evaluate.measure)
      if (resetting) yield* resetDead
    }
    yield* progress.report(done, params.steps, `loss ${lastLoss.toPrecision(4)}`)
    yield* checkpoint.offer(snapshot)
  }
  const weights: { [name: string]: HostTensor } = {}
  for (const name of ["encoder", "encoderBias", "decoder", "centre", "threshold", "logThreshold"]) {
    if (state[name] !== undefined) weights[name] = yield* compute.read(state[name])
  }
  const failed = endFailure(watch(), curve.last("explained variance"), weights)
  if (failed !== undefined) return yield* failed
  return { weights, curve, steps: done }
})

/** Points features at residuals [n, d]: decoder r/(‖r‖ + 1e-8), encoder a tenth of that, bias 0. */
const repoint = Effect.fn("sae/repoint")(function* (
  state: { readonly [name: string]: Handle },
  features: ReadonlyArray<number>,
  residuals: Float32Array,
  dims: number
) {
  const compute = yield* Compute
  const encoder = yield* compute.read(state.encoder!)
  const decoder = yield* compute.read(state.decoder!)
  const bias = yield* compute.read(state.encoderBias!)
  features.forEach((feature, at) => {
    const residual = residuals.subarray(at * dims, (at + 1) * dims)
    let squares = 0
    for (const x of residual) squares += x * x
    const scale = 1 / (Math.sqrt(squares) + 1e-8)
    residual.forEach((x, j) => {
      decoder.data[feature * dims + j] = x * scale
      encoder.data[feature * dims + j] = 0.1 * Math.fround(x * scale)
    })
    bias.data[feature] = 0
  })
  yield* compute.write(state.encoder!, encoder)
  yield* compute.write(state.decoder!, decoder)
  yield* compute.write(state.encoderBias!, bias)
})
