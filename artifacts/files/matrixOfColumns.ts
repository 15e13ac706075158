/** For Arrow until its reader has a rule of its own. */
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
