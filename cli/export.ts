/** Writes an artifact to a user's file, in the format its extension names. */
import * as Effect from "effect/Effect"
import { copyFileSync } from "node:fs"
import { extname } from "node:path"
import type { Manifest } from "../artifacts/Manifest.ts"
import { Store } from "../artifacts/Store.ts"
import { writeMatrix } from "../artifacts/files/writeMatrix.ts"
import { writeTable } from "../artifacts/files/writeTable.ts"
import { InputError } from "../schemas/errors.ts"
import { matrixKind, tableKind } from "./artifact.ts"

/** The extensions an artifact of a format can be written as; its own is a copy of the bytes. */
const targets = (manifest: Manifest): ReadonlyArray<string> => {
  const own = `.${manifest.extension}`
  if (manifest.format === "matrix") return [...new Set([own, ".parquet", ".csv", ".npy", ".npz"])]
  if (manifest.format === "table") return [...new Set([own, ".csv"])]
  return [own]
}

export const exportArtifact = Effect.fn("exportArtifact")(function* (digest: string, path: string) {
  const store = yield* Store
  const manifest = yield* store.manifest(digest)
  const extension = extname(path).toLowerCase()
  const possible = targets(manifest)
  if (!possible.includes(extension)) {
    return yield* new InputError({
      what: `A ${manifest.kind} cannot be written as '${extension === "" ? path : extension}'.`,
      where: path,
      expected: `a name that ends in ${possible.join(", ")}`
    })
  }
  if (extension === `.${manifest.extension}`) {
    const from = yield* store.pathOf(digest)
    yield* Effect.try({
      try: () => copyFileSync(from, path),
      catch: (error) =>
        new InputError({
          what: `The file cannot be written: ${(error as Error).message}.`,
          where: path,
          expected: "a file name in a folder you may write"
        })
    })
  } else if (manifest.format === "matrix") {
    const reader = yield* store.open(matrixKind(manifest), digest)
    yield* writeMatrix(path, yield* reader.read)
  } else {
    const reader = yield* store.open(tableKind(manifest), digest)
    yield* writeTable(path, yield* reader.read)
  }
  return manifest
})
