/** Alignment against word frequency: metrics in rolling windows of words of falling frequency, with a fitted line. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../engine/Stage.ts"
import { Embeddings } from "../schemas/Embeddings.ts"
import { Frequencies } from "../schemas/Frequencies.ts"
import { FrequencyFits } from "../schemas/FrequencyFits.ts"
import { FrequencyOverlap } from "../schemas/FrequencyOverlap.ts"
import { FrequencyWindows } from "../schemas/FrequencyWindows.ts"
import { StageFailure } from "../schemas/errors.ts"

export const windows = Stage.make("alignment/windows", {
  description: "Alignment in rolling windows over word frequency, with least-squares fits.",
  source: import.meta.url,
  params: Schema.Struct({
    metrics: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["all"]))),
    k: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    q: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    /** Number of windows; fewer where the words run out. */
    windows: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    size: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(500))),
    stride: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(250)))
  }),
  inputs: { frequencies: Frequencies, views: Stage.each(Embeddings) },
  outputs: { windows: FrequencyWindows, fits: FrequencyFits, overlap: FrequencyOverlap },
  isolated: true,
  run: Effect.fn("alignment/windows")(function* () {
    return yield* new StageFailure({ what: "alignment/windows is being written." })
  })
})
