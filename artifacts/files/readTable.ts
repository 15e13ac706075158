/** Reads a user's table (`.csv`, `.tsv`, `.parquet`) as rows of a kind's columns; other columns are left out. */
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { extname, resolve } from "node:path"
import type { InputError } from "../../schemas/errors.ts"
import { own } from "../../schemas/named.ts"
import type { Columns, ColumnType, Row } from "../../schemas/Table.ts"
import { readParquet } from "../codecs/parquet/read.ts"
import { parquetError } from "./parquetError.ts"
import { inputError } from "./readMatrix.ts"
import { checkFile, fileError } from "./UserMatrix.ts"

interface Cells {
  readonly names: ReadonlyArray<string>
  readonly rows: number
  readonly cell: (name: string, row: number) => unknown
  /** How users find a row: csv lines count from 1 and include the header. */
  readonly place: (row: number) => string
}

export const readTable = <C extends Columns>(
  path: string,
  columns: C
): Effect.Effect<ReadonlyArray<Row<C>>, InputError> =>
  Effect.tryPromise({
    try: async () => {
      const full = resolve(path)
      checkFile(full)
      const extension = extname(path).toLowerCase()
      const cells =
        extension === ".parquet"
          ? await parquetCells(full, columns)
          : extension === ".csv" || extension === ".tsv"
            ? await textCells(full, extension)
            : undefined
      if (cells === undefined)
        throw fileError(
          path,
          `Tables are not read from '${extension}'.`,
          "csv, tsv or parquet",
          "convert the file"
        )
      const missing = Object.keys(columns).filter((name) => !cells.names.includes(name))
      if (missing.length > 0)
        throw fileError(
          path,
          `The table has no column ${missing.map((name) => `'${name}'`).join(", ")}; it has ${cells.names.join(", ")}.`,
          `the columns ${Object.keys(columns).join(", ")}`,
          "rename or add the columns"
        )
      return Array.from({ length: cells.rows }, (_, i) =>
        Object.fromEntries(
          Object.entries(columns).map(([name, type]) => [name, convert(path, type, name, cells, i)])
        )
      ) as unknown as ReadonlyArray<Row<C>>
    },
    catch: inputError(path)
  })

const parquetCells = async (path: string, wanted: Columns): Promise<Cells> => {
  const { rows, columns } = await readParquet(path, Object.keys(wanted)).catch((error: unknown) => {
    throw parquetError(path, error)
  })
  return {
    names: [...columns.keys()],
    rows,
    cell: (name, row) => columns.get(name)?.[row],
    place: (row) => `Row ${row}`
  }
}

const textCells = async (path: string, extension: string): Promise<Cells> => {
  const { dsvFormat } = await import("d3-dsv")
  const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "")
  const [header = [], ...rows] = dsvFormat(extension === ".tsv" ? "\t" : ",").parseRows(text)
  const ragged = rows.findIndex((cells) => cells.length !== header.length)
  if (ragged >= 0)
    throw fileError(
      path,
      `Line ${ragged + 2} has ${rows[ragged]!.length} cells and the header has ${header.length}.`,
      "the same number of cells in every line",
      "quote cells that contain the separator"
    )
  return {
    names: header,
    rows: rows.length,
    cell: (name, row) => rows[row]![header.indexOf(name)],
    place: (row) => `Line ${row + 2}`
  }
}

/** A cell as the column's type has it; an empty or absent cell is null. */
const convert = (path: string, type: ColumnType, name: string, cells: Cells, row: number): unknown => {
  const raw = cells.cell(name, row)
  const cell = raw === undefined || raw === "" ? null : raw
  const wrong = (expected: string) =>
    fileError(
      path,
      `${cells.place(row)}, column '${name}' holds ${cell === null ? "nothing" : `'${String(cell)}'`}.`,
      expected,
      "repair the cell or drop the row"
    )
  if (cell === null) {
    if (type.endsWith("?")) return null
    if (type === "utf8" && raw === "") return ""
    throw wrong(`a value of type ${type}`)
  }
  switch (type) {
    case "utf8":
    case "utf8?":
      return String(cell)
    case "boolean": {
      const value =
        typeof cell === "boolean" ? cell : own({ true: true, false: false }, String(cell).toLowerCase())
      if (value === undefined) throw wrong("true or false")
      return value
    }
    default: {
      const value = Number(cell)
      if (type === "float64?" && Number.isNaN(value) && /^[+-]?nan$/i.test(String(cell))) return null
      if (!Number.isFinite(value)) throw wrong("a finite number")
      if (type === "int32" && (value | 0) !== value) throw wrong("a 32-bit integer")
      return value
    }
  }
}
