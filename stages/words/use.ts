/**
 * Embeds texts with the Universal Sentence Encoder (lite, 512 dimensions), in batches of fixed extent; finished batches
 * are checkpointed. Rows are unit vectors in the corpus's order.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Checkpoint, type State } from "../../engine/services/Checkpoint.ts"
import { Progress } from "../../engine/services/Progress.ts"
import * as Stage from "../../engine/Stage.ts"
import { Corpus } from "../../schemas/Corpus.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError, StageFailure } from "../../schemas/errors.ts"
import { Package } from "../../schemas/Package.ts"
import { readFiles } from "../data/tarball.ts"
import { openSentenceEncoder } from "./sentenceEncoder.ts"

const failed = (error: unknown): StageFailure =>
  new StageFailure({
    what: `The sentence encoder failed: ${error instanceof Error ? error.message : String(error)}.`,
    next: "check that 'npm ls @tensorflow/tfjs-backend-wasm' shows 4.22.0, then run the same command again"
  })

const save = (done: number, dims: number, data: Float32Array): State => ({
  tensors: { vectors: { shape: [done, dims], data: data.slice(0, done * dims) } }
})

export const use = Stage.make("words/use", {
  description: "Embeds texts with the Universal Sentence Encoder on TensorFlow.js.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Texts a batch: results of a text do not depend on it beyond rounding. */
    batch: Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(256)))
  }),
  inputs: { package: Package, corpus: Corpus },
  outputs: { embeddings: Embeddings },
  resources: { memory: "1 GiB" },
  isolated: true,
  run: Effect.fn("words/use")(function* ({ params, inputs }) {
    const checkpoint = yield* Checkpoint
    const progress = yield* Progress
    const { rows } = yield* inputs.corpus.read
    const empty = rows.find((row) => row.text.trim() === "")
    if (empty !== undefined) {
      return yield* new InputError({
        what: `The text of '${empty.key}' is empty: it has no embedding.`,
        where: "input corpus",
        expected: "a text in every row",
        next: "drop the row from the corpus"
      })
    }

    const files = yield* readFiles(inputs.package, (path) => path.startsWith("dist/"), "dist/model.json")
    const byName = new Map(files.map((file) => [file.path.slice("dist/".length), file.bytes]))
    const model = byName.get("model.json")
    const vocabulary = byName.get("vocab.json")
    if (model === undefined || vocabulary === undefined) {
      return yield* new InputError({
        what: "The package holds no sentence encoder.",
        where: inputs.package.path,
        expected: "dist/model.json, dist/vocab.json and weight shards"
      })
    }
    const encoder = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => openSentenceEncoder({ model, vocabulary, shards: byName }),
        catch: failed
      }),
      (open) => Effect.sync(open.close)
    )

    const data = new Float32Array(rows.length * encoder.dims)
    const saved = yield* checkpoint.load
    let done = 0
    if (Option.isSome(saved)) {
      const { shape, data: vectors } = saved.value.tensors.vectors!
      data.set(vectors)
      done = shape[0]!
    }
    while (done < rows.length) {
      const finished = done
      yield* progress.report(finished, rows.length, "texts")
      yield* checkpoint.offer(() => save(finished, encoder.dims, data))
      const batch = rows.slice(done, done + params.batch).map((row) => encoder.tokenise(row.text))
      const vectors = yield* Effect.tryPromise({ try: () => encoder.encode(batch), catch: failed })
      data.set(vectors, done * encoder.dims)
      done += batch.length
    }
    yield* progress.report(done, rows.length, "texts")
    return { embeddings: { keys: rows.map((row) => row.key), dims: encoder.dims, data } }
  }, Effect.scoped)
})
