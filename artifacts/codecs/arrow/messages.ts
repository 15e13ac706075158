/**
 * The messages of Arrow's IPC format: a schema, a batch of rows, or a batch of a dictionary's values; where the buffers of
 * a batch lie, each checked to be inside its body. Throws `Malformed`. Source: Message.fbs of Apache Arrow.
 */
import { headerCodes, metadataVersion, oldMetadataVersion } from "./fields.ts"
import { type FlatTable, int64At, Malformed, rootTable } from "./flatTable.ts"
import { readMetadata } from "./schema.ts"

/** A run of bytes of the file. */
export interface Region {
  readonly offset: number
  readonly length: number
}

export interface Batch {
  readonly rows: number
  /** Length and null count of every column, depth first. */
  readonly nodes: ReadonlyArray<{ readonly length: number; readonly nulls: number }>
  readonly buffers: ReadonlyArray<Region>
  readonly compressed: boolean
  /** How each buffer is compressed. */
  readonly codec: "none" | "lz4" | "zstd"
  /** How many buffers of bytes each column of views has. */
  readonly variadic: ReadonlyArray<number>
  readonly version: number
}

export interface Message {
  readonly version: number
  /** One of `headerCodes`, or another number. */
  readonly header: number
  readonly table: FlatTable
  readonly bodyLength: number
}

export const readMessage = (metadata: Uint8Array): Message => {
  const message = rootTable(metadata)
  const version = message.int16(0)
  if (version !== metadataVersion && version !== oldMetadataVersion)
    throw new Malformed(`its metadata are of version V${version + 1}; V4 and V5 are read`)
  const table = message.table(2)
  if (table === undefined) throw new Malformed("a message has no header")
  const bodyLength = message.int64(3)
  if (bodyLength < 0) throw new Malformed("a message has a negative length")
  if (readMetadata(message, 4)["ARROW:experimental_compression"] !== undefined)
    throw new Malformed("it is compressed in the way that pyarrow 0.17 tried out, which is not read")
  return { version, header: message.int8(1), table, bodyLength }
}

/** The batch of a message of rows. */
export const readRecordBatch = (message: Message, body: Region): Batch => {
  if (message.header !== headerCodes.recordBatch) throw new Malformed("a record batch has another header")
  return readBatch(message.table, body, message.version)
}

export interface DictionaryBatch {
  readonly id: number
  /** Whether the values are added to those there are. */
  readonly delta: boolean
  readonly batch: Batch
}

export const readDictionaryBatch = (message: Message, body: Region): DictionaryBatch => {
  if (message.header !== headerCodes.dictionaryBatch)
    throw new Malformed("a dictionary batch has another header")
  const data = message.table.table(1)
  if (data === undefined) throw new Malformed("a dictionary batch has no values")
  return {
    id: message.table.int64(0),
    delta: message.table.int8(2) !== 0,
    batch: readBatch(data, body, message.version)
  }
}

/** Every length is compared with the bytes there are, so that whoever reads may allocate what it says. */
const readBatch = (table: FlatTable, body: Region, version: number): Batch => {
  const rows = table.int64(0)
  if (rows < 0) throw new Malformed(`a record batch has ${rows} rows`)
  const codec = codecOf(table.table(3))
  return {
    rows,
    nodes: Array.from(pairs(table, 1), ([length, nulls]) => {
      if (length < 0 || nulls < 0 || nulls > length)
        throw new Malformed(`a column says that ${nulls} of its ${length} values are null`)
      return { length, nulls }
    }),
    buffers: Array.from(pairs(table, 2), ([offset, length]) => {
      if (offset < 0 || length < 0 || offset + length > body.length)
        throw new Malformed("a buffer lies outside its record batch")
      if (offset % 8 !== 0 && length > 0)
        throw new Malformed("a buffer does not start at a multiple of 8 bytes")
      return { offset: body.offset + offset, length }
    }),
    compressed: codec !== "none",
    codec,
    variadic: Array.from(numbers(table, 4), (count) => {
      if (count < 0) throw new Malformed("a column has a negative number of buffers")
      return count
    }),
    version
  }
}

const codecOf = (table: FlatTable | undefined): Batch["codec"] => {
  if (table === undefined) return "none"
  const codec = (["lz4", "zstd"] as const)[table.int8(0)]
  if (codec === undefined || table.int8(1) !== 0)
    throw new Malformed("it is compressed in an unknown way; LZ4 and zstd are read")
  return codec
}

function* pairs(table: FlatTable, field: number): Generator<readonly [number, number]> {
  const { view, count } = table.structs(field, 16)
  for (let i = 0; i < count; i++) yield [int64At(view, 16 * i), int64At(view, 16 * i + 8)]
}

function* numbers(table: FlatTable, field: number): Generator<number> {
  const { view, count } = table.structs(field, 8)
  for (let i = 0; i < count; i++) yield int64At(view, 8 * i)
}
