/**
 * Writes an artifact to a user's file, in the format its extension names. The file is written beside its place under
 * another name and renamed, so that it is there whole or not at all.
 */
import * as Effect from "effect/Effect"
import { existsSync, renameSync, rmSync } from "node:fs"
import { extname } from "node:path"
import { faultText } from "../artifacts/faultText.ts"
import type { Manifest } from "../artifacts/Manifest.ts"
import { besideOf } from "../artifacts/store/copy.ts"
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
  const { temporary, final } = yield* Effect.try({ try: () => besideOf(path), catch: notWritten(path) })
  const write = Effect.gen(function* () {
    if (extension === `.${manifest.extension}`) yield* store.copy(digest, temporary, notWritten(path))
    else if (manifest.format === "matrix") {
      const reader = yield* store.open(matrixKind(manifest), digest)
      yield* writeMatrix(temporary, yield* reader.read)
    } else {
      const reader = yield* store.open(tableKind(manifest), digest)
      yield* writeTable(temporary, yield* reader.read)
    }
    yield* Effect.try({
      try: () => {
        if (existsSync(keysOf(temporary))) renameSync(keysOf(temporary), keysOf(final))
        renameSync(temporary, final)
      },
      catch: notWritten(path)
    })
  })
  yield* write.pipe(
    Effect.mapError((error) => (error._tag === "InputError" ? named(error, temporary, path) : error)),
    Effect.ensuring(
      Effect.sync(() => {
        for (const left of [temporary, keysOf(temporary)]) rmSync(left, { force: true })
      })
    )
  )
  return manifest
})

/** `.npy` has its keys in a file beside it. */
const keysOf = (path: string): string => `${path}.keys.txt`

const notWritten =
  (path: string) =>
  (error: unknown): InputError =>
    error instanceof InputError
      ? error
      : new InputError({
          what: `The file cannot be written: ${faultText(error, "its contents do not fit the format")}.`,
          where: path,
          expected: "a file name in a folder you may write, on a disk with room for it"
        })

/** The user knows the file by the name he gave. */
const named = (error: InputError, temporary: string, path: string): InputError => {
  const rename = (text: string): string => text.replaceAll(temporary, path)
  return new InputError({
    what: rename(error.what),
    ...(error.where === undefined ? {} : { where: rename(error.where) }),
    ...(error.expected === undefined ? {} : { expected: error.expected }),
    ...(error.next === undefined ? {} : { next: error.next })
  })
}
