/**
 * A matrix in an Arrow IPC file or stream (`.arrow`, `.feather`, `.ipc`), plain or compressed with LZ4 or zstd, as
 * pyarrow, pandas and polars write it.
 */
import type { Vector } from "apache-arrow"
import type { RawMatrix } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"
import { readWhole } from "./npy.ts"
import { matrixOfColumns } from "./parquetMatrix.ts"

export const readArrowMatrix = async (path: string): Promise<RawMatrix> => {
  const { DataType, tableFromIPC } = await loadArrow()
  const bytes = readWhole(path)
  const table = (() => {
    try {
      return tableFromIPC(bytes)
    } catch (error) {
      throw fileError(
        path,
        `The Arrow file cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        "an Arrow IPC file or stream, written whole",
        "write it again, or as Parquet"
      )
    }
  })()
  if (table.schema.fields.length === 0 || table.numRows === 0) {
    throw fileError(path, "The Arrow file holds no rows.", "an Arrow IPC file with at least one row")
  }
  const columns = new Map<string, ArrayLike<unknown>>()
  for (const field of table.schema.fields) {
    const vector = table.getChild(field.name)!
    columns.set(
      field.name,
      DataType.isFixedSizeList(field.type) || DataType.isList(field.type) ? lists(vector) : cells(vector)
    )
  }
  return matrixOfColumns(path, table.numRows, columns)
}

/** apache-arrow has a place for decompressors and brings none. */
const loadArrow = async () => {
  const [arrow, { decompressZstd }, { decodeLz4Frames }] = await Promise.all([
    import("apache-arrow"),
    import("hyparquet-compressors"),
    import("./lz4Frame.ts")
  ])
  arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, { decode: decodeLz4Frames })
  arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { decode: (bytes) => decompressZstd(bytes) })
  return arrow
}

const cells = (vector: Vector): ArrayLike<unknown> =>
  Array.from({ length: vector.length }, (_, i): unknown => vector.get(i))

const lists = (vector: Vector): ArrayLike<unknown> =>
  Array.from({ length: vector.length }, (_, i): unknown => {
    const item = vector.get(i) as Vector | null
    return item === null ? null : item.toArray()
  })
