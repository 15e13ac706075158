/** The rows that all views have: the corpus restricted to the keys found in every view, in the corpus's order. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../engine/Stage.ts"
import { Corpus } from "../schemas/Corpus.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { joinViews } from "./internal/alignmentViews.ts"

export const join = Stage.make("alignment/join", {
  description: "Keeps the rows of a corpus that every view has.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Keep at most this many rows, from the top of the corpus; 0 keeps all. */
    limit: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(0))
    )
  }),
  inputs: { corpus: Corpus, views: Stage.each(Embeddings) },
  outputs: { corpus: Corpus },
  run: Effect.fn("alignment/join")(function* ({ params, inputs }) {
    const corpus = yield* inputs.corpus.read
    const { keys } = yield* joinViews(
      inputs.views,
      corpus.rows.map((row) => row.key)
    )
    const kept = new Set(params.limit === 0 ? keys : keys.slice(0, params.limit))
    return { corpus: corpus.rows.filter((row) => kept.has(row.key)) }
  })
})
