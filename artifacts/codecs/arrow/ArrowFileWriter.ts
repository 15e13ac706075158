/**
 * Writes an Arrow IPC file (Arrow columnar format 1.x, metadata version V5), one record batch at a time.
 *
 * Only the small flatbuffers metadata is built here, with the `flatbuffers` library; column buffers go to the sink as
 * they are, without a copy. Every buffer starts at a multiple of 64 bytes in the file, so that readers may map it.
 */
import { Builder, type Offset } from "flatbuffers"
import type { Sink } from "../Codec.ts"
import { type ArrowField, type ArrowType, headerCodes, magic, metadataVersion, typeCodes } from "./fields.ts"

const alignment = 64
const padded = (length: number): number => Math.ceil(length / alignment) * alignment
const zeros = new Uint8Array(alignment)

interface Block {
  readonly offset: number
  readonly metadataLength: number
  readonly bodyLength: number
}

export class ArrowFileWriter {
  readonly #sink: Sink
  readonly #fields: ReadonlyArray<ArrowField>
  readonly #metadata: ReadonlyArray<readonly [string, string]>
  readonly #blocks: Array<Block> = []

  constructor(
    sink: Sink,
    fields: ReadonlyArray<ArrowField>,
    metadata: { readonly [key: string]: string } = {}
  ) {
    this.#sink = sink
    this.#fields = fields
    this.#metadata = Object.entries(metadata)
    sink.write(padTo(Buffer.from(magic, "latin1"), alignment))
    const builder = new Builder(1024)
    this.#message(builder, headerCodes.schema, schemaTable(builder, fields, this.#metadata), 0)
  }

  /**
   * Appends a record batch of `rows` rows. `nodes` holds the length of every column in depth-first order, `buffers` the
   * buffers in the order of Arrow's layout (an empty one where a column has no nulls).
   */
  batch(rows: number, nodes: ReadonlyArray<number>, buffers: ReadonlyArray<Uint8Array>): void {
    const builder = new Builder(1024)
    const bodyLength = buffers.reduce((total, buffer) => total + padded(buffer.byteLength), 0)
    const header = recordBatchTable(builder, rows, nodes, buffers)
    const offset = this.#sink.position
    const metadataLength = this.#message(builder, headerCodes.recordBatch, header, bodyLength)
    for (const buffer of buffers) {
      if (buffer.byteLength === 0) continue
      this.#sink.write(buffer)
      const rest = padded(buffer.byteLength) - buffer.byteLength
      if (rest > 0) this.#sink.write(zeros.subarray(0, rest))
    }
    this.#blocks.push({ offset, metadataLength, bodyLength })
  }

  /** Writes the end mark and the footer. */
  finish(): void {
    this.#sink.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0))
    const builder = new Builder(1024 + 24 * this.#blocks.length)
    const schema = schemaTable(builder, this.#fields, this.#metadata)
    builder.startVector(24, this.#blocks.length, 8)
    for (const block of this.#blocks.toReversed()) {
      builder.prep(8, 24)
      builder.writeInt64(BigInt(block.bodyLength))
      builder.pad(4)
      builder.writeInt32(block.metadataLength)
      builder.writeInt64(BigInt(block.offset))
    }
    const batches = builder.endVector()
    builder.startVector(24, 0, 8)
    const dictionaries = builder.endVector()
    builder.startObject(5)
    builder.addFieldInt16(0, metadataVersion, 0)
    builder.addFieldOffset(1, schema, 0)
    builder.addFieldOffset(2, dictionaries, 0)
    builder.addFieldOffset(3, batches, 0)
    builder.finish(builder.endObject())
    const footer = builder.asUint8Array()
    const tail = Buffer.alloc(4 + magic.length)
    tail.writeInt32LE(footer.byteLength, 0)
    tail.write(magic, 4, "latin1")
    this.#sink.write(footer)
    this.#sink.write(tail)
  }

  /** Wraps a header in a message and writes it with its prefix; returns the length of both, padding included. */
  #message(builder: Builder, headerType: number, header: Offset, bodyLength: number): number {
    builder.startObject(5)
    builder.addFieldInt16(0, metadataVersion, 0)
    builder.addFieldInt8(1, headerType, 0)
    builder.addFieldOffset(2, header, 0)
    builder.addFieldInt64(3, BigInt(bodyLength), 0n)
    builder.finish(builder.endObject())
    const message = builder.asUint8Array()
    const total = padded(8 + message.byteLength)
    const bytes = Buffer.alloc(total)
    bytes.writeUInt32LE(0xffffffff, 0)
    bytes.writeInt32LE(total - 8, 4)
    bytes.set(message, 8)
    this.#sink.write(bytes)
    return total
  }
}

const padTo = (bytes: Uint8Array, length: number): Uint8Array => {
  const out = new Uint8Array(length)
  out.set(bytes)
  return out
}

// --- flatbuffers tables --------------------------------------------------------------------------------------------

const schemaTable = (
  builder: Builder,
  fields: ReadonlyArray<ArrowField>,
  metadata: ReadonlyArray<readonly [string, string]>
): Offset => {
  const fieldVector = offsetVector(
    builder,
    fields.map((field) => fieldTable(builder, field))
  )
  const pairs = metadata.map(([key, value]) => {
    const keyText = builder.createString(key)
    const valueText = builder.createString(value)
    builder.startObject(2)
    builder.addFieldOffset(0, keyText, 0)
    builder.addFieldOffset(1, valueText, 0)
    return builder.endObject()
  })
  const pairVector = offsetVector(builder, pairs)
  builder.startObject(4)
  builder.addFieldInt16(0, 0, 0) // little-endian
  builder.addFieldOffset(1, fieldVector, 0)
  builder.addFieldOffset(2, pairVector, 0)
  return builder.endObject()
}

const fieldTable = (builder: Builder, field: ArrowField): Offset => {
  const name = builder.createString(field.name)
  const child = "child" in field.type ? [fieldTable(builder, field.type.child)] : []
  const children = offsetVector(builder, child)
  const [code, type] = typeTable(builder, field.type)
  builder.startObject(7)
  builder.addFieldOffset(0, name, 0)
  builder.addFieldInt8(1, field.nullable ? 1 : 0, 0)
  builder.addFieldInt8(2, code, 0)
  builder.addFieldOffset(3, type, 0)
  builder.addFieldOffset(5, children, 0)
  return builder.endObject()
}

const typeTable = (builder: Builder, type: ArrowType): readonly [number, Offset] => {
  switch (type.type) {
    case "float":
      builder.startObject(1)
      builder.addFieldInt16(0, type.bits === 32 ? 1 : 2, 0)
      return [typeCodes.float, builder.endObject()]
    case "int":
      builder.startObject(2)
      builder.addFieldInt32(0, type.bits, 0)
      builder.addFieldInt8(1, type.signed ? 1 : 0, 0)
      return [typeCodes.int, builder.endObject()]
    case "fixedSizeList":
      builder.startObject(1)
      builder.addFieldInt32(0, type.size, 0)
      return [typeCodes.fixedSizeList, builder.endObject()]
    case "utf8":
    case "largeUtf8":
    case "list":
    case "largeList":
      builder.startObject(0)
      return [typeCodes[type.type], builder.endObject()]
    default:
      throw new Error(`Arrow type ${type.type} is not written`)
  }
}

const offsetVector = (builder: Builder, offsets: ReadonlyArray<Offset>): Offset => {
  builder.startVector(4, offsets.length, 4)
  for (const offset of offsets.toReversed()) builder.addOffset(offset)
  return builder.endVector()
}

const recordBatchTable = (
  builder: Builder,
  rows: number,
  nodes: ReadonlyArray<number>,
  buffers: ReadonlyArray<Uint8Array>
): Offset => {
  builder.startVector(16, nodes.length, 8)
  for (const length of nodes.toReversed()) {
    builder.prep(8, 16)
    builder.writeInt64(0n) // no nulls
    builder.writeInt64(BigInt(length))
  }
  const nodeVector = builder.endVector()
  const starts: Array<number> = []
  let start = 0
  for (const buffer of buffers) {
    starts.push(start)
    start += padded(buffer.byteLength)
  }
  builder.startVector(16, buffers.length, 8)
  for (let i = buffers.length - 1; i >= 0; i--) {
    builder.prep(8, 16)
    builder.writeInt64(BigInt(buffers[i].byteLength))
    builder.writeInt64(BigInt(starts[i]))
  }
  const bufferVector = builder.endVector()
  builder.startObject(5)
  builder.addFieldInt64(0, BigInt(rows), 0n)
  builder.addFieldOffset(1, nodeVector, 0)
  builder.addFieldOffset(2, bufferVector, 0)
  return builder.endObject()
}
