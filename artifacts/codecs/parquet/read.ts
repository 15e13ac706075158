/** Parquet to columns, with hyparquet; every compression that Parquet names can be read. */
import type { AsyncBuffer } from "hyparquet"
import * as fs from "node:fs/promises"

export interface ParquetColumns {
  readonly rows: number
  /** Cells by column name; null where a cell is null. */
  readonly columns: ReadonlyMap<string, ArrayLike<unknown>>
}

/** Reads the named columns that exist (all of them by default). Throws what hyparquet throws for a malformed file. */
export const readParquet = async (path: string, names?: ReadonlyArray<string>): Promise<ParquetColumns> => {
  const [hyparquet, { parquetReadColumn }, { compressors }] = await Promise.all([
    import("hyparquet"),
    import("hyparquet/src/read.js"),
    import("hyparquet-compressors")
  ])
  const handle = await fs.open(path, "r")
  try {
    const file = await asyncBuffer(handle)
    const metadata = await hyparquet.parquetMetadataAsync(file)
    const present = metadata.schema.length === 0 ? [] : hyparquet.parquetSchema(metadata).children
    const wanted = present
      .map((child) => child.element.name)
      .filter((name) => names === undefined || names.includes(name))
    const rows = Number(metadata.num_rows)
    const columns = new Map<string, ArrayLike<unknown>>()
    for (const name of wanted)
      columns.set(
        name,
        rows === 0
          ? []
          : await parquetReadColumn({
              file,
              metadata,
              compressors,
              // Bytes without a text annotation stay bytes: packed floats, not text.
              utf8: false,
              columns: [name],
              rowStart: 0,
              rowEnd: rows
            })
      )
    return { rows, columns }
  } finally {
    await handle.close()
  }
}

const asyncBuffer = async (handle: fs.FileHandle): Promise<AsyncBuffer> => {
  const byteLength = (await handle.stat()).size
  return {
    byteLength,
    slice: async (start, end = byteLength) => {
      const bytes = new Uint8Array(Math.max(0, end - start))
      let done = 0
      while (done < bytes.byteLength) {
        const { bytesRead } = await handle.read(bytes, done, bytes.byteLength - done, start + done)
        if (bytesRead === 0) throw new RangeError("the file ends too early")
        done += bytesRead
      }
      return bytes.buffer
    }
  }
}
