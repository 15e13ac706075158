/** Restricts a view to the rows of a corpus, in the corpus's order. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../engine/Stage.ts"
import { Corpus } from "../schemas/Corpus.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { StageFailure } from "../schemas/errors.ts"

export const restrict = Stage.make("alignment/restrict", {
  description: "Keeps the rows of a view that a corpus names, in the corpus's order.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { corpus: Corpus, embeddings: Embeddings },
  outputs: { embeddings: Embeddings },
  run: Effect.fn("alignment/restrict")(function* () {
    return yield* new StageFailure({ what: "alignment/restrict is being written." })
  })
})
