/** Files as they are: packages, pages, pictures. */
import * as fs from "node:fs/promises"
import * as Effect from "effect/Effect"
import type { FileReader, FileValue } from "../../schemas/Kind.ts"
import { mismatch, unreadable, writeFailure } from "../failures.ts"
import type { Codec } from "./Codec.ts"
import { codecVersions } from "./versions.ts"

export const fileCodec: Codec = {
  format: "file",
  version: codecVersions.file,
  extension: (kind) => kind.media?.extension ?? "bin",
  encode: (kind, value, sink) =>
    Effect.try({
      try: () => {
        const file = value as FileValue
        if ("bytes" in file) sink.write(file.bytes)
        else if ("text" in file) sink.write(Buffer.from(file.text, "utf8"))
        else if ("path" in file) sink.adopt(file.path)
        else throw mismatch(kind.name, `${kind.name} needs bytes, text or a path.`)
        return {
          rows: null,
          dims: null,
          layout: { media: kind.media?.type ?? "application/octet-stream" }
        }
      },
      catch: writeFailure(kind.name)
    }),
  open: (_kind, path) =>
    Effect.succeed({
      path,
      bytes: Effect.tryPromise({
        try: async (): Promise<Uint8Array> => await fs.readFile(path),
        catch: unreadable(path)
      }),
      text: Effect.tryPromise({ try: () => fs.readFile(path, "utf8"), catch: unreadable(path) })
    } satisfies FileReader)
}
