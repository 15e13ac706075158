/**
 * Aligns every pair of views in every setting. A setting is one way of preparing the views: as they are, centred, or as
 * sparse codes; each is an input of its own and may be wired to nothing (`{}`).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { conventions } from "../compute/alignment/conventions.ts"
import * as Stage from "../engine/Stage.ts"
import { AlignmentScores } from "../schemas/AlignmentScores.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { SparseCodes } from "../schemas/SparseCodes.ts"
import { StageFailure } from "../schemas/errors.ts"

export const align = Stage.make("alignment/align", {
  description: "Alignment metrics of all pairs of views on the same rows in every setting.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Names such as `mutual_knn`, or `mutual_knn@100` with a neighbour size (or SVCCA dimension) of its own; `all`. */
    metrics: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["all"]))),
    /** Neighbours. */
    k: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    /** Dimensions kept by SVCCA. */
    q: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    subsampleSize: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1000))),
    subsamples: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    /** Row permutations for the null. */
    permutations: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(20))),
    /** Whether to score all common rows too, beside the subsamples. */
    all: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
    convention: Schema.Literals(conventions).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("exact" as const))
    )
  }),
  inputs: {
    raw: Stage.each(Embeddings),
    centred: Stage.each(Embeddings),
    sparse: Stage.each(SparseCodes)
  },
  outputs: { scores: AlignmentScores },
  random: true,
  isolated: true,
  run: Effect.fn("alignment/align")(function* () {
    return yield* new StageFailure({ what: "alignment/align is being written." })
  })
})
