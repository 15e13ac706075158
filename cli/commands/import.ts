/**
 * `asterism import file --kind Embeddings`: checks a user's file and puts it into the store as an artifact, named by its
 * digest. `--json`: the manifest, and `notes`: what was left out or assumed (on standard error without it too).
 */
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Store } from "../../artifacts/Store.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { arrayFlag, columnsFlag, keysFlag, readInput, readOptions, tell } from "../matrixInput.ts"
import { inStore } from "../next.ts"
import { bytes, result, short } from "../output.ts"
import { withStore } from "../services.ts"

export const importFile = Command.make(
  "import",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription(
        "npy, npz, csv, tsv, parquet, arrow, feather or safetensors; a.npy:keys.txt names its keys"
      )
    ),
    kind: Flag.Literals("kind", ["Embeddings"]).pipe(Flag.withDefault("Embeddings" as const)),
    keys: keysFlag(),
    array: arrayFlag(),
    columns: columnsFlag()
  },
  Effect.fn("import")(function* ({ file, ...given }) {
    const { notes, ...matrix } = yield* readInput(file, readOptions(given))
    yield* tell(notes)
    const manifest = yield* withStore(
      Effect.flatMap(Store, (store) => store.write(Embeddings, matrix, null, []))
    )
    yield* result(
      { ...manifest, notes },
      () =>
        `${manifest.kind} ${short(manifest.digest)}: ${manifest.rows} × ${manifest.dims}, ${bytes(manifest.bytes)}${matrix.keyed ? "" : "; the file has no keys, so rows are named by their numbers"}\n${inStore(`'asterism show ${short(manifest.digest)}'`, process.argv.slice(2))} shows it.`
    )
  })
).pipe(Command.withDescription("check a file and put it into the store"))
