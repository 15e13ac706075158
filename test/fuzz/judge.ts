/**
 * Reads accepted files again with DuckDB (Parquet), flechette and apache-arrow (Arrow) and a decoder of the test's own (safetensors): one
 * request a line on standard input, one answer a line.
 */
import * as fs from "node:fs"
import { createInterface } from "node:readline"
import type { Value } from "./targets.ts"

export interface Request {
  readonly input: number
  readonly target: string
  readonly path: string
  readonly value: string
}

export interface Verdict {
  readonly input: number
  readonly verdict: "same" | "differs" | "refuses"
  readonly detail: string
}

type Matrix = Extract<Value, { readonly type: "matrix" }>
type Cells = ReadonlyArray<unknown>

/** Whether a matrix is made of columns of a table, in their order: numbers, or one of lists; its keys are another column. */
const isOf = (columns: ReadonlyArray<Cells>, matrix: Matrix): boolean => {
  const { rows, dims, data, keys } = matrix
  if (columns.some((cells) => cells.length !== rows)) return false
  const list = columns.some((cells) =>
    cells.every(
      (cell, i) =>
        isList(cell) && cell.length === dims && cell.every((x, j) => Number(x) === data[i * dims + j])
    )
  )
  if (!list) {
    let at = 0
    for (let j = 0; j < dims; j++) {
      while (
        at < columns.length &&
        !columns[at]!.every((cell, i) => isNumber(cell) && Number(cell) === data[i * dims + j])
      )
        at++
      if (at++ === columns.length) return false
    }
  }
  return (
    keys === null ||
    columns.some((cells) => cells.every((cell, i) => cell !== null && String(cell) === keys[i]))
  )
}

const isNumber = (cell: unknown): boolean => typeof cell === "number" || typeof cell === "bigint"

const isList = (cell: unknown): cell is ReadonlyArray<unknown> =>
  Array.isArray(cell) || (ArrayBuffer.isView(cell) && !(cell instanceof DataView))

const parquet = async (): Promise<(path: string, matrix: Matrix) => Promise<boolean>> => {
  const { DuckDBInstance } = await import("@duckdb/node-api")
  const connection = await (
    await DuckDBInstance.create(":memory:", { memory_limit: "400MB", threads: "1" })
  ).connect()
  return async (path, matrix) => {
    const result = await connection.runAndReadAll(`from read_parquet('${path}')`)
    return isOf(result.getColumnsJS() as ReadonlyArray<Cells>, matrix)
  }
}

const arrow = async (): Promise<(path: string, matrix: Matrix) => Promise<boolean>> => {
  const flechette = await import("@uwdata/flechette")
  return async (path, matrix) => {
    const table = flechette.tableFromIPC(fs.readFileSync(path), { useBigInt: true })
    const columns = table.children.map((column: Iterable<unknown>) =>
      Array.from(column, (cell) => (isList(cell) ? Array.from(cell) : cell))
    )
    return isOf(columns, matrix)
  }
}

/** Compressed files, which flechette does not read. */
const feather = async (): Promise<(path: string, matrix: Matrix) => Promise<boolean>> => {
  const arrow = await import("apache-arrow")
  const { decompressZstd } = await import("hyparquet-compressors")
  const decode = (bytes: Uint8Array): Uint8Array => new Uint8Array(decompressZstd(bytes))
  arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { decode })
  return async (path, matrix) => {
    const table = arrow.tableFromIPC(fs.readFileSync(path))
    const columns = table.schema.fields.map((_, j) =>
      Array.from(table.getChildAt(j)!, (cell: unknown) => cell)
    )
    return isOf(columns, matrix)
  }
}

/** F32, F64, F16, BF16 and integers, from the format's description alone. */
const safetensors = (path: string, matrix: Matrix): boolean => {
  const bytes = fs.readFileSync(path)
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(
    new TextDecoder("utf8", { fatal: true }).decode(bytes.subarray(8, 8 + length))
  ) as {
    readonly [name: string]: {
      readonly dtype: string
      readonly shape: ReadonlyArray<number>
      readonly data_offsets: readonly [number, number]
    }
  }
  const half = (bits: number): number => {
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
    const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
    return bits & 0x8000 ? -size : size
  }
  const types: { readonly [dtype: string]: readonly [number, (at: number) => number] } = {
    F64: [8, (at) => bytes.readDoubleLE(at)],
    F32: [4, (at) => bytes.readFloatLE(at)],
    F16: [2, (at) => half(bytes.readUInt16LE(at))],
    BF16: [2, (at) => new Float32Array(Uint32Array.of(bytes.readUInt16LE(at) * 65536).buffer)[0]!],
    I64: [8, (at) => Number(bytes.readBigInt64LE(at))],
    U64: [8, (at) => Number(bytes.readBigUInt64LE(at))],
    I32: [4, (at) => bytes.readInt32LE(at)],
    U32: [4, (at) => bytes.readUInt32LE(at)],
    I16: [2, (at) => bytes.readInt16LE(at)],
    U16: [2, (at) => bytes.readUInt16LE(at)],
    I8: [1, (at) => bytes.readInt8(at)],
    U8: [1, (at) => bytes.readUInt8(at)],
    BOOL: [1, (at) => bytes.readUInt8(at)]
  }
  return Object.entries(header).some(([name, { dtype, shape, data_offsets: [start, end] = [0, 0] }]) => {
    const type = types[dtype]
    if (name === "__metadata__" || type === undefined || shape.length !== 2) return false
    const [size, read] = type
    const count = shape[0]! * shape[1]!
    if (end - start !== count * size || 8 + length + end > bytes.length) return false
    if (shape[0] !== matrix.rows || shape[1] !== matrix.dims) return false
    return Array.from({ length: count }, (_, i) => read(8 + length + start + i * size)).every(
      (x, i) => x === matrix.data[i]
    )
  })
}

export const judge = async (): Promise<void> => {
  const ask = { safetensors, parquet: await parquet(), arrow: await arrow(), feather: await feather() }
  for await (const line of createInterface({ input: process.stdin })) {
    const { input, target, path, value } = JSON.parse(line) as Request
    const answer = (verdict: Verdict["verdict"], detail = ""): void =>
      void fs.writeSync(1, `${JSON.stringify({ input, verdict, detail } satisfies Verdict)}\n`)
    try {
      const plain = JSON.parse(fs.readFileSync(value, "utf8")) as Matrix & {
        readonly data: ReadonlyArray<string>
      }
      const matrix: Matrix = { ...plain, data: plain.data.map(Number) }
      const judged = target === "stream" ? "arrow" : (target as keyof typeof ask)
      answer((await ask[judged](path, matrix)) ? "same" : "differs")
    } catch (error) {
      answer("refuses", error instanceof Error ? error.message.slice(0, 300) : String(error))
    }
  }
}
