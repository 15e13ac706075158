/**
 * A matrix in Parquet, in the forms people write: a text column of keys and either one column of lists, or one column of
 * bytes (packed float32, little-endian), or one numeric column for each dimension.
 */
import type { SchemaElement } from "hyparquet-writer"
import { readParquet } from "../codecs/parquet/read.ts"
import { zstdCompressors } from "../codecs/parquet/write.ts"
import type { RawMatrix } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

type Cells = ArrayLike<unknown>

/** The first cell that is not null tells a column's type. */
const sample = (cells: Cells): unknown => {
  for (let i = 0; i < cells.length; i++) if (cells[i] !== null && cells[i] !== undefined) return cells[i]
  return undefined
}
const isText = (cells: Cells): boolean => typeof sample(cells) === "string"
const isNumeric = (cells: Cells): boolean => ["number", "bigint"].includes(typeof sample(cells))
const isList = (cells: Cells): boolean => {
  const cell = sample(cells)
  return Array.isArray(cell) || (ArrayBuffer.isView(cell) && !(cell instanceof Uint8Array))
}
const isBytes = (cells: Cells): boolean => sample(cells) instanceof Uint8Array

/** Names that hold keys also when they hold integers; the last is pandas' name for an index. */
const keyNames = new Set(["key", "id", "index", "__index_level_0__"])

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
    names.find((name) => keyNames.has(name.toLowerCase()) && isKey(columns.get(name)!)) ??
    names.find((name) => isText(columns.get(name)!))
  const keys = keyName === undefined ? null : keysOf(path, keyName, columns.get(keyName)!)
  const others = names.filter((name) => name !== keyName)
  const lists = others.filter((name) => isList(columns.get(name)!) || isBytes(columns.get(name)!))
  if (lists.length === 1) return ofLists(path, keys, columns.get(lists[0]!)!, lists[0]!)
  const numeric = others.filter((name) => isNumeric(columns.get(name)!))
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

const isKey = (cells: Cells): boolean => isText(cells) || Number.isInteger(Number(sample(cells)))

const keysOf = (path: string, name: string, cells: Cells): ReadonlyArray<string> =>
  Array.from(cells, (cell, row) => {
    if (cell === null || cell === undefined)
      throw fileError(path, `Row ${row} of column '${name}' holds no key.`, "a key in each row")
    return String(cell)
  })

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

/** Entries of a row group: lists are built row by row in memory, a group at a time. */
const groupEntries = 1 << 20

/** Keys (`key`) and one column of float lists (`values`), in row groups so that memory is bounded. */
export const writeParquetMatrix = async (
  path: string,
  keys: ReadonlyArray<string>,
  dims: number,
  data: Float32Array | Float64Array
): Promise<void> => {
  const [{ fileWriter, ParquetWriter }, compressors] = await Promise.all([
    import("hyparquet-writer"),
    zstdCompressors()
  ])
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: listSchema(data instanceof Float32Array ? "FLOAT" : "DOUBLE"),
    codec: "ZSTD",
    compressors,
    createdBy: "asterism"
  })
  const step = Math.max(1, Math.floor(groupEntries / dims))
  for (let start = 0; start < keys.length; start += step) {
    const group = keys.slice(start, start + step)
    const lists = group.map((_, i) => Array.from(data.subarray((start + i) * dims, (start + i + 1) * dims)))
    await writer.write({
      columnData: [
        { name: "key", data: group },
        { name: "values", data: lists, encoding: "PLAIN" }
      ],
      rowGroupSize: step
    })
  }
  await writer.finish()
}

const listSchema = (type: "FLOAT" | "DOUBLE"): Array<SchemaElement> => [
  { name: "root", num_children: 2 },
  { name: "key", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
  { name: "values", repetition_type: "REQUIRED", num_children: 1, converted_type: "LIST" },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", type, repetition_type: "REQUIRED" }
]
