/**
 * A user's own matrix as a view: npy, npz, csv, parquet, arrow or safetensors, pinned by the file's SHA-256. The hash is
 * what the study depends on; the path only says where the bytes are. A file that changed is refused, with its new hash.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream/promises"
import { readMatrix } from "../../artifacts/files/readMatrix.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"

const optional = Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))

export const matrixFile = Stage.make("data/matrix-file", {
  description: "Reads a matrix file of the user's, pinned by its SHA-256, as Embeddings.",
  source: import.meta.url,
  params: Schema.Struct({
    file: optional,
    /** 64 hexadecimal digits, as `sha256sum` prints. */
    sha256: optional,
    /** A text file with one key a line, for files that hold none. Pinned by `keysSha256`. */
    keys: optional,
    keysSha256: optional,
    /** Which array of an npz or safetensors file. */
    array: optional
  }),
  inputs: {},
  outputs: { embeddings: Embeddings },
  isolated: true,
  run: Effect.fn("data/matrix-file")(function* ({ params }) {
    if (params.file === "") {
      return yield* new InputError({
        what: "No file is named.",
        where: "parameter file",
        expected: "a path, and the file's SHA-256",
        next: "--set <node>.file=/path/to/view.npy --set <node>.sha256=$(sha256sum < /path/to/view.npy | cut -c1-64)"
      })
    }
    yield* check(params.file, params.sha256, "sha256")
    if (params.keys !== "") yield* check(params.keys, params.keysSha256, "keysSha256")
    const { data, dims, keys } = yield* readMatrix(params.file, {
      ...(params.keys === "" ? {} : { keys: params.keys }),
      ...(params.array === "" ? {} : { array: params.array })
    })
    return { embeddings: { keys, dims, data } }
  })
})

const check = (file: string, expected: string, param: string): Effect.Effect<void, InputError> =>
  Effect.tryPromise({
    try: async () => {
      const hash = createHash("sha256")
      await pipeline(createReadStream(file), hash)
      return hash.digest("hex")
    },
    catch: (cause) =>
      new InputError({
        what: `The file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
        where: file
      })
  }).pipe(
    Effect.flatMap((found) =>
      found === expected.toLowerCase()
        ? Effect.void
        : Effect.fail(
            new InputError({
              what: expected === "" ? "The file is not pinned." : "The file is not the one that was pinned.",
              where: file,
              expected: expected === "" ? "its SHA-256" : `SHA-256 ${expected}`,
              next: `--set <node>.${param}=${found}, if this is the file you mean`
            })
          )
    )
  )

export default matrixFile
