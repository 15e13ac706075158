/** Parquet as hyparquet reads it, a column at a time: for files with a column or compression that DuckDB does not read. */
import { readFileSync } from "node:fs"
import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet"
import { compressors } from "hyparquet-compressors"
import type { SchemaElement } from "hyparquet"
import type { ReferenceColumn } from "../compareFiles.ts"

/** hyparquet multiplies decimals by a power of ten that is no double: 1003.858 becomes 1003.8580000000001. */
const decimal = (cell: unknown, { converted_type, scale }: SchemaElement): unknown =>
  typeof cell === "number" && converted_type === "DECIMAL" ? Number(cell.toFixed(scale)) : cell

export const hyparquetColumns = async (path: string): Promise<ReadonlyArray<ReferenceColumn>> => {
  const bytes = readFileSync(path)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const columns: Array<ReferenceColumn> = []
  for (const { element } of parquetSchema(parquetMetadata(file)).children) {
    try {
      const rows = await parquetReadObjects({ file, compressors, columns: [element.name] })
      const cells = rows.map((row): unknown => row[element.name])
      columns.push({ name: element.name, cells: cells.map((cell) => decimal(cell, element)) })
    } catch {
      // A column that it does not read can be none of ours either.
    }
  }
  return columns
}
