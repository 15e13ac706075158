/**
 * A view of your own for the words study: hashed character trigrams. It lives in your repository, imports only `asterism`
 * and `effect`, and stands in for any view:
 *
 *     asterism run words --swap ppmi=./my-embed.ts#default
 *     asterism diff <the run before> latest
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Corpus, Embeddings, Stage } from "asterism"

/** FNV-1a, 32 bits. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0)!, 0x01000193) >>> 0
  return value
}

export default Stage.make("my/trigrams", {
  description: "Counts hashed character trigrams of each text.",
  source: import.meta.url,
  params: Schema.Struct({
    dimensions: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(256)))
  }),
  inputs: { corpus: Corpus },
  outputs: { embeddings: Embeddings },
  run: Effect.fn("my/trigrams")(function* ({ params, inputs }) {
    const { rows } = yield* inputs.corpus.read
    const data = new Float32Array(rows.length * params.dimensions)
    rows.forEach(({ text }, i) => {
      const padded = `^${text}$`
      for (let at = 0; at + 3 <= padded.length; at++) {
        const code = hash(padded.slice(at, at + 3))
        // The sign bit keeps collisions from adding up.
        data[i * params.dimensions + (code % params.dimensions)]! += code >>> 31 === 0 ? 1 : -1
      }
    })
    return { embeddings: { keys: rows.map((row) => row.key), dims: params.dimensions, data } }
  })
})
