/**
 * How `contrastive/sigmoid` and `contrastive/infonce` train free embeddings or adapters: the loop around
 * `contrastiveProgram`.
 *
 * Full batches. Every `evaluateEvery` steps all three margins are measured in float64, and the best embeddings (by the
 * global margin, which is what the published table reports) are kept beside the latest. The state of step n determines
 * step n + 1 entirely: a killed run resumes to the same bytes.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { Compute } from "../../compute/Compute.ts"
import { numberOf, type HostTensor } from "../../compute/Engine.ts"
import { contrastiveInputs, contrastiveProgram } from "../../compute/margin/contrastiveProgram.ts"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import { margins } from "../../compute/margin/margins.ts"
import { positives, type Relevance } from "../../compute/margin/Relevance.ts"
import { Checkpoint } from "../../engine/services/Checkpoint.ts"
import { Progress } from "../../engine/services/Progress.ts"
import { Random } from "../../engine/services/Random.ts"
import { InputError, StageFailure, type ArtifactError } from "../../schemas/errors.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import type { Series } from "../../schemas/Series.ts"
import type { TrainingParams } from "./trainingParams.ts"
import {
  advanced,
  curveOf,
  evaluated,
  noProgress,
  progressState,
  resumedProgress,
  type TrainingProgress
} from "./trainingProgress.ts"
import { startStates, stateOf, unitRows, type Features } from "./trainingStart.ts"

export interface Trained {
  readonly pair: EmbeddingPair
  readonly curve: ValueOf<typeof Series>
}

export const trainContrastive = Effect.fn("contrastive/train")(function* (
  loss: "sigmoid" | "infonce",
  a: Relevance,
  params: TrainingParams,
  features?: Features
): Effect.fn.Return<
  Trained,
  ArtifactError | InputError | StageFailure,
  Checkpoint | Compute | Progress | Random | Scope.Scope
> {
  if (positives(a) === 0) {
    return yield* new InputError({ what: "No pair is relevant.", where: "input 'relevance'" })
  }
  const compute = yield* Compute
  const checkpoint = yield* Checkpoint
  const report = yield* Progress
  const { dims, evaluateEvery, steps } = params
  const program = contrastiveProgram(a, { ...params, loss, features: features?.dims ?? 0 })
  const saved = yield* checkpoint.load
  const initial = Option.isSome(saved)
    ? saved.value.tensors
    : startStates(a, params, (yield* Random).seed, features)
  let progress = Option.isSome(saved) ? resumedProgress(saved.value, dims) : noProgress

  const state = yield* compute.state(program, only(initial, program.states))
  const step = yield* compute.compile(program)
  const bindings = { ...state }
  const hosts: { readonly [name: string]: HostTensor } = {
    ...contrastiveInputs(a, loss),
    ...(features === undefined
      ? {}
      : {
          queryFeatures: { shape: [a.rows, features.dims], data: features.queries },
          documentFeatures: { shape: [a.columns, features.dims], data: features.documents }
        })
  }
  for (const [name, host] of Object.entries(hosts)) {
    bindings[name] = yield* compute.upload(host, program.inputs.get(name)!.dtype)
  }

  const unit = Effect.fnUntraced(function* (side: "queries" | "documents") {
    const { data } = yield* compute.read(state[stateOf(side, features)]!)
    return unitRows(
      data,
      dims,
      features === undefined ? undefined : { width: features.dims, data: features[side] }
    )
  })
  const read = Effect.gen(function* () {
    return { dims, queries: yield* unit("queries"), documents: yield* unit("documents") }
  })
  const scalarOf = Effect.fnUntraced(function* (name: string, fallback: number) {
    return state[name] === undefined ? fallback : numberOf(yield* compute.read(state[name]))
  })
  const snapshot = async () => {
    const { metadata, tensors: kept } = progressState(progress)
    const tensors = { ...kept }
    for (const [name, handle] of Object.entries(state)) tensors[name] = await compute.engine.read(handle)
    return { metadata, tensors }
  }

  // Between two offers of a checkpoint, a tenth of a second or so.
  const chunk = Math.max(1, Math.min(evaluateEvery, Math.ceil(2e7 / (a.rows * a.columns))))
  while (progress.done < steps) {
    const times = Math.min(chunk, evaluateEvery - (progress.done % evaluateEvery), steps - progress.done)
    const outputs = yield* step.repeat(times, bindings)
    const losses = outputs.loss.data.subarray(0, times)
    const lost = lossFault(losses, progress)
    if (lost !== undefined) return yield* lost
    progress = advanced(progress, losses)
    const value = losses[times - 1]!
    let rankedAll = false
    if (progress.done % evaluateEvery === 0 || progress.done === steps) {
      const pair = yield* read
      const measured = margins(a, pair.queries, pair.documents, dims)
      rankedAll = measured.rankedRows === a.rows
      const scalars = {
        loss: value,
        temperature: yield* scalarOf("temperature", params.temperature),
        bias: yield* scalarOf("bias", params.bias)
      }
      progress = evaluated(progress, a, pair, measured, scalars, params)
    }
    yield* report.report(progress.done, steps, `loss ${value.toPrecision(4)}`)
    if (rankedAll && params.stopWhenRanked) break
    if (params.patience > 0 && progress.done - progress.watchedStep >= params.patience) break
    yield* checkpoint.offer(snapshot)
  }
  const pair = params.keep === "best" && progress.best !== undefined ? progress.best : yield* read
  return { pair, curve: curveOf(progress) }
})

/** Beyond this many times the loss of the first step no training comes back. */
const explosion = 1e6

/** A failure if one of the losses after the steps done so far is not finite, or has exploded. */
const lossFault = (
  losses: ArrayLike<number>,
  { done, firstLoss }: TrainingProgress
): StageFailure | undefined => {
  const first = firstLoss ?? losses[0]!
  for (let s = 0; s < losses.length; s++) {
    const loss = losses[s]!
    if (Number.isFinite(loss) && !(first > 0 && loss > explosion * first)) continue
    return new StageFailure({
      what: `The training diverged: the loss is ${loss.toPrecision(3)} after step ${done + s + 1}.`,
      next: "lower learningRate, or start at another temperature"
    })
  }
  return undefined
}

/** The tensors whose names the program knows. */
const only = (
  tensors: { readonly [name: string]: HostTensor },
  names: { readonly has: (name: string) => boolean }
): { readonly [name: string]: HostTensor } =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => names.has(name)))
