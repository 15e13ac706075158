/** Values with a schema, as canonical JSON (keys sorted, one line). Decoded with the kind's schema when read. */
import * as fs from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { JsonReader, Kind } from "../../schemas/Kind.ts"
import { canonicalJson } from "../canonicalJson.ts"
import { corrupt, mismatch, unreadable } from "../failures.ts"
import type { Codec } from "./Codec.ts"
import { codecVersions } from "./versions.ts"

type JsonSchema = Schema.Codec<unknown, unknown>

const schemaOf = (kind: Kind): JsonSchema => (kind.schema ?? Schema.Unknown) as unknown as JsonSchema

export const jsonCodec: Codec = {
  format: "json",
  version: codecVersions.json,
  extension: () => "json",
  encode: Effect.fnUntraced(function* (kind, value, sink) {
    const encoded = yield* Schema.encodeUnknownEffect(schemaOf(kind))(value).pipe(
      Effect.mapError((error) =>
        mismatch(kind.name, `The value does not fit ${kind.name}: ${error.message}.`)
      )
    )
    const text = yield* Effect.try({
      try: () => canonicalJson(encoded),
      catch: (error) => mismatch(kind.name, `${kind.name} cannot be written: ${(error as Error).message}.`)
    })
    sink.write(Buffer.from(`${text}\n`, "utf8"))
    return { rows: null, dims: null, layout: {} }
  }),
  open: (kind, path) => {
    const read = Effect.gen(function* () {
      const text = yield* Effect.tryPromise({
        try: () => fs.readFile(path, "utf8"),
        catch: unreadable(path)
      })
      const value = yield* Effect.try({
        try: () => JSON.parse(text) as unknown,
        catch: () => corrupt(path, "it is not JSON")
      })
      return yield* Schema.decodeUnknownEffect(schemaOf(kind))(value).pipe(
        Effect.mapError((error) => mismatch(path, `The value does not fit ${kind.name}: ${error.message}.`))
      )
    })
    return Effect.succeed({ read } satisfies JsonReader<unknown>)
  }
}
