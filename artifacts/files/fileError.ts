/** Errors about a user's file, and the checks that come before any format is looked at. */
import { existsSync, statSync } from "node:fs"
import { InputError } from "../../schemas/errors.ts"

/** An error about a file: what, where, what was expected, what to do next. */
export const fileError = (path: string, what: string, expected: string, next?: string): InputError =>
  new InputError({ what, where: path, expected, ...(next === undefined ? {} : { next }) })

const formats = "npy, npz, csv, tsv, parquet, arrow, feather or safetensors"

/** Refuses what is not a readable, non-empty file before any format looks at it. */
export const checkFile = (path: string): void => {
  if (!existsSync(path)) {
    throw fileError(path, "The file does not exist.", `a file of type ${formats}`, "check the path")
  }
  const stat = statSync(path)
  if (stat.isDirectory()) {
    throw fileError(path, "This is a folder, not a file.", `a file of type ${formats}`, "name a file in it")
  }
  if (stat.size === 0)
    throw fileError(path, "The file is empty.", `a file of type ${formats}`, "write it again")
}
