/** Columns to Parquet bytes (zstd). The libraries are loaded on the first call. */
import type { ColumnSource, ParquetWriteOptions } from "hyparquet-writer"
import type { ColumnType } from "../../../schemas/Table.ts"
import { loadZstd } from "./zstd.ts"

export interface ParquetColumn {
  readonly name: string
  readonly type: ColumnType
  readonly cells: ReadonlyArray<string | number | boolean | null>
}

const rowGroup = 100_000
const level = 3

const basicTypes = { utf8: "STRING", float64: "DOUBLE", int32: "INT32", boolean: "BOOLEAN" } as const

/** The file's bytes, in order. */
export const writeParquet = async (
  columns: ReadonlyArray<ParquetColumn>,
  rows: number
): Promise<ReadonlyArray<Uint8Array>> => {
  const columnData = columns.map(({ name, type, cells }): ColumnSource => {
    const nullable = type.endsWith("?")
    const base = (nullable ? type.slice(0, -1) : type) as keyof typeof basicTypes
    return { name, data: cells as Array<unknown>, type: basicTypes[base], nullable }
  })
  return writeColumns(columnData, rows)
}

/** As `writeParquet`, for columns that are described in hyparquet-writer's own terms. */
export const writeColumns = async (
  columnData: Array<ColumnSource>,
  rows: number
): Promise<ReadonlyArray<Uint8Array>> => {
  const [{ parquetWriteBuffer }, compressors] = await Promise.all([
    import("hyparquet-writer"),
    zstdCompressors()
  ])
  const buffer = parquetWriteBuffer({
    columnData,
    codec: "ZSTD",
    compressors,
    rowGroupSize: Math.max(1, Math.min(rowGroup, rows)),
    createdBy: "asterism"
  })
  return [new Uint8Array(buffer)]
}

/** What hyparquet-writer needs to write zstd. */
export const zstdCompressors = async (): Promise<ParquetWriteOptions["compressors"] & {}> => {
  const { compress } = await loadZstd()
  return { ZSTD: (bytes) => compress(bytes, level) }
}
