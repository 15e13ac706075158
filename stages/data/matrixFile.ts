/**
 * A user's own matrix as a view: npy, npz, csv, parquet, arrow or safetensors. The study depends on what the file holds: an
 * edit runs the node again. A SHA-256 may pin it; then any other content is refused, with the hash that was found.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readMatrix } from "../../artifacts/files/readMatrix.ts"
import { Progress } from "../../engine/services/Progress.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import { checkPin } from "./pinnedFile.ts"

const optional = Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))

export const matrixFile = Stage.make("data/matrix-file", {
  description: "Reads a matrix file of the user's as Embeddings; a SHA-256 may pin it.",
  source: import.meta.url,
  params: Schema.Struct({
    file: optional,
    /** 64 hexadecimal digits, as `sha256sum` prints; empty where any content will do. */
    sha256: optional,
    /** A text file with one key a line, for files that hold none. */
    keys: optional,
    /** As `sha256`, of the key file. */
    keysSha256: optional,
    /** Which array of an npz or safetensors file. */
    array: optional,
    /** Which columns of a table are coordinates: names with commas between them; empty where the file leaves no doubt. */
    columns: optional
  }),
  inputs: {},
  outputs: { embeddings: Embeddings },
  files: ({ file, keys }) => [file, keys].filter((path) => path !== ""),
  isolated: true,
  run: Effect.fn("data/matrix-file")(function* ({ params }) {
    if (params.file === "") {
      return yield* new InputError({
        what: "No file is named.",
        where: "parameter file",
        expected: "the path of a matrix file",
        next: "--set <node>.file=/path/to/view.npy"
      })
    }
    yield* checkPin(params.file, params.sha256, "sha256")
    if (params.keys !== "") yield* checkPin(params.keys, params.keysSha256, "keysSha256")
    const { data, dims, keys, notes } = yield* readMatrix(params.file, {
      ...(params.keys === "" ? {} : { keys: params.keys }),
      ...(params.array === "" ? {} : { array: params.array }),
      ...(params.columns === "" ? {} : { columns: params.columns.split(",").map((name) => name.trim()) })
    })
    const progress = yield* Progress
    for (const note of notes) yield* progress.log(`${params.file}: ${note}`)
    return { embeddings: { keys, dims, data } }
  })
})

export default matrixFile
