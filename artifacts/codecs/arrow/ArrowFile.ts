/**
 * Reads the metadata of an Arrow IPC file: its schema and where each buffer of each record batch lies. Values are then
 * read straight from the file into aligned memory (`readRegion`), so that a matrix costs one pass and no copy, and a
 * batch may be larger than 2 GiB.
 */
import * as fs from "node:fs"
import { ByteBuffer } from "flatbuffers"
import { corrupt } from "../../failures.ts"
import { type ArrowField, type ArrowType, headerCodes, magic, typeCodes } from "./fields.ts"

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
}

export interface ArrowFile {
  readonly fields: ReadonlyArray<ArrowField>
  readonly metadata: { readonly [key: string]: string }
  readonly batches: ReadonlyArray<Batch>
  /** Whether the file holds dictionary batches, which are not read here. */
  readonly dictionaries: boolean
}

/** Reads the footer and every batch's header. Throws `ArtifactError` (corrupt) or a system error. */
export const openArrowFile = (path: string): ArrowFile => {
  const file = fs.openSync(path, "r")
  try {
    const size = fs.fstatSync(file).size
    const damaged = (detail: string) => corrupt(path, detail)
    if (size < 2 * magic.length + 4) throw damaged("it is too short for an Arrow file")
    const tail = readRegion(file, { offset: size - 10, length: 10 })
    const text = Buffer.from(tail.buffer, tail.byteOffset, 10)
    if (text.toString("latin1", 4) !== magic) throw damaged("the Arrow end mark is absent")
    const footerLength = text.readInt32LE(0)
    if (footerLength <= 0 || footerLength > size - 16) throw damaged("the Arrow footer does not fit the file")
    try {
      const footer = rootTable(readRegion(file, { offset: size - 10 - footerLength, length: footerLength }))
      const schema = footer.table(1)
      if (schema === undefined) throw damaged("the Arrow footer holds no schema")
      return {
        fields: schema.tables(1).map(readField),
        metadata: Object.fromEntries(schema.tables(2).map((pair) => [pair.text(0), pair.text(1)])),
        dictionaries: footer.structs(2, 24).length > 0,
        batches: footer.structs(3, 24).map((at) => {
          const offset = Number(footer.bytes.readInt64(at))
          const metadataLength = footer.bytes.readInt32(at + 8)
          const bodyLength = Number(footer.bytes.readInt64(at + 16))
          if (
            offset < 0 ||
            metadataLength <= 8 ||
            bodyLength < 0 ||
            offset + metadataLength + bodyLength > size
          )
            throw damaged("a record batch lies outside the file")
          const body = { offset: offset + metadataLength, length: bodyLength }
          return readBatch(readRegion(file, { offset, length: metadataLength }), body, damaged)
        })
      }
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError)
        throw damaged(`its Arrow metadata cannot be read (${error.message})`)
      throw error
    }
  } finally {
    fs.closeSync(file)
  }
}

/** Whether a buffer holds the offsets of a list or text column: one more than there are rows, 4 bytes each. */
export const hasOffsets = ({ buffers, rows }: Batch, buffer: number): boolean =>
  (buffers[buffer]?.length ?? -1) >= 4 * (rows + 1)

const chunk = 1 << 30

/** Reads a region into fresh memory (or into `into`), in pieces, since one read moves at most 2 GiB. */
export const readRegion = (file: number, region: Region, into?: Uint8Array): Uint8Array => {
  const bytes = into ?? new Uint8Array(region.length)
  let done = 0
  while (done < region.length) {
    const wanted = Math.min(chunk, region.length - done)
    const got = fs.readSync(file, bytes, done, wanted, region.offset + done)
    if (got === 0) throw new RangeError("the file ends too early")
    done += got
  }
  return bytes
}

/** Every length is compared with the bytes there are, so that whoever reads may allocate what it says. */
const readBatch = (message: Uint8Array, body: Region, damaged: (detail: string) => Error): Batch => {
  const header = rootTable(message.subarray(8))
  if (header.int8(1) !== headerCodes.recordBatch) throw damaged("a record batch has another header")
  const batch = header.table(2)
  if (batch === undefined) throw damaged("a record batch has no header")
  const rows = batch.int64(0)
  if (!Number.isSafeInteger(rows) || rows < 0) throw damaged(`a record batch has ${rows} rows`)
  return {
    rows,
    nodes: batch.structs(1, 16).map((at) => ({
      length: Number(batch.bytes.readInt64(at)),
      nulls: Number(batch.bytes.readInt64(at + 8))
    })),
    buffers: batch.structs(2, 16).map((at) => {
      const offset = Number(batch.bytes.readInt64(at))
      const length = Number(batch.bytes.readInt64(at + 8))
      if (offset < 0 || length < 0 || offset + length > body.length)
        throw damaged("a buffer lies outside its record batch")
      return { offset: body.offset + offset, length }
    }),
    compressed: batch.table(3) !== undefined
  }
}

const readField = (field: FlatTable): ArrowField => ({
  name: field.text(0),
  nullable: field.int8(1) !== 0,
  type: field.table(4) === undefined ? readType(field) : { type: "other", code: -1 }
})

const readType = (field: FlatTable): ArrowType => {
  const code = field.int8(2)
  const type = field.table(3)
  const children = field.tables(5).map(readField)
  switch (code) {
    case typeCodes.utf8:
      return { type: "utf8" }
    case typeCodes.largeUtf8:
      return { type: "largeUtf8" }
    case typeCodes.int:
      return { type: "int", bits: type?.int32(0) ?? 0, signed: type?.int8(1) !== 0 }
    case typeCodes.float: {
      const precision = type?.int16(0) ?? 0
      return precision === 0 ? { type: "other", code } : { type: "float", bits: precision === 1 ? 32 : 64 }
    }
    case typeCodes.list:
      return { type: "list", child: children[0] }
    case typeCodes.largeList:
      return { type: "largeList", child: children[0] }
    case typeCodes.fixedSizeList:
      return { type: "fixedSizeList", size: type?.int32(0) ?? 0, child: children[0] }
    default:
      return { type: "other", code }
  }
}

// --- flatbuffers ---------------------------------------------------------------------------------------------------

/** A view of one flatbuffers table; fields are addressed by their number in the schema. */
interface FlatTable {
  readonly bytes: ByteBuffer
  readonly int8: (field: number) => number
  readonly int16: (field: number) => number
  readonly int32: (field: number) => number
  readonly int64: (field: number) => number
  readonly text: (field: number) => string
  readonly table: (field: number) => FlatTable | undefined
  readonly tables: (field: number) => ReadonlyArray<FlatTable>
  /** Where each struct of a vector starts. */
  readonly structs: (field: number, size: number) => ReadonlyArray<number>
}

const rootTable = (data: Uint8Array): FlatTable => {
  const bytes = new ByteBuffer(data)
  return flatTable(bytes, bytes.readInt32(0))
}

const flatTable = (bytes: ByteBuffer, at: number): FlatTable => {
  const vtable = at - bytes.readInt32(at)
  const vtableLength = bytes.readInt16(vtable)
  const place = (field: number): number => {
    const slot = 4 + 2 * field
    const offset = slot < vtableLength ? bytes.readInt16(vtable + slot) : 0
    return offset === 0 ? 0 : at + offset
  }
  const vector = (field: number, size: number): readonly [start: number, length: number] => {
    const where = place(field)
    if (where === 0) return [0, 0]
    const start = where + bytes.readInt32(where) + 4
    const length = bytes.readInt32(start - 4)
    if (start < 4 || length < 0 || start + length * size > bytes.capacity())
      throw new RangeError("a list is longer than what there is")
    return [start, length]
  }
  const numeric = (read: (where: number) => number) => (field: number) => {
    const where = place(field)
    return where === 0 ? 0 : read(where)
  }
  return {
    bytes,
    int8: numeric((where) => bytes.readInt8(where)),
    int16: numeric((where) => bytes.readInt16(where)),
    int32: numeric((where) => bytes.readInt32(where)),
    int64: numeric((where) => Number(bytes.readInt64(where))),
    text: (field) => {
      const [start, length] = vector(field, 1)
      return Buffer.from(bytes.bytes().subarray(start, start + length)).toString("utf8")
    },
    table: (field) => {
      const where = place(field)
      return where === 0 ? undefined : flatTable(bytes, where + bytes.readInt32(where))
    },
    tables: (field) => {
      const [start, length] = vector(field, 4)
      return Array.from({ length }, (_, i) => {
        const where = start + 4 * i
        return flatTable(bytes, where + bytes.readInt32(where))
      })
    },
    structs: (field, size) => {
      const [start, length] = vector(field, size)
      return Array.from({ length }, (_, i) => start + size * i)
    }
  }
}
