/**
 * `asterism import file --kind Embeddings`: checks a user's file and puts it into the store as an artifact, named by its
 * digest. `--json`: the manifest.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { readMatrix } from "../../artifacts/files/readMatrix.ts"
import { Store } from "../../artifacts/Store.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { inStore } from "../next.ts"
import { bytes, result, short } from "../output.ts"
import { withStore } from "../services.ts"

export const importFile = Command.make(
  "import",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("npy, npz, csv, tsv, parquet, arrow, feather or safetensors")
    ),
    kind: Flag.Literals("kind", ["Embeddings"]).pipe(Flag.withDefault("Embeddings" as const)),
    keys: Flag.String("keys").pipe(
      Flag.withDescription("a text file with one key a line, for files that hold none"),
      Flag.optional
    ),
    array: Flag.String("array").pipe(
      Flag.withDescription("which array of an npz or safetensors file"),
      Flag.optional
    )
  },
  Effect.fn("import")(function* ({ file, keys, array }) {
    const matrix = yield* readMatrix(file, {
      ...(Option.isSome(keys) ? { keys: keys.value } : {}),
      ...(Option.isSome(array) ? { array: array.value } : {})
    })
    const manifest = yield* withStore(
      Effect.flatMap(Store, (store) => store.write(Embeddings, matrix, null, []))
    )
    yield* result(
      manifest,
      () =>
        `${manifest.kind} ${short(manifest.digest)}: ${manifest.rows} × ${manifest.dims}, ${bytes(manifest.bytes)}${matrix.keyed ? "" : "; the file has no keys, so rows are named by their numbers"}\n${inStore(`'asterism show ${short(manifest.digest)}'`, process.argv.slice(2))} shows it.`
    )
  })
).pipe(Command.withDescription("check a file and put it into the store"))
