/** Reads a user's matrix by the extension of its name. Every fault is an InputError that names the file and the row. */
import * as Effect from "effect/Effect"
import { extname, resolve } from "node:path"
import { InputError } from "../../schemas/errors.ts"
import { own } from "../../schemas/named.ts"
import { readCsv } from "./csv.ts"
import { readArrowMatrix } from "./arrowMatrix.ts"
import { asMatrix, parseNpy, readWhole } from "./npy.ts"
import { readNpz } from "./npz.ts"
import { readParquetMatrix } from "./parquetMatrix.ts"
import { readSafetensorsMatrix } from "./safetensorsMatrix.ts"
import type { MatrixReader, ReadOptions, UserMatrix } from "./UserMatrix.ts"
import { checkFile, fileError, finish } from "./UserMatrix.ts"

export type { ReadOptions } from "./UserMatrix.ts"

const readers: { readonly [extension: string]: MatrixReader } = {
  ".npy": async (path) => asMatrix(parseNpy(readWhole(path), path), path),
  ".npz": readNpz,
  ".csv": readCsv,
  ".tsv": readCsv,
  ".parquet": readParquetMatrix,
  ".arrow": readArrowMatrix,
  ".feather": readArrowMatrix,
  ".ipc": readArrowMatrix,
  ".safetensors": readSafetensorsMatrix
}

/** Turns a thrown value into an InputError: ours pass, the system's are named. */
export const inputError =
  (path: string) =>
  (error: unknown): InputError =>
    error instanceof InputError
      ? error
      : fileError(
          path,
          `The file cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
          "a readable file",
          "check its permissions and contents"
        )

export const readMatrix = (path: string, options: ReadOptions = {}): Effect.Effect<UserMatrix, InputError> =>
  Effect.tryPromise({
    try: async () => {
      checkFile(resolve(path))
      const extension = extname(path).toLowerCase()
      const read = own(readers, extension)
      if (read === undefined) {
        throw fileError(
          path,
          `Files of type '${extension === "" ? "(no extension)" : extension}' are not read.`,
          `a name that ends in ${Object.keys(readers).join(", ")}`,
          "convert the file, or rename it to say what it is"
        )
      }
      return finish(path, await read(resolve(path), options), options.keys)
    },
    catch: inputError(path)
  })
