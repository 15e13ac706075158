/** Parquet and CSV as DuckDB reads them. */
import { DuckDBInstance, DuckDBDecimalValue, DuckDBListValue } from "@duckdb/node-api"
import type { ReferenceColumn } from "../compareFiles.ts"

const select = async (from: string): Promise<ReadonlyArray<ReferenceColumn>> => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect()
  const result = await connection.runAndReadAll(`select * from ${from}`)
  const names = result.columnNames()
  return result.getColumns().map((cells, i) => ({ name: names[i]!, cells: cells.map(plain) }))
}

const plain = (cell: unknown): unknown =>
  cell instanceof DuckDBListValue
    ? cell.items.map(plain)
    : cell instanceof DuckDBDecimalValue
      ? Number(cell.toString())
      : cell

const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`

export const parquetColumns = (path: string): Promise<ReadonlyArray<ReferenceColumn>> =>
  select(`read_parquet(${quoted(path)})`)

/** Every cell as text, then as the number that the text says. */
export const csvColumns = async (path: string): Promise<ReadonlyArray<ReferenceColumn>> => {
  const columns = await select(
    `read_csv(${quoted(path)}, delim = ',', quote = '"', escape = '"', header = true, all_varchar = true, auto_detect = false, columns = ${await csvHeader(path)})`
  )
  return columns.flatMap(({ name, cells }) => [
    { name, cells },
    {
      name,
      cells: cells.map((cell) => (typeof cell === "string" && cell.trim() !== "" ? Number(cell) : null))
    }
  ])
}

const csvHeader = async (path: string): Promise<string> => {
  const { readFileSync } = await import("node:fs")
  const header = readFileSync(path, "utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)[0]!
    .split(",")
  return `{${header.map((_, i) => `'c${i}': 'varchar'`).join(", ")}}`
}
