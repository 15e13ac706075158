/** Reads a user's table (`.csv`, `.tsv`, `.parquet`) as rows of a kind's columns; other columns are left out. */
import * as Effect from "effect/Effect"
import { extname, resolve } from "node:path"
import type { InputError } from "../../schemas/errors.ts"
import { own } from "../../schemas/named.ts"
import type { Columns, ColumnType, Row } from "../../schemas/Table.ts"
import { readParquet } from "../codecs/parquet/read.ts"
import { decimalOf, isExactInteger } from "./decimal.ts"
import { checkWidth, withRows } from "./delimited.ts"
import { checkFile, fileError } from "./fileError.ts"
import { parquetError } from "./parquetError.ts"
import { inputError } from "./readMatrix.ts"

type Cells = ReadonlyArray<Readonly<Record<string, unknown>>>

export const readTable = <C extends Columns>(
  path: string,
  columns: C
): Effect.Effect<ReadonlyArray<Row<C>>, InputError> =>
  Effect.tryPromise({
    try: async () => {
      const full = resolve(path)
      checkFile(full)
      const extension = extname(path).toLowerCase()
      if (extension === ".parquet")
        return (await parquetRows(full, columns)) as unknown as ReadonlyArray<Row<C>>
      if (extension === ".csv" || extension === ".tsv")
        return textRows(full, columns) as unknown as ReadonlyArray<Row<C>>
      throw fileError(
        path,
        `Tables are not read from '${extension}'.`,
        "csv, tsv or parquet",
        "convert the file"
      )
    },
    catch: inputError(path)
  })

/** Where each wanted column stands among the file's. */
const placesOf = (path: string, names: ReadonlyArray<string>, wanted: Columns): ReadonlyArray<number> => {
  const missing = Object.keys(wanted).filter((name) => !names.includes(name))
  if (missing.length > 0)
    throw fileError(
      path,
      `The table has no column ${missing.map((name) => `'${name}'`).join(", ")}; it has ${names.join(", ")}.`,
      `the columns ${Object.keys(wanted).join(", ")}`,
      "rename or add the columns"
    )
  return Object.keys(wanted).map((name) => {
    const place = names.indexOf(name)
    if (names.includes(name, place + 1))
      throw fileError(path, `Two columns have the name '${name}'.`, "a name of its own for each column")
    return place
  })
}

const parquetRows = async (path: string, wanted: Columns): Promise<Cells> => {
  const { rows, columns } = await readParquet(path, Object.keys(wanted)).catch((error: unknown) => {
    throw parquetError(path, error)
  })
  placesOf(path, [...columns.keys()], wanted)
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(
      Object.entries(wanted).map(([name, type]) => [
        name,
        convert(path, type, `Row ${row}, column '${name}'`, columns.get(name)?.[row])
      ])
    )
  )
}

const textRows = (path: string, wanted: Columns): Cells =>
  withRows(path, (rows, header) => {
    const places = placesOf(path, header, wanted)
    const columns = Object.entries(wanted)
    const result: Array<Readonly<Record<string, unknown>>> = []
    while (rows.next()) {
      checkWidth(rows, header.length)
      result.push(
        Object.fromEntries(
          columns.map(([name, type], k) => [
            name,
            convert(path, type, `Line ${rows.line}, column '${name}'`, rows.text(places[k]!))
          ])
        )
      )
    }
    return result
  })

/** A cell as the column's type has it; an empty or absent cell is null. */
const convert = (path: string, type: ColumnType, where: string, raw: unknown): unknown => {
  const cell = raw === undefined || raw === "" ? null : raw
  const wrong = (expected: string) =>
    fileError(
      path,
      `${where} holds ${cell === null ? "nothing" : isPlain(cell) ? `'${String(cell)}'` : "no plain value"}.`,
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
      if (!isPlain(cell)) throw wrong("text")
      return String(cell)
    case "boolean": {
      const value =
        typeof cell === "boolean" ? cell : own({ true: true, false: false }, String(cell).toLowerCase())
      if (value === undefined) throw wrong("true or false")
      return value
    }
    default: {
      if (type === "float64?" && isNaNCell(cell)) return null
      const value = numberOf(cell)
      if (!Number.isFinite(value)) throw wrong("a finite number")
      if (Math.abs(value) > 2 ** 53 && /^\s*[+-]?\d+\s*$/.test(String(cell)) && !isExactInteger(String(cell)))
        throw wrong("a whole number that double precision holds exactly")
      if (type === "int32" && (value | 0) !== value) throw wrong("a 32-bit integer")
      return value
    }
  }
}

const isPlain = (cell: unknown): boolean => ["string", "number", "bigint", "boolean"].includes(typeof cell)

const isNaNCell = (cell: unknown): boolean =>
  typeof cell === "string" ? /^\s*[+-]?nan\s*$/i.test(cell) : Number.isNaN(cell)

const numberOf = (cell: unknown): number =>
  typeof cell === "string"
    ? decimalOf(cell)
    : typeof cell === "number" || typeof cell === "bigint"
      ? Number(cell)
      : Number.NaN
