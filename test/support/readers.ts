/** Readers over values in memory: what a stage would get from the store, without a store. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type {
  FileReader,
  FileValue,
  JsonReader,
  Kind,
  MatrixReader,
  MatrixValue,
  ReaderOf,
  SparseReader,
  SparseValue,
  TableReader,
  TensorsReader,
  TensorsValue,
  ValueOf
} from "../../schemas/Kind.ts"
import type { Matrix, SparseRows } from "../../schemas/Matrix.ts"
import type { Columns, Row } from "../../schemas/Table.ts"

/** Rows a block holds: small, so that tests cross block borders. */
const BLOCK_ROWS = 7

/** A matrix value in memory, whether it was returned whole or in blocks. */
export const wholeMatrix = (value: MatrixValue): Effect.Effect<Matrix> =>
  "data" in value
    ? Effect.succeed(value)
    : Effect.map(Effect.orDie(Stream.runCollect(value.blocks)), (blocks) => {
        const keys = blocks.flatMap((block) => [...block.keys])
        const length = keys.length * value.dims
        const data = value.precision === "float32" ? new Float32Array(length) : new Float64Array(length)
        let at = 0
        for (const block of blocks) {
          data.set(block.data, at)
          at += block.data.length
        }
        return { keys, dims: value.dims, data }
      })

/** A sparse value in memory, whether it was returned whole or in blocks. */
export const wholeSparse = (value: SparseValue): Effect.Effect<SparseRows> =>
  "indptr" in value
    ? Effect.succeed(value)
    : Effect.map(Effect.orDie(Stream.runCollect(value.blocks)), (blocks) => {
        const indptr = [0]
        for (const block of blocks) {
          const start = indptr[indptr.length - 1]
          for (let i = 1; i < block.indptr.length; i++) indptr.push(start + block.indptr[i])
        }
        const rows = {
          keys: blocks.flatMap((block) => [...block.keys]),
          dims: value.dims,
          indptr: Float64Array.from(indptr),
          indices: Uint32Array.from(blocks.flatMap((block) => [...block.indices]))
        }
        return value.binary
          ? rows
          : { ...rows, values: Float32Array.from(blocks.flatMap((block) => [...(block.values ?? [])])) }
      })

const matrixReader = (matrix: Matrix): MatrixReader => {
  const starts = Array.from({ length: Math.ceil(matrix.keys.length / BLOCK_ROWS) }, (_, i) => i * BLOCK_ROWS)
  return {
    rows: matrix.keys.length,
    dims: matrix.dims,
    precision: matrix.data instanceof Float32Array ? "float32" : "float64",
    read: Effect.succeed(matrix),
    readFloat32: Effect.sync(() => ({ ...matrix, data: Float32Array.from(matrix.data) })),
    keys: Effect.succeed(matrix.keys),
    blocks: Stream.fromIterable(
      starts.map((start) => ({
        start,
        keys: matrix.keys.slice(start, start + BLOCK_ROWS),
        dims: matrix.dims,
        data: matrix.data.subarray(start * matrix.dims, (start + BLOCK_ROWS) * matrix.dims)
      }))
    )
  }
}

const sparseReader = (rows: SparseRows): SparseReader => ({
  rows: rows.keys.length,
  dims: rows.dims,
  binary: rows.values === undefined,
  read: Effect.succeed(rows),
  blocks: Stream.succeed({ ...rows, start: 0 })
})

const fileReader = (value: FileValue, directory: string, name: string): FileReader => {
  const path = "path" in value ? value.path : join(directory, name)
  if (!("path" in value)) writeFileSync(path, "bytes" in value ? value.bytes : value.text)
  return {
    path,
    bytes: Effect.sync(() => new Uint8Array(readFileSync(path))),
    text: Effect.sync(() => readFileSync(path, "utf8"))
  }
}

/** A reader over a value of the given kind; files are written into `directory`. */
export const readerOf = <K extends Kind>(
  kind: K,
  value: ValueOf<K>,
  directory: string,
  name: string
): Effect.Effect<ReaderOf<K>> => {
  const as = (reader: unknown) => reader as ReaderOf<K>
  switch (kind.format) {
    case "matrix":
      return Effect.map(wholeMatrix(value as MatrixValue), (matrix) => as(matrixReader(matrix)))
    case "sparse":
      return Effect.map(wholeSparse(value as SparseValue), (rows) => as(sparseReader(rows)))
    case "table": {
      const rows = value as ReadonlyArray<Row<Columns>>
      const table: TableReader<Columns> = {
        rows: rows.length,
        read: Effect.succeed({ columns: kind.columns ?? {}, rows })
      }
      return Effect.succeed(as(table))
    }
    case "tensors": {
      const tensors: TensorsReader = { read: Effect.succeed({ metadata: {}, ...(value as TensorsValue) }) }
      return Effect.succeed(as(tensors))
    }
    case "json": {
      const json: JsonReader<unknown> = { read: Effect.succeed(value) }
      return Effect.succeed(as(json))
    }
    case "file":
      return Effect.sync(() => as(fileReader(value as FileValue, directory, name)))
  }
}
