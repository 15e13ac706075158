/**
 * How `contrastive/sigmoid` and `contrastive/infonce` train free embeddings: the loop around `contrastiveProgram`.
 *
 * Full batches. Every `evaluateEvery` steps all three margins are measured in float64 and the best embeddings (by the
 * global margin, which is what the published table reports) are kept beside the latest. The state of step n determines
 * step n + 1 entirely: a killed run resumes to the same bytes.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Compute } from "../../compute/Compute.ts"
import { numberOf, type Handle, type HostTensor } from "../../compute/Engine.ts"
import {
  contrastiveInputs,
  contrastiveProgram,
  type ContrastiveSettings
} from "../../compute/margin/contrastiveProgram.ts"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import { margins, normaliseRows } from "../../compute/margin/margins.ts"
import { positives, type Relevance } from "../../compute/margin/Relevance.ts"
import { spectralStart } from "../../compute/margin/solve/starts.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { Checkpoint } from "../../engine/services/Checkpoint.ts"
import { Progress } from "../../engine/services/Progress.ts"
import { Random } from "../../engine/services/Random.ts"
import { InputError, StageFailure, type ArtifactError } from "../../schemas/errors.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import type { Series } from "../../schemas/Series.ts"

const positive = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

/** Parameters both losses share; the defaults are the published recipe. */
export const contrastiveFields = {
  dims: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
  steps: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100_000))),
  learningRate: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1e-2))),
  evaluateEvery: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1000))),
  start: Schema.Literals(["gaussian", "spectral"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("gaussian" as const))
  ),
  gradient: Schema.Literals(["euclidean", "tangential"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("euclidean" as const))
  ),
  /** Which embeddings are the output: the best at any evaluation, or those after the last step. */
  keep: Schema.Literals(["best", "latest"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("best" as const))
  ),
  /** Stop when the best global margin gained less than 1e-4 over so many steps; 0 never stops early. */
  patience: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0)))
}

/** Given vectors of the queries and the documents, on which linear adapters are trained. */
export interface Features {
  readonly dims: number
  readonly queries: Float32Array
  readonly documents: Float32Array
}

export interface ContrastiveParams extends Omit<ContrastiveSettings, "loss" | "features"> {
  readonly evaluateEvery: number
  readonly start: "gaussian" | "spectral"
  readonly keep: "best" | "latest"
  readonly patience: number
  readonly temperature: number
  readonly bias: number
}

export interface Trained {
  readonly pair: EmbeddingPair
  readonly curve: ValueOf<typeof Series>
}

const curveNames = ["zero", "global", "row", "ranked right", "loss", "temperature", "bias"] as const

export const trainContrastive = Effect.fn("contrastive/train")(function* (
  loss: "sigmoid" | "infonce",
  a: Relevance,
  params: ContrastiveParams,
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
  const progress = yield* Progress
  const { dims, steps } = params
  const program = contrastiveProgram(a, { ...params, loss, features: features?.dims ?? 0 })
  const saved = yield* checkpoint.load
  const seed = (yield* Random).seed
  const first = features === undefined ? startOf(a, params, seed) : undefined
  const initial: { readonly [name: string]: HostTensor } = Option.isSome(saved)
    ? Object.fromEntries(Object.entries(saved.value.tensors).filter(([name]) => !name.startsWith("loop/")))
    : {
        ...(first === undefined
          ? mapsOf(features!.dims, dims, seed)
          : {
              queries: { shape: [a.rows, dims], data: Float32Array.from(first.queries) },
              documents: { shape: [a.columns, dims], data: Float32Array.from(first.documents) }
            }),
        temperature: { shape: [], data: Float64Array.of(params.temperature) },
        bias: { shape: [], data: Float64Array.of(params.bias) }
      }
  const known = new Set(program.states.keys())
  const state = yield* compute.state(
    program,
    Object.fromEntries(Object.entries(initial).filter(([name]) => known.has(name)))
  )
  const step = yield* compute.compile(program)
  const { counts, positives: places } = contrastiveInputs(a)
  const hosts: { readonly [name: string]: HostTensor } = {
    positives: { shape: [places.length], data: places },
    counts: { shape: [a.rows], data: counts },
    ...(features === undefined
      ? {}
      : {
          queryFeatures: { shape: [a.rows, features.dims], data: features.queries },
          documentFeatures: { shape: [a.columns, features.dims], data: features.documents }
        })
  }
  const bindings: { [name: string]: Handle } = { ...state }
  for (const [name, host] of Object.entries(hosts)) {
    const leaf = program.inputs.get(name)
    if (leaf === undefined) continue
    bindings[name] = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => compute.engine.upload(host, leaf.dtype),
        catch: (cause) => new StageFailure({ what: cause instanceof Error ? cause.message : String(cause) })
      }),
      (handle) => Effect.sync(() => compute.engine.dispose(handle))
    )
  }

  let done = 0
  let points: Array<{ step: number; values: ReadonlyArray<number | null> }> = []
  let best: { margin: number; step: number; pair: EmbeddingPair | undefined } = {
    margin: Number.NEGATIVE_INFINITY,
    step: 0,
    pair: undefined
  }
  if (Option.isSome(saved)) {
    const { metadata, tensors } = saved.value
    done = Number(metadata.step)
    points = JSON.parse(metadata.points!) as typeof points
    best = {
      margin: Number(metadata.bestMargin),
      step: Number(metadata.bestStep),
      pair:
        tensors["loop/bestQueries"] === undefined
          ? undefined
          : {
              dims,
              queries: Float64Array.from(tensors["loop/bestQueries"].data),
              documents: Float64Array.from(tensors["loop/bestDocuments"]!.data)
            }
    }
  }

  const scalarOf = Effect.fnUntraced(function* (name: string, fallback: number) {
    return state[name] === undefined ? fallback : numberOf(yield* compute.read(state[name]))
  })
  const read = Effect.gen(function* () {
    const of = Effect.fnUntraced(function* (side: "queries" | "documents") {
      if (features === undefined) return (yield* compute.read(state[side]!)).data
      const map = yield* compute.read(state[side === "queries" ? "queryMap" : "documentMap"]!)
      return product(features[side], map.data, features.dims, dims)
    })
    const unit = (data: HostTensor["data"]): Float64Array => normaliseRows(Float64Array.from(data), dims)
    return { dims, queries: unit(yield* of("queries")), documents: unit(yield* of("documents")) }
  })
  const snapshot = async () => {
    const tensors: { [name: string]: HostTensor } = {}
    if (best.pair !== undefined) {
      tensors["loop/bestQueries"] = { shape: [a.rows, dims], data: best.pair.queries }
      tensors["loop/bestDocuments"] = { shape: [a.columns, dims], data: best.pair.documents }
    }
    for (const [name, handle] of Object.entries(state)) tensors[name] = await compute.engine.read(handle)
    return {
      tensors,
      metadata: {
        step: String(done),
        points: JSON.stringify(points),
        bestMargin: String(best.margin),
        bestStep: String(best.step)
      }
    }
  }

  const chunk = Math.max(1, Math.min(params.evaluateEvery, Math.ceil(2e7 / (a.rows * a.columns))))
  while (done < steps) {
    const untilEvaluation = params.evaluateEvery - (done % params.evaluateEvery)
    const times = Math.min(chunk, untilEvaluation, steps - done)
    const outputs = yield* step.repeat(times, bindings)
    done += times
    const value = outputs.loss.data[times - 1]
    if (!Number.isFinite(value)) {
      return yield* new StageFailure({
        what: `The loss is not a number after step ${done}.`,
        next: "lower learningRate"
      })
    }
    if (done % params.evaluateEvery === 0 || done === steps) {
      const pair = yield* read
      const measured = margins(a, pair.queries, pair.documents, dims)
      const score = measured.global ?? measured.zero
      if (score > best.margin + (params.patience > 0 ? 1e-4 : 0)) best = { margin: score, step: done, pair }
      else if (score > best.margin) best = { ...best, margin: score, pair }
      points.push({
        step: done,
        values: [
          measured.zero,
          measured.global,
          measured.row,
          measured.rankedRows / a.rows,
          value,
          yield* scalarOf("temperature", params.temperature),
          yield* scalarOf("bias", params.bias)
        ]
      })
    }
    yield* progress.report(done, steps, `loss ${value.toPrecision(4)}`)
    if (params.patience > 0 && done - best.step >= params.patience) break
    yield* checkpoint.offer(snapshot)
  }
  const pair = params.keep === "best" && best.pair !== undefined ? best.pair : yield* read
  return {
    pair,
    curve: curveNames.flatMap((series, at) =>
      points.map(({ step: x, values }) => ({ series, x, y: values[at], low: null, high: null }))
    )
  }
})

/** rows × width times width × dims, in float64. */
const product = (data: Float32Array, map: HostTensor["data"], width: number, dims: number): Float64Array => {
  const rows = data.length / width
  const result = new Float64Array(rows * dims)
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < width; c++) {
      const factor = data[row * width + c]
      for (let k = 0; k < dims; k++) result[row * dims + k] += factor * map[c * dims + k]
    }
  }
  return result
}

/** One Gaussian map for both sides, so that training starts from the features' own scores, projected. */
const mapsOf = (width: number, dims: number, seed: string): { readonly [name: string]: HostTensor } => {
  const map = new Float32Array(width * dims)
  makeRandom(seed, "adapter").fillGaussian(map, 1 / Math.sqrt(width))
  return {
    queryMap: { shape: [width, dims], data: map },
    documentMap: { shape: [width, dims], data: map.slice() }
  }
}

const startOf = (a: Relevance, params: ContrastiveParams, seed: string): EmbeddingPair => {
  const { dims } = params
  if (params.start === "spectral") {
    const spectral = spectralStart(a, dims)
    if (spectral !== undefined) return spectral
  }
  const random = makeRandom(seed, "contrastive")
  const draw = (count: number, name: string): Float64Array => {
    const data = new Float64Array(count * dims)
    random.stream(name).fillGaussian(data)
    return normaliseRows(data, dims)
  }
  return { dims, queries: draw(a.rows, "queries"), documents: draw(a.columns, "documents") }
}
