/**
 * Arrow IPC streams and files from a description, for types and faults that no writer at hand makes. Independent of the
 * reader: flatbuffers by the library of that name, numbers from Arrow's Schema.fbs and Message.fbs.
 */
import { Builder, type Offset } from "flatbuffers"

export interface TestField {
  readonly name: string
  /** The number in the `Type` union, and the type's own fields. */
  readonly code: number
  readonly type?: (builder: Builder) => void
  readonly children?: ReadonlyArray<TestField>
  readonly dictionary?: { readonly id: number; readonly bits: number; readonly signed?: boolean }
  readonly metadata?: { readonly [key: string]: string }
}

export interface TestBatch {
  readonly rows: number
  /** Length and nulls of each column, depth first. */
  readonly nodes: ReadonlyArray<readonly [length: number, nulls: number]>
  readonly buffers: ReadonlyArray<ArrayBufferView>
  readonly codec?: "lz4" | "zstd"
  readonly variadic?: ReadonlyArray<number>
  /** A batch of a dictionary's values. */
  readonly dictionary?: { readonly id: number; readonly delta?: boolean }
}

export interface TestArrow {
  readonly fields: ReadonlyArray<TestField>
  readonly batches: ReadonlyArray<TestBatch>
  readonly metadata?: { readonly [key: string]: string }
  readonly bigEndian?: boolean
  readonly version?: number
}

const int8 = (slot: number, value: number) => (b: Builder) => b.addFieldInt8(slot, value, -1)
const int16 = (slot: number, value: number) => (b: Builder) => b.addFieldInt16(slot, value, -1)
const int32 = (slot: number, value: number) => (b: Builder) => b.addFieldInt32(slot, value, -1)
const all =
  (...parts: ReadonlyArray<(b: Builder) => void>) =>
  (b: Builder) => {
    for (const part of parts) part(b)
  }

type Make = (name: string, more?: Partial<TestField>) => TestField
const plain =
  (code: number, type?: (b: Builder) => void): Make =>
  (name, more = {}) => ({ name, code, ...(type === undefined ? {} : { type }), ...more })
const within =
  (code: number, type?: (b: Builder) => void) =>
  (name: string, ...children: ReadonlyArray<TestField>): TestField => ({
    name,
    code,
    children,
    ...(type === undefined ? {} : { type })
  })

/** Fields by type. */
export const field = {
  null: plain(1),
  int: (bits: number, signed = true) => plain(2, all(int32(0, bits), int8(1, signed ? 1 : 0))),
  half: plain(3, int16(0, 0)),
  float: plain(3, int16(0, 1)),
  double: plain(3, int16(0, 2)),
  binary: plain(4),
  utf8: plain(5),
  bool: plain(6),
  decimal: (bits: number, scale: number) => plain(7, all(int32(0, 18), int32(1, scale), int32(2, bits))),
  date: plain(8, int16(0, 0)),
  timestamp: plain(10, int16(0, 3)),
  list: within(12),
  struct: within(13),
  fixedSizeBinary: (size: number) => plain(15, int32(0, size)),
  fixedSizeList: (size: number) => within(16, int32(0, size)),
  map: within(17),
  duration: plain(18, int16(0, 3)),
  largeUtf8: plain(20),
  largeList: within(21),
  runEndEncoded: within(22),
  utf8View: plain(24),
  listView: within(25),
  largeListView: within(26)
} as const

const offsets = (b: Builder, made: ReadonlyArray<Offset>): Offset => {
  b.startVector(4, made.length, 4)
  for (const offset of made.toReversed()) b.addOffset(offset)
  return b.endVector()
}

const pairs = (b: Builder, metadata: { readonly [key: string]: string } = {}): Offset =>
  offsets(
    b,
    Object.entries(metadata).map(([key, value]) => {
      const [first, second] = [b.createString(key), b.createString(value)]
      b.startObject(2)
      b.addFieldOffset(0, first, 0)
      b.addFieldOffset(1, second, 0)
      return b.endObject()
    })
  )

const table = (b: Builder, slots: number, fill: () => void): Offset => {
  b.startObject(slots)
  fill()
  return b.endObject()
}

const fieldTable = (
  b: Builder,
  { name, code, type, children = [], dictionary, metadata }: TestField
): Offset => {
  const text = b.createString(name)
  const below = offsets(
    b,
    children.map((child) => fieldTable(b, child))
  )
  const custom = pairs(b, metadata)
  const typed = table(b, 4, () => type?.(b))
  const encoding =
    dictionary === undefined
      ? 0
      : (() => {
          const index = table(b, 2, () => {
            b.addFieldInt32(0, dictionary.bits, 0)
            b.addFieldInt8(1, dictionary.signed === false ? 0 : 1, 0)
          })
          return table(b, 4, () => {
            b.addFieldInt64(0, BigInt(dictionary.id), 0n)
            b.addFieldOffset(1, index, 0)
          })
        })()
  return table(b, 7, () => {
    b.addFieldOffset(0, text, 0)
    b.addFieldInt8(1, 1, 0)
    b.addFieldInt8(2, code, 0)
    b.addFieldOffset(3, typed, 0)
    b.addFieldOffset(4, encoding, 0)
    b.addFieldOffset(5, below, 0)
    b.addFieldOffset(6, custom, 0)
  })
}

const schemaTable = (b: Builder, arrow: TestArrow): Offset => {
  const fields = offsets(
    b,
    arrow.fields.map((one) => fieldTable(b, one))
  )
  const custom = pairs(b, arrow.metadata)
  return table(b, 4, () => {
    b.addFieldInt16(0, arrow.bigEndian === true ? 1 : 0, 0)
    b.addFieldOffset(1, fields, 0)
    b.addFieldOffset(2, custom, 0)
  })
}

const int64s = (b: Builder, size: 8 | 16, values: ReadonlyArray<number>): Offset => {
  b.startVector(8, values.length, 8)
  for (const value of values.toReversed()) b.addInt64(BigInt(value))
  const vector = b.endVector()
  // A vector counts its structs: two numbers each where they take 16 bytes.
  if (size === 16) b.dataBuffer().writeInt32(b.dataBuffer().capacity() - vector, values.length / 2)
  return vector
}

const batchTable = (b: Builder, { rows, nodes, buffers, codec, variadic }: TestBatch): Offset => {
  const nodeVector = int64s(b, 16, nodes.flat())
  let start = 0
  const places = buffers.flatMap(({ byteLength }) => {
    const at = start
    start += padded(byteLength)
    return [at, byteLength]
  })
  const bufferVector = int64s(b, 16, places)
  const counts = variadic === undefined ? 0 : int64s(b, 8, variadic)
  const compression =
    codec === undefined ? 0 : table(b, 2, () => b.addFieldInt8(0, codec === "lz4" ? 0 : 1, -1))
  return table(b, 5, () => {
    b.addFieldInt64(0, BigInt(rows), 0n)
    b.addFieldOffset(1, nodeVector, 0)
    b.addFieldOffset(2, bufferVector, 0)
    b.addFieldOffset(3, compression, 0)
    b.addFieldOffset(4, counts, 0)
  })
}

const padded = (length: number): number => Math.ceil(length / 8) * 8
const bytesOf = (array: ArrayBufferView) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)

interface Message {
  readonly bytes: Buffer
  readonly metadataLength: number
  readonly bodyLength: number
}

const message = (arrow: TestArrow, header: number, make: (b: Builder) => Offset, body: Buffer): Message => {
  const b = new Builder(256)
  const made = make(b)
  b.finish(
    table(b, 5, () => {
      b.addFieldInt16(0, arrow.version ?? 4, 0)
      b.addFieldInt8(1, header, 0)
      b.addFieldOffset(2, made, 0)
      b.addFieldInt64(3, BigInt(body.length), 0n)
    })
  )
  const metadata = b.asUint8Array()
  const metadataLength = padded(8 + metadata.length)
  const head = Buffer.alloc(metadataLength)
  head.writeUInt32LE(0xffffffff, 0)
  head.writeInt32LE(metadataLength - 8, 4)
  head.set(metadata, 8)
  return { bytes: Buffer.concat([head, body]), metadataLength, bodyLength: body.length }
}

const messages = (arrow: TestArrow): ReadonlyArray<Message> => [
  message(arrow, 1, (b) => schemaTable(b, arrow), Buffer.alloc(0)),
  ...arrow.batches.map((batch) => {
    const body = Buffer.concat(
      batch.buffers.flatMap((buffer) => [
        bytesOf(buffer),
        Buffer.alloc(padded(buffer.byteLength) - buffer.byteLength)
      ])
    )
    const { dictionary } = batch
    if (dictionary === undefined) return message(arrow, 3, (b) => batchTable(b, batch), body)
    const make = (b: Builder) => {
      const data = batchTable(b, batch)
      return table(b, 3, () => {
        b.addFieldInt64(0, BigInt(dictionary.id), 0n)
        b.addFieldOffset(1, data, 0)
        b.addFieldInt8(2, dictionary.delta === true ? 1 : 0, 0)
      })
    }
    return message(arrow, 2, make, body)
  })
]

const endMark = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])

export const arrowStream = (arrow: TestArrow): Buffer =>
  Buffer.concat([...messages(arrow).map(({ bytes }) => bytes), endMark])

/** `names`: which batches the footer names, by number, if not all. */
export const arrowFile = (arrow: TestArrow, names = arrow.batches.map((_, i) => i)): Buffer => {
  const parts = messages(arrow)
  const starts: Array<number> = []
  let at = 8
  for (const { bytes } of parts) {
    starts.push(at)
    at += bytes.length
  }
  const b = new Builder(256)
  const schema = schemaTable(b, arrow)
  const blocks = (isDictionary: boolean): Offset => {
    const named = names.filter((i) => (arrow.batches[i]!.dictionary !== undefined) === isDictionary)
    b.startVector(24, named.length, 8)
    for (const i of named.toReversed()) {
      const { metadataLength, bodyLength } = parts[i + 1]!
      b.prep(8, 24)
      b.writeInt64(BigInt(bodyLength))
      b.pad(4)
      b.writeInt32(metadataLength)
      b.writeInt64(BigInt(starts[i + 1]!))
    }
    return b.endVector()
  }
  const [batches, dictionaries] = [blocks(false), blocks(true)]
  b.finish(
    table(b, 4, () => {
      b.addFieldInt16(0, arrow.version ?? 4, 0)
      b.addFieldOffset(1, schema, 0)
      b.addFieldOffset(2, dictionaries, 0)
      b.addFieldOffset(3, batches, 0)
    })
  )
  const footer = b.asUint8Array()
  const tail = Buffer.alloc(10)
  tail.writeInt32LE(footer.length, 0)
  tail.write("ARROW1", 4, "latin1")
  return Buffer.concat([
    Buffer.from("ARROW1\0\0", "latin1"),
    ...parts.map(({ bytes }) => bytes),
    endMark,
    footer,
    tail
  ])
}

/** No bytes: the bits of validity of a column without nulls. */
export const none = new Uint8Array(0)

/** Offsets and bytes of a column of texts. */
export const texts = (...values: ReadonlyArray<string>): readonly [Int32Array, Uint8Array] => {
  let at = 0
  return [
    Int32Array.of(0, ...values.map((text) => (at += Buffer.byteLength(text)))),
    Buffer.from(values.join(""))
  ]
}
