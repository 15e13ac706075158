/**
 * Tables as Parquet with zstd: one row group per 100,000 rows, the columns in the kind's order.
 *
 * Written with hyparquet-writer and the zstd of @bokuweb/zstd-wasm (the same bytes on every Node version, unlike Node's
 * own zstd, which 20 lacks), read with hyparquet. Chosen by measurement: bench/artifacts/README.md.
 *
 * A value that is NaN or infinite becomes null in a `float64?` column and is refused in a `float64` column.
 */
import * as fs from "node:fs/promises"
import * as Effect from "effect/Effect"
import { InputError } from "../../schemas/errors.ts"
import type { Kind, TableReader } from "../../schemas/Kind.ts"
import { own, setOwn } from "../../schemas/named.ts"
import type { Columns, ColumnType, Table } from "../../schemas/Table.ts"
import { corrupt, mismatch, unreadable, writeFailure } from "../failures.ts"
import type { Codec } from "./Codec.ts"
import { ParquetFault } from "./parquet/ParquetFault.ts"
import { readParquet } from "./parquet/read.ts"
import { writeParquet } from "./parquet/write.ts"
import { codecVersions } from "./versions.ts"

type Cell = string | number | boolean | null
type Rows = ReadonlyArray<{ readonly [name: string]: unknown }>

export const tableCodec: Codec = {
  format: "table",
  version: codecVersions.table,
  extension: () => "parquet",
  encode: Effect.fnUntraced(function* (kind, value, sink) {
    const columns = columnsOf(kind)
    const rows = value as Rows
    return yield* Effect.tryPromise({
      try: async () => {
        const data = Object.entries(columns).map(([name, type]) => ({
          name,
          type,
          cells: rows.map((row, i) => checkCell(kind.name, type, name, i, cellOf(row, name)))
        }))
        for (const part of await writeParquet(data, rows.length)) sink.write(part)
        return { rows: rows.length, dims: Object.keys(columns).length, layout: { ...columns } }
      },
      catch: writeFailure(kind.name)
    })
  }),
  open: (kind, path, facts) =>
    Effect.succeed({
      rows: facts.rows ?? 0,
      read: Effect.tryPromise({
        try: () => readTable(kind, path),
        catch: (error) => unreadable(path)(error)
      })
    } satisfies TableReader<Columns>)
}

/** Names of columns that every object inherits are looked up with care; the others fast. */
const cellOf = (row: Rows[number], name: string): unknown =>
  name in Object.prototype ? own(row, name) : row[name]

const columnsOf = (kind: Kind): Columns => kind.columns ?? {}

/** The value as it is stored; throws where it does not fit the column. */
const checkCell = (kind: string, type: ColumnType, column: string, row: number, value: unknown): Cell => {
  const wrong = (expected: string) =>
    mismatch(
      kind,
      `Row ${row} of ${kind} holds ${describe(value)} in column ${column}; expected ${expected}.`
    )
  switch (type) {
    case "utf8":
    case "utf8?":
      if (typeof value === "string" && value.isWellFormed()) return value
      if (type === "utf8?" && value === null) return null
      throw wrong("well-formed text")
    case "boolean":
      if (typeof value === "boolean") return value
      throw wrong("true or false")
    case "int32":
      if (typeof value === "number" && (value | 0) === value) return value | 0
      throw wrong("a 32-bit integer")
    case "float64":
    case "float64?":
      if (typeof value === "number" && Number.isFinite(value)) return value
      if (type === "float64?" && (value === null || typeof value === "number")) return null
      if (typeof value !== "number") throw wrong("a number")
      throw new InputError({
        what: `Row ${row} holds ${value} in column ${column}.`,
        where: kind,
        expected: "a finite number",
        next: "check the stage that computes it"
      })
  }
}

const describe = (value: unknown): string =>
  value === undefined ? "nothing" : typeof value === "object" ? JSON.stringify(value) : String(value)

const readTable = async (kind: Kind, path: string): Promise<Table> => {
  const columns = columnsOf(kind)
  await fs.access(path)
  const found = await readParquet(path, Object.keys(columns)).catch((error: unknown) => {
    if (error instanceof ParquetFault) throw corrupt(path, `its Parquet cannot be read (${error.message})`)
    throw error
  })
  const names = Object.keys(columns)
  for (const name of names)
    if (!found.columns.has(name))
      throw mismatch(path, `The table has no column ${name}, which ${kind.name} has.`)
  const rows = Array.from({ length: found.rows }, (_, i) => {
    const row: Record<string, Cell> = {}
    for (const name of names) setOwn(row, name, (found.columns.get(name)?.[i] ?? null) as Cell)
    return row
  })
  return { columns, rows } as Table
}
