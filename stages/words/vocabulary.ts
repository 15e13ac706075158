/**
 * The words a study is about: the most frequent ones that every given view can embed, by falling frequency (ties keep
 * the frequency list's order).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Progress } from "../../engine/services/Progress.ts"
import * as Stage from "../../engine/Stage.ts"
import { Corpus } from "../../schemas/Corpus.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import { Frequencies } from "../../schemas/Frequencies.ts"

export const vocabulary = Stage.make("words/vocabulary", {
  description: "Chooses the most frequent words that all given views hold.",
  source: import.meta.url,
  params: Schema.Struct({
    /** How many words; fewer where the views hold fewer. */
    size: Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(5000)))
  }),
  inputs: { frequencies: Frequencies, views: Stage.each(Embeddings) },
  outputs: { corpus: Corpus, frequencies: Frequencies },
  run: Effect.fn("words/vocabulary")(function* ({ params, inputs }) {
    const { rows } = yield* inputs.frequencies.read
    const held = yield* Effect.forEach(inputs.views, (view) =>
      Effect.map(view.artifact.keys, (keys) => new Set(keys))
    )
    const chosen = rows
      .map((row, order) => ({ row, order }))
      .filter(({ row }) => held.every((keys) => keys.has(row.key)))
      .sort((a, b) => b.row.count - a.row.count || a.order - b.order)
      .slice(0, params.size)
      .map(({ row }) => row)
    if (chosen.length === 0) {
      return yield* new InputError({
        what: "No word of the frequency list is in every view.",
        where: `views ${inputs.views.map((view) => view.name).join(", ")}`,
        expected: "views whose keys are lower-case words"
      })
    }
    if (chosen.length < params.size) {
      const progress = yield* Progress
      yield* progress.log(`every view holds ${chosen.length} words, not the ${params.size} asked for`)
    }
    return {
      corpus: chosen.map(({ key }) => ({ key, text: key })),
      frequencies: chosen
    }
  })
})
