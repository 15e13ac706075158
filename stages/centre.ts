/** Centres a view: row-normalise → subtract the mean row → row-normalise, in two streaming passes. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../engine/Stage.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { StageFailure } from "../schemas/errors.ts"

export const centre = Stage.make("alignment/centre", {
  description: "Row-normalises, subtracts the mean row, row-normalises again.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { embeddings: Embeddings },
  outputs: { embeddings: Embeddings },
  run: Effect.fn("alignment/centre")(function* () {
    return yield* new StageFailure({ what: "alignment/centre is being written." })
  })
})
