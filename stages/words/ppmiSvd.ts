/**
 * Word vectors from counts: positive pointwise mutual information of words and contexts in a corpus of texts, factorised
 * by a randomised SVD. Rows are U √Σ.
 *
 * The vocabulary (rows and contexts alike) is the `words` most frequent words of the texts and those of the study's
 * corpus that the texts hold at least `minimumCount` times; only the study's words come out, in the corpus's order, and
 * the ones that have no positive association are left out.
 * Sources: Levy, Goldberg & Dagan, TACL 3 (2015) for PPMI, smoothing and √Σ; Halko, Martinsson & Tropp (2011) for the SVD.
 * Cost at the defaults: one second a million tokens to count, then 8 sparse products of nnz × 148 columns.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { rangeFinder, type RangeState, type Svd } from "../../compute/linalg/randomisedSvd.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { cooccurrence } from "../../compute/text/cooccurrence.ts"
import { ppmi } from "../../compute/text/ppmi.ts"
import { tokenStream, type TokenStream } from "../../compute/text/TokenStream.ts"
import { Checkpoint, type State } from "../../engine/services/Checkpoint.ts"
import { Progress } from "../../engine/services/Progress.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Corpus } from "../../schemas/Corpus.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import type { Matrix } from "../../schemas/Matrix.ts"

const positive = Schema.Int.check(Schema.isGreaterThan(0))

const Params = Schema.Struct({
  /** Most frequent words of the texts that are rows and contexts. */
  words: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(8000))),
  /** Occurrences below which a word of the study has no vector. */
  minimumCount: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))),
  /** Words on either side that count as context, weighted 1 / distance. */
  window: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(4))),
  /** Exponent of the context distribution. */
  contextPower: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.75))),
  /** Associations are lowered by its logarithm. */
  shift: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1)).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(1))
  ),
  dimensions: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(128))),
  oversampling: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(20))),
  powerIterations: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(3)))
})

/** Word numbers of the vocabulary, rising, which is by falling count. */
const vocabularyOf = (
  stream: TokenStream,
  study: ReadonlySet<string>,
  { words, minimumCount }: typeof Params.Type
): ReadonlyArray<number> =>
  stream.words.flatMap((word, number) =>
    number < words || (study.has(word) && stream.counts[number] >= minimumCount) ? [number] : []
  )

const save = (state: RangeState, width: number): State => ({
  tensors: { basis: { shape: [state.basis.length / width, width], data: state.basis } },
  metadata: { step: String(state.step) }
})

const restored = (saved: Required<State>): RangeState => ({
  step: Number(saved.metadata.step),
  basis: saved.tensors.basis!.data as Float64Array
})

/** U √Σ for the study's words that have a vector. */
const rowsOf = (svd: Svd, vocabulary: ReadonlyArray<string>, study: ReadonlyArray<string>): Matrix => {
  const dims = svd.values.length
  const scale = svd.values.map(Math.sqrt)
  const rowOf = new Map(vocabulary.map((word, row) => [word, row]))
  const vectorOf = (word: string) => {
    const row = rowOf.get(word)
    return row === undefined
      ? undefined
      : Float32Array.from(scale, (factor, j) => factor * svd.left[row * dims + j])
  }
  const found = study
    .map((word) => ({ word, vector: vectorOf(word) }))
    .filter(({ vector }) => vector?.some((x) => x !== 0))
  const data = new Float32Array(found.length * dims)
  found.forEach(({ vector }, row) => data.set(vector!, row * dims))
  return { keys: found.map(({ word }) => word), dims, data }
}

export const ppmiSvd = Stage.make("words/ppmi-svd", {
  description: "Word vectors from a corpus of texts: smoothed PPMI of words and contexts, randomised SVD.",
  source: import.meta.url,
  params: Params,
  inputs: { corpus: Corpus, texts: Corpus },
  outputs: { embeddings: Embeddings },
  resources: { memory: "1 GiB" },
  random: true,
  isolated: true,
  run: Effect.fn("words/ppmi-svd")(function* ({ params, inputs }) {
    const checkpoint = yield* Checkpoint
    const progress = yield* Progress
    const random = makeRandom((yield* Random).seed, "range")
    const steps = params.powerIterations + 2

    const study = (yield* inputs.corpus.read).rows.map((row) => row.key)
    yield* progress.report(0, steps, "counting words")
    const stream = tokenStream((yield* inputs.texts.read).rows.map((row) => row.text))
    const vocabulary = vocabularyOf(stream, new Set(study), params)
    const matrix = ppmi(cooccurrence(stream, vocabulary, params.window), params)
    if (matrix.indices.length === 0) {
      return yield* new InputError({
        what: "No two words of the texts occur together more often than by chance.",
        where: `${inputs.texts.rows} texts of ${stream.tokens.length} words`,
        next: "give a larger corpus, a larger window or a smaller shift"
      })
    }

    if (params.dimensions > matrix.rows) {
      return yield* new InputError({
        what: `${params.dimensions} dimensions cannot be had from ${matrix.rows} words.`,
        where: "dimensions",
        expected: `1 to ${matrix.rows}`,
        next: "lower dimensions, or raise words"
      })
    }
    const finder = rangeFinder(matrix, { ...params, rank: params.dimensions })
    const saved = yield* checkpoint.load
    let state = Option.isSome(saved) ? restored(saved.value) : finder.start(random)
    while (state.step < finder.steps) {
      const current = state
      yield* progress.report(state.step + 1, steps, `${matrix.rows} words, power iteration ${state.step + 1}`)
      yield* checkpoint.offer(() => save(current, finder.width))
      yield* Effect.yieldNow
      state = finder.next(state)
    }
    yield* progress.report(steps - 1, steps, "decomposing")
    yield* Effect.yieldNow
    const words = vocabulary.map((number) => stream.words[number])
    return { embeddings: rowsOf(finder.finish(state), words, study) }
  })
})
