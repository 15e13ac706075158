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
import { numberOf, type HostTensor } from "../../compute/Engine.ts"
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

export interface ContrastiveParams extends Omit<ContrastiveSettings, "loss"> {
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
  /** Embeddings to start from, instead of a random start. */
  given?: EmbeddingPair
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
  const program = contrastiveProgram(a, { ...params, loss })
  const saved = yield* checkpoint.load
  const first = given ?? startOf(a, params, (yield* Random).seed)
  const initial: { readonly [name: string]: HostTensor } = Option.isSome(saved)
    ? Object.fromEntries(Object.entries(saved.value.tensors).filter(([name]) => !name.startsWith("loop/")))
    : {
        queries: { shape: [a.rows, dims], data: Float32Array.from(first.queries) },
        documents: { shape: [a.columns, dims], data: Float32Array.from(first.documents) },
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
  const bindings = {
    ...state,
    positives: yield* compute.upload({ shape: [places.length], data: places }),
    counts: yield* compute.upload({ shape: [a.rows], data: counts })
  }
  const usesCounts = program.inputs.has("counts")
  const given2 = usesCounts
    ? bindings
    : Object.fromEntries(Object.entries(bindings).filter(([name]) => name !== "counts"))

  let done = 0
  let points: Array<{ step: number; values: ReadonlyArray<number | null> }> = []
  let best = { margin: Number.NEGATIVE_INFINITY, step: 0, pair: first }
  if (Option.isSome(saved)) {
    const { metadata, tensors } = saved.value
    done = Number(metadata.step)
    points = JSON.parse(metadata.points!) as typeof points
    best = {
      margin: Number(metadata.bestMargin),
      step: Number(metadata.bestStep),
      pair: {
        dims,
        queries: Float64Array.from(tensors["loop/bestQueries"]!.data),
        documents: Float64Array.from(tensors["loop/bestDocuments"]!.data)
      }
    }
  }

  const scalarOf = Effect.fnUntraced(function* (name: string, fallback: number) {
    return state[name] === undefined ? fallback : numberOf(yield* compute.read(state[name]))
  })
  const read = Effect.gen(function* () {
    const queries = yield* compute.read(state.queries!)
    const documents = yield* compute.read(state.documents!)
    return {
      dims,
      queries: normaliseRows(queries.data as Float32Array, dims),
      documents: normaliseRows(documents.data as Float32Array, dims)
    }
  })
  const snapshot = async () => {
    const tensors: { [name: string]: HostTensor } = {
      "loop/bestQueries": { shape: [a.rows, dims], data: best.pair.queries },
      "loop/bestDocuments": { shape: [a.columns, dims], data: best.pair.documents }
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
    const outputs = yield* step.repeat(times, given2)
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
  const pair = params.keep === "best" ? best.pair : yield* read
  return {
    pair,
    curve: curveNames.flatMap((series, at) =>
      points.map(({ step: x, values }) => ({ series, x, y: values[at], low: null, high: null }))
    )
  }
})

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
