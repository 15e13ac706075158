/**
 * A matrix in Parquet, in the forms people write: a text column of keys and either one column of lists, or one column of
 * bytes (packed float32, little-endian), or one numeric column for each dimension.
 */
import { readParquet } from "../codecs/parquet/read.ts"
import type { RawMatrix } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

type Cells = ArrayLike<unknown>

const isText = (cells: Cells): boolean => typeof cells[0] === "string"
const isNumeric = (cells: Cells): boolean => typeof cells[0] === "number" || typeof cells[0] === "bigint"
const isList = (cells: Cells): boolean =>
  Array.isArray(cells[0]) || (ArrayBuffer.isView(cells[0]) && !(cells[0] instanceof Uint8Array))
const isBytes = (cells: Cells): boolean => cells[0] instanceof Uint8Array

export const readParquetMatrix = async (path: string): Promise<RawMatrix> => {
  const { rows, columns } = await readParquet(path).catch((error: unknown) => {
    throw fileError(
      path,
      `The Parquet file cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      "a Parquet file written whole",
      "write it again"
    )
  })
  return matrixOfColumns(path, rows, columns)
}

/** Shared with Arrow: chooses the key column and the numbers among named columns. */
export const matrixOfColumns = (
  path: string,
  rows: number,
  columns: ReadonlyMap<string, Cells>
): RawMatrix => {
  if (rows === 0) throw fileError(path, "The file has no rows.", "at least one row")
  const names = [...columns.keys()]
  const keyName =
    names.find((name) => name === "key" && isText(columns.get(name)!)) ??
    names.find((name) => isText(columns.get(name)!))
  const keys = keyName === undefined ? null : Array.from(columns.get(keyName)! as ArrayLike<string>)
  const lists = names.filter((name) => isList(columns.get(name)!) || isBytes(columns.get(name)!))
  if (lists.length === 1) return ofLists(path, keys, columns.get(lists[0]!)!, lists[0]!)
  const numeric = names.filter((name) => isNumeric(columns.get(name)!))
  if (lists.length > 1 || numeric.length === 0) {
    throw fileError(
      path,
      `The columns are ${names.map((name) => `'${name}'`).join(", ")}; ${lists.length > 1 ? `${lists.length} of them are lists` : "none of them is numeric"}.`,
      "a text column of keys and one column of lists, or numeric columns only"
    )
  }
  const data = new Float64Array(rows * numeric.length)
  numeric.forEach((name, j) => {
    const cells = columns.get(name)!
    for (let i = 0; i < rows; i++)
      data[i * numeric.length + j] = cells[i] === null ? Number.NaN : Number(cells[i])
  })
  return { keys, rows, dims: numeric.length, data }
}

const ofLists = (path: string, keys: ReadonlyArray<string> | null, cells: Cells, name: string): RawMatrix => {
  const rows = cells.length
  const vectors = Array.from(cells as ArrayLike<ArrayLike<number> | Uint8Array | null>, (cell) =>
    cell instanceof Uint8Array ? new Float32Array(cell.slice().buffer, 0, cell.byteLength >> 2) : cell
  )
  const dims = vectors[0]?.length ?? 0
  const ragged = vectors.findIndex((vector) => vector === null || vector.length !== dims)
  if (ragged >= 0) {
    throw fileError(
      path,
      `Row ${ragged} of column '${name}' has ${vectors[ragged]?.length ?? 0} numbers and row 0 has ${dims}.`,
      "lists of equal length"
    )
  }
  const single = vectors[0] instanceof Float32Array
  const data = single ? new Float32Array(rows * dims) : new Float64Array(rows * dims)
  vectors.forEach((vector, i) => {
    for (let j = 0; j < dims; j++) data[i * dims + j] = Number(vector![j])
  })
  return { keys, rows, dims, data }
}

/** Keys and one column of float lists. */
export const writeParquetMatrix = async (
  keys: ReadonlyArray<string>,
  dims: number,
  data: Float32Array | Float64Array
): Promise<ReadonlyArray<Uint8Array>> => {
  const { writeColumns } = await import("../codecs/parquet/write.ts")
  const lists = keys.map((_, i) => Array.from(data.subarray(i * dims, (i + 1) * dims)))
  const type = data instanceof Float32Array ? "FLOAT" : "DOUBLE"
  return writeColumns(
    [
      { name: "key", data: [...keys], type: "STRING", nullable: false },
      { name: "values", data: lists, ...listSchema(type) }
    ],
    keys.length
  )
}

/** The writer infers a LIST from arrays; the element type is given where it can be. */
const listSchema = (_type: "FLOAT" | "DOUBLE") => ({}) as const
