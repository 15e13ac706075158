/**
 * SciPy's sparse matrices (`scipy.sparse.save_npz`), those in compressed sparse rows. Every count is compared with the others
 * before anything of its size is allocated or looped over.
 */
import type { SparseRows } from "../../schemas/Matrix.ts"
import { startsFault } from "../../schemas/sparseFault.ts"
import { mostEntries } from "./bounds.ts"
import { firstNonFinite, nonFinite } from "../codecs/rowChecks.ts"
import { readArray } from "./npy.ts"
import { readTextArray } from "./npyTexts.ts"
import { denseOf } from "./npzDense.ts"
import type { NpzArchive } from "./npzArchive.ts"
import { withNpz } from "./npzArchive.ts"
import type { RawMatrix, ReadOptions } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

/** Sparse rows as the file holds them. */
export interface SparseFile extends Omit<SparseRows, "keys" | "values"> {
  readonly rows: number
  readonly values: Float32Array | Float64Array
}

/** Sparse rows and what the file says of their keys. */
export interface SparseMatrixFile extends SparseFile {
  readonly keys: ReadonlyArray<string> | null
  readonly notes: ReadonlyArray<string>
}

const has = ({ entries }: NpzArchive, ...names: ReadonlyArray<string>): boolean =>
  names.every((name) => entries.some((entry) => entry.name === name))

/** Whether a file is one that SciPy wrote, of whatever format. */
export const isSparse = (archive: NpzArchive): boolean =>
  has(archive, "data", "indices", "indptr", "shape") || has(archive, "format", "shape", "data")

/** SciPy's sparse rows; or, by name or where there is only one, a dense array as its entries other than 0. */
export const readSparseNpz = (path: string, { array }: ReadOptions = {}): Promise<SparseMatrixFile> =>
  withNpz(path, async (archive) => {
    if (array === undefined && isSparse(archive))
      return { ...(await sparseOf(archive)), keys: null, notes: [] }
    return sparsified(path, await denseOf(archive, array))
  })

const expected = "a matrix written by scipy.sparse.save_npz"

export const sparseOf = async (archive: NpzArchive): Promise<SparseFile> => {
  const { path } = archive
  const format = await formatOf(archive)
  if (format !== "csr") {
    throw fileError(
      path,
      format === undefined
        ? "The sparse matrix does not say how it is stored: it has no text named 'format'."
        : `The sparse matrix is stored as ${format}.`,
      "compressed sparse rows (csr)",
      "convert it with matrix.tocsr() and scipy.sparse.save_npz"
    )
  }
  const missing = ["data", "indices", "indptr", "shape"].filter((name) => !has(archive, name))
  if (missing.length > 0) throw fileError(path, `The sparse matrix has no ${missing.join(", ")}.`, expected)
  const [rows, dims] = await shapeOf(archive)
  const [entries, columns, starts] = ["data", "indices", "indptr"].map((name) =>
    listLength(archive, name)
  ) as [number, number, number]
  if (starts !== rows + 1 || entries !== columns) {
    throw fileError(
      path,
      `The parts of the sparse matrix do not fit: ${starts} row starts, ${columns} indices, ${entries} values for ${rows} rows.`,
      expected
    )
  }
  checkWidth(path, dims, entries)
  const indptr = Float64Array.from((await archive.read("indptr", readArray)).data)
  const fault = startsFault(rows, indptr, entries)
  if (fault !== undefined) throw fileError(path, fault, expected)
  const indices = columnsOf(path, (await archive.read("indices", readArray)).data, dims, indptr)
  const values = (await archive.read("data", readArray)).data
  const bad = firstNonFinite(values)
  if (bad >= 0) {
    const row = rowOf(indptr, bad)
    throw nonFinite(path, row, String(row), values[bad]!, indices[bad]!)
  }
  sortRows(path, rows, indptr, indices, values)
  return { rows, dims, indptr, indices, values }
}

/** A text without dimensions: `csr`, `csc`, `coo`, `bsr`, `dia`. Undefined where the file has none. */
const formatOf = async (archive: NpzArchive): Promise<string | undefined> => {
  const entry = archive.entries.find(({ name }) => name === "format")
  if (entry?.kind !== "texts" || entry.header?.shape.length !== 0) return undefined
  return (await archive.read("format", readTextArray))[0]
}

const shapeOf = async (archive: NpzArchive): Promise<readonly [rows: number, dims: number]> => {
  const wrong = (text: string) =>
    fileError(archive.path, `The sparse matrix has the shape ${text}.`, "rows and columns")
  const { header } = archive.entries.find(({ name }) => name === "shape")!
  if (header?.shape.length !== 1 || header.count !== 2) throw wrong(`of ${header?.count ?? 0} numbers`)
  const [rows, dims] = (await archive.read("shape", readArray)).data as unknown as readonly [number, number]
  const size = (value: number) => Number.isSafeInteger(value) && value >= 0 && value < mostEntries
  if (!size(rows) || !size(dims)) throw wrong(`${rows} × ${dims}`)
  return [rows, dims]
}

const listLength = ({ path, entries }: NpzArchive, list: string): number => {
  const { header, kind } = entries.find(({ name }) => name === list)!
  if (kind !== "numbers" || header!.shape.length !== 1) {
    throw fileError(path, `'${list}' of the sparse matrix is no list of numbers.`, expected)
  }
  return header!.count
}

/** Columns, or dense entries, that a file may ask for beside those that it stores: what is made of them is their number. */
const allowance = (free: number, ratio: number, entries: number): number => free + ratio * entries

const checkWidth = (path: string, dims: number, entries: number): void => {
  const most = allowance(1 << 22, 1024, entries)
  if (dims > most) {
    throw fileError(
      path,
      `The sparse matrix has ${dims} columns and stores ${entries} entries.`,
      `at most ${most} columns for so few entries`,
      "leave out columns that are empty"
    )
  }
}

/** The row of an entry. */
const rowOf = (indptr: Float64Array, entry: number): number => {
  let row = 0
  while (indptr[row + 1]! <= entry) row++
  return row
}

/** Columns before they become unsigned 32-bit numbers, which a negative or broken one would not survive. */
const columnsOf = (
  path: string,
  columns: ArrayLike<number>,
  dims: number,
  indptr: Float64Array
): Uint32Array => {
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at]!
    if (!(column >= 0 && column < dims && Number.isInteger(column))) {
      throw fileError(path, `Row ${rowOf(indptr, at)} names column ${column} of ${dims}.`, expected)
    }
  }
  return Uint32Array.from(columns)
}

/** Puts each row into rising order of columns, in place; SciPy does not promise one. A column twice is refused. */
const sortRows = (
  path: string,
  rows: number,
  indptr: Float64Array,
  indices: Uint32Array,
  values: Float32Array | Float64Array
): void => {
  for (let row = 0; row < rows; row++) {
    const [from, to] = [indptr[row]!, indptr[row + 1]!]
    if (!rises(indices, from, to)) {
      const order = Uint32Array.from({ length: to - from }, (_, i) => i)
      const [columns, entries] = [indices.slice(from, to), values.slice(from, to)]
      order.sort((a, b) => columns[a]! - columns[b]!)
      order.forEach((at, i) => {
        indices[from + i] = columns[at]!
        values[from + i] = entries[at]!
      })
    }
    for (let at = from + 1; at < to; at++) {
      if (indices[at] === indices[at - 1]) {
        throw fileError(
          path,
          `Row ${row} names column ${indices[at]} twice.`,
          "each column once in a row",
          "add them up with matrix.sum_duplicates() and save it again"
        )
      }
    }
  }
}

const rises = (indices: Uint32Array, from: number, to: number): boolean => {
  for (let at = from + 1; at < to; at++) if (indices[at]! < indices[at - 1]!) return false
  return true
}

/** A dense matrix of at most 16 Mi entries, or 4,096 times as many as are stored. */
export const densified = (path: string, { rows, dims, indptr, indices, values }: SparseFile): RawMatrix => {
  const entries = rows * dims
  if (entries >= mostEntries || entries > allowance(1 << 24, 4096, values.length)) {
    throw fileError(
      path,
      `The sparse matrix is made dense, and its ${rows} × ${dims} entries, of which ${values.length} are stored, would fill the memory.`,
      "a matrix that is not so sparse",
      "reduce its columns, by a truncated singular value decomposition for example"
    )
  }
  const data = values instanceof Float64Array ? new Float64Array(entries) : new Float32Array(entries)
  for (let row = 0; row < rows; row++) {
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) data[row * dims + indices[at]!] = values[at]!
  }
  return { keys: null, rows, dims, data }
}

/** The entries other than 0 of a dense matrix. */
const sparsified = (path: string, { keys, rows, dims, data, notes = [] }: RawMatrix): SparseMatrixFile => {
  const bad = firstNonFinite(data)
  if (bad >= 0) {
    const row = Math.floor(bad / dims)
    throw nonFinite(path, row, keys?.[row] ?? String(row), data[bad]!, bad % dims)
  }
  let stored = 0
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) stored++
  const indptr = new Float64Array(rows + 1)
  const indices = new Uint32Array(stored)
  const values = data instanceof Float64Array ? new Float64Array(stored) : new Float32Array(stored)
  let at = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < dims; column++) {
      const value = data[row * dims + column]!
      if (value === 0) continue
      indices[at] = column
      values[at++] = value
    }
    indptr[row + 1] = at
  }
  return { keys, notes, rows, dims, indptr, indices, values }
}
