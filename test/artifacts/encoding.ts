/** Encodes with a codec into a file, opens it again, for tests that need no store. */
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import type { Codec, Facts } from "../../artifacts/codecs/Codec.ts"
import { HashingSink } from "../../artifacts/store/HashingSink.ts"
import type { Kind, ReaderOf, ValueOf } from "../../schemas/Kind.ts"

export interface Encoded {
  readonly path: string
  readonly digest: string
  readonly facts: Facts
}

/** Writes a value into a file of `folder`. */
export const encode = <K extends Kind>(codec: Codec, kind: K, value: ValueOf<K>, folder: string) =>
  Effect.gen(function* () {
    const sink = new HashingSink(folder)
    const facts = yield* codec
      .encode(kind, value, sink)
      .pipe(Effect.tapCause(() => Effect.sync(() => sink.discard())))
    const path = `${sink.path}.${codec.extension(kind)}`
    const encoded: Encoded = { digest: sink.finish(), path, facts }
    fs.renameSync(sink.path, path)
    return encoded
  })

export const open = <K extends Kind>(codec: Codec, kind: K, { path, facts }: Encoded) =>
  Effect.map(codec.open(kind, path, facts), (reader) => reader as ReaderOf<K>)

/** A copy of a file's first `length` bytes. */
export const truncated = (encoded: Encoded, length: number): Encoded => {
  const path = `${encoded.path}.cut`
  fs.writeFileSync(path, fs.readFileSync(encoded.path).subarray(0, length))
  return { ...encoded, path }
}
