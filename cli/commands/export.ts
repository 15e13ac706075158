/**
 * `asterism export <artifact> --to file`: writes an artifact as npy, npz, csv, parquet or arrow, for tools that do not
 * read the store. `--json`: `{artifact, file, rows, dims}`.
 */
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { resolve } from "node:path"
import { exportArtifact } from "../export.ts"
import { result, short } from "../output.ts"
import { withStore } from "../services.ts"
import { resolveArtifact } from "../artifact.ts"

export const exportFile = Command.make(
  "export",
  {
    artifact: Argument.String("artifact").pipe(
      Argument.withDescription("an artifact's id or a unique prefix of it")
    ),
    to: Flag.String("to").pipe(
      Flag.withMetavar("file"),
      Flag.withDescription("where to write; the extension says how: parquet, arrow, csv, npy, npz")
    )
  },
  Effect.fn("export")(function* ({ artifact, to }) {
    const path = resolve(to)
    const manifest = yield* withStore(
      Effect.gen(function* () {
        return yield* exportArtifact(yield* resolveArtifact(artifact), path)
      })
    )
    yield* result(
      { artifact: manifest.digest, file: path, rows: manifest.rows, dims: manifest.dims },
      () => `${short(manifest.digest)} → ${path}`
    )
  })
).pipe(Command.withDescription("write an artifact for other tools"))
