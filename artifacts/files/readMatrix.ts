/** Reads a user's matrix by the extension of its name. Every fault is an InputError that names the file and the row. */
import * as Effect from "effect/Effect"
import { extname, resolve } from "node:path"
import { InputError } from "../../schemas/errors.ts"
import { own } from "../../schemas/named.ts"
import { faultText } from "../faultText.ts"
import { readCsv } from "./csv.ts"
import { readGuarded } from "./guarded.ts"
import type { GuardedFormat } from "./guardedReaders.ts"
import { asMatrix, parseNpy, readWhole } from "./npy.ts"
import { readNpz } from "./npz.ts"
import { readSafetensorsMatrix } from "./safetensorsMatrix.ts"
import type { RawMatrix, UserMatrix } from "./UserMatrix.ts"
import { checkFile, fileError, finish } from "./UserMatrix.ts"

export interface ReadOptions {
  /** A text file with one key a line, for files that hold none. */
  readonly keys?: string
  /** Which array of an npz or safetensors file. */
  readonly array?: string
}

/** By a library, and so in a thread that can be ended. */
const inThread =
  (format: GuardedFormat) =>
  (path: string, _array: string | undefined, signal: AbortSignal): Promise<RawMatrix> =>
    readGuarded(format, path, undefined, signal)

const readers: {
  readonly [extension: string]: (
    path: string,
    array: string | undefined,
    signal: AbortSignal
  ) => Promise<RawMatrix>
} = {
  ".npy": async (path) => asMatrix(parseNpy(readWhole(path), path), path),
  ".npz": readNpz,
  ".csv": readCsv,
  ".tsv": readCsv,
  ".parquet": inThread("parquet"),
  ".arrow": inThread("arrow"),
  ".feather": inThread("arrow"),
  ".ipc": inThread("arrow"),
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
          `The file cannot be read: ${faultText(error, "its contents are not what its format asks for")}.`,
          "a readable file",
          "check its permissions and contents"
        )

export const readMatrix = (path: string, options: ReadOptions = {}): Effect.Effect<UserMatrix, InputError> =>
  Effect.tryPromise({
    try: async (signal) => {
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
      return finish(path, await read(resolve(path), options.array, signal), options.keys)
    },
    catch: inputError(path)
  })
