/** A matrix as a user's file holds it, and the checks that every format shares. */
import { firstNonFinite, nonFinite } from "../codecs/rowChecks.ts"
import type { InputError } from "../../schemas/errors.ts"
import { fileError } from "./fileError.ts"
import { readKeys } from "./keys.ts"

export { checkFile, fileError } from "./fileError.ts"

/** Row-major, `keys.length` × `dims`. `keyed` is false where the file has no keys and rows are named by their numbers. */
export interface UserMatrix {
  readonly keys: ReadonlyArray<string>
  readonly keyed: boolean
  /** Whether the keys are the file's own, not those of a file of keys. */
  readonly ownKeys: boolean
  readonly dims: number
  readonly data: Float32Array | Float64Array
  /** Full sentences about what was left out or assumed; commands print them on standard error. */
  readonly notes: ReadonlyArray<string>
}

/** How a file is read. */
export interface ReadOptions {
  /** A text file with one key a line, for a file that holds none; refused for one that has keys of its own. */
  readonly keys?: string
  /** As `keys`; a file that has keys of its own is read by them. */
  readonly keysIfNone?: string
  /** Which array of an npz or safetensors file. */
  readonly array?: string
  /** Which columns of a table are coordinates, by name. */
  readonly columns?: ReadonlyArray<string>
}

/** What a reader of one format gives: `keys` null where the file has none. */
export interface RawMatrix {
  readonly keys: ReadonlyArray<string> | null
  readonly rows: number
  readonly dims: number
  readonly data: Float32Array | Float64Array
  readonly notes?: ReadonlyArray<string>
}

/** Reads one format; `path` is absolute. Throws an InputError. */
export type MatrixReader = (path: string, options: ReadOptions) => Promise<RawMatrix>

/** A file of keys never replaces keys that stand beside the numbers: another order of rows would be taken without a word. */
export const ownKeys = (path: string, keyFile: string): InputError =>
  fileError(
    path,
    `The file has keys of its own, and ${keyFile} names others.`,
    "keys from one place",
    "leave out the file of keys, or the column or array of keys in this file"
  )

/** Checks shape, numbers and keys, and names rows by their numbers where the file has no keys. */
export const finish = (path: string, raw: RawMatrix, keyFile: string | undefined): UserMatrix => {
  if (keyFile !== undefined && raw.keys !== null) throw ownKeys(path, keyFile)
  const { rows, dims, data } = raw
  if (rows === 0 || dims === 0) {
    throw fileError(
      path,
      `The matrix is empty: ${rows} rows, ${dims} columns of numbers.`,
      "at least one row and one column"
    )
  }
  const given = keyFile === undefined ? raw.keys : readKeys(keyFile)
  if (given !== null && given.length !== rows) {
    throw fileError(
      keyFile ?? path,
      `There are ${given.length} keys for ${rows} rows.`,
      "one key for each row"
    )
  }
  const keys = given ?? Array.from({ length: rows }, (_, i) => String(i))
  const bad = firstNonFinite(data)
  if (bad >= 0) {
    const row = Math.floor(bad / dims)
    throw nonFinite(path, row, keys[row]!, data[bad]!, bad % dims)
  }
  const seen = new Map<string, number>()
  for (let i = 0; i < rows; i++) {
    const earlier = seen.get(keys[i]!)
    if (earlier !== undefined) {
      throw fileError(
        keyFile ?? path,
        `Rows ${earlier} and ${i} have the same key '${keys[i]}'.`,
        "one row for each key",
        "drop or merge the duplicate rows"
      )
    }
    seen.set(keys[i]!, i)
  }
  return { keys, keyed: given !== null, ownKeys: raw.keys !== null, dims, data, notes: raw.notes ?? [] }
}
