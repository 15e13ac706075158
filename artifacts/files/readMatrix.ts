/** Reads a user's matrix by the extension of its name. Every fault is an InputError that names the file and the row. */
import * as Effect from "effect/Effect"
import { extname, resolve } from "node:path"
import { InputError } from "../../schemas/errors.ts"
import { own } from "../../schemas/named.ts"
import { faultText } from "../faultText.ts"
import { readCsv } from "./csv.ts"
import { readGuarded } from "./guarded.ts"
import type { GuardedFormat } from "./guardedReaders.ts"
import { readNpy } from "./npy.ts"
import { readNpz } from "./npz.ts"
import { readSafetensorsMatrix } from "./safetensorsMatrix.ts"
import type { RawMatrix, ReadOptions, UserMatrix } from "./UserMatrix.ts"
import { checkFile, fileError, finish } from "./UserMatrix.ts"

export type { ReadOptions } from "./UserMatrix.ts"

type Reader = (path: string, options: ReadOptions, signal: AbortSignal) => Promise<RawMatrix>

/** In a thread that can be ended. */
const inThread =
  (format: GuardedFormat): Reader =>
  (path, options, signal) =>
    readGuarded(format, path, options, signal)

const readers: { readonly [extension: string]: Reader } = {
  ".npy": readNpy,
  ".npz": readNpz,
  ".csv": readCsv,
  ".tsv": readCsv,
  ".parquet": inThread("parquet"),
  ".arrow": inThread("arrow"),
  ".feather": inThread("arrow"),
  ".ipc": inThread("arrow"),
  ".safetensors": readSafetensorsMatrix
}

/** Whether files of an extension (with its dot) are read. */
export const readable = (extension: string): boolean => own(readers, extension.toLowerCase()) !== undefined

/** Formats whose files hold several arrays, and formats whose files hold named columns. */
const arrayFormats = new Set([".npz", ".safetensors"])
const columnFormats = new Set([".csv", ".tsv", ".parquet", ".arrow", ".feather", ".ipc"])

/** Which options say something about a file of this name. */
export const takes = (path: string): { readonly array: boolean; readonly columns: boolean } => {
  const extension = extname(path).toLowerCase()
  return { array: arrayFormats.has(extension), columns: columnFormats.has(extension) }
}

/** Turns a thrown value into an InputError: ours pass, the system's are named, and no text of the engine's is shown. */
export const inputError =
  (path: string) =>
  (error: unknown): InputError => {
    if (error instanceof InputError) return error
    const kind = extname(path).slice(1).toLowerCase() || "known"
    return fileError(
      path,
      `The file cannot be read: ${faultText(error, `it does not have the form of a ${kind} file`)}.`,
      "a whole file of the type that its name says",
      "check that it was copied whole and that you may read it, or write it again"
    )
  }

const check = (path: string, options: ReadOptions): void => {
  const { array, columns } = takes(path)
  if (options.array !== undefined && !array) {
    throw fileError(
      path,
      `There is one matrix in the file, and no array '${options.array}' to choose.`,
      `--array for files that end in ${[...arrayFormats].join(", ")}`,
      "leave out --array"
    )
  }
  if (options.columns !== undefined && !columns) {
    throw fileError(
      path,
      "The columns of this file have no names to choose by.",
      `--columns for files that end in ${[...columnFormats].join(", ")}`,
      "leave out --columns"
    )
  }
}

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
      check(path, options)
      const raw = await read(resolve(path), options, signal)
      return finish(path, raw, options.keys ?? (raw.keys === null ? options.keysIfNone : undefined))
    },
    catch: inputError(path)
  })
