/** Parquet as hyparquet reads it, a column at a time: for files with a column or compression that DuckDB does not read. */
import { readFileSync } from "node:fs"
import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet"
import { compressors } from "hyparquet-compressors"
import type { ReferenceColumn } from "../compareFiles.ts"

export const hyparquetColumns = async (path: string): Promise<ReadonlyArray<ReferenceColumn>> => {
  const bytes = readFileSync(path)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const columns: Array<ReferenceColumn> = []
  for (const { element } of parquetSchema(parquetMetadata(file)).children) {
    try {
      const rows = await parquetReadObjects({ file, compressors, columns: [element.name] })
      columns.push({ name: element.name, cells: rows.map((row) => row[element.name]) })
    } catch {
      // A column that it does not read can be none of ours either.
    }
  }
  return columns
}
