/** A matrix to Parquet: keys (`key`) and one column of float lists (`values`). */
import type { SchemaElement } from "hyparquet-writer"
import { zstdCompressors } from "../codecs/parquet/write.ts"

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
