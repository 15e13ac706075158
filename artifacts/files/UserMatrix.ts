/** A matrix as a user's file holds it, and the checks that every format shares. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { InputError } from "../../schemas/errors.ts"
import { firstNonFinite, nonFinite } from "../codecs/rowChecks.ts"

/** Row-major, `keys.length` × `dims`. `keyed` is false where the file has no keys and rows are named by their numbers. */
export interface UserMatrix {
  readonly keys: ReadonlyArray<string>
  readonly keyed: boolean
  readonly dims: number
  readonly data: Float32Array | Float64Array
  /** Full sentences about what was left out or assumed; commands print them on standard error. */
  readonly notes: ReadonlyArray<string>
}

/** How a file is read. */
export interface ReadOptions {
  /** A text file with one key a line, for files that hold none. */
  readonly keys?: string
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

/** One key a line; the last line may end with a newline. */
export const readKeys = (path: string): ReadonlyArray<string> => {
  checkFile(path)
  const lines = readFileSync(path, "utf8").split(/\r?\n/)
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines
}

/** Checks shape, numbers and keys, and names rows by their numbers where the file has no keys. */
export const finish = (path: string, raw: RawMatrix, keyFile: string | undefined): UserMatrix => {
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
  return { keys, keyed: given !== null, dims, data, notes: raw.notes ?? [] }
}
