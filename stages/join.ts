/** The rows that all views have: the corpus restricted to the keys found in every view, in the corpus's order. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../engine/Stage.ts"
import { Corpus } from "../schemas/Corpus.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { StageFailure } from "../schemas/errors.ts"

export const join = Stage.make("alignment/join", {
  description: "Keeps the rows of a corpus that every view has.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Keep at most this many rows, from the top of the corpus; 0 keeps all. */
    limit: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0)))
  }),
  inputs: { corpus: Corpus, views: Stage.each(Embeddings) },
  outputs: { corpus: Corpus },
  run: Effect.fn("alignment/join")(function* () {
    return yield* new StageFailure({ what: "alignment/join is being written." })
  })
})
