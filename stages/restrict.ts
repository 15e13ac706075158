/** Restricts a view to the rows of a corpus, in the corpus's order. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../engine/Stage.ts"
import { Corpus } from "../schemas/Corpus.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { InputError } from "../schemas/errors.ts"
import { joinViews, loadDense } from "./internal/alignmentViews.ts"

export const restrict = Stage.make("alignment/restrict", {
  description: "Keeps the rows of a view that a corpus names, in the corpus's order.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { corpus: Corpus, embeddings: Embeddings },
  outputs: { embeddings: Embeddings },
  run: Effect.fn("alignment/restrict")(function* ({ inputs }) {
    const corpus = (yield* inputs.corpus.read).rows.map((row) => row.key)
    const view = { name: "embeddings", artifact: inputs.embeddings }
    const { keys, rows } = yield* joinViews([view], corpus)
    if (keys.length < corpus.length) {
      const found = new Set(keys)
      const missing = corpus.find((key) => !found.has(key))
      return yield* new InputError({
        what: `The view lacks ${corpus.length - keys.length} of the corpus's ${corpus.length} rows, "${missing}" first.`,
        expected: "a row for each key of the corpus",
        next: "join the corpus with all views first (alignment/join)"
      })
    }
    const { data, dims } = yield* loadDense(view, rows[0])
    return { embeddings: { keys, dims, data } }
  })
})
