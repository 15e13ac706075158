/**
 * The pages of one column chunk in order: header, checksum, bytes, levels, values; each checked against the header, the chunk
 * and the row group before anything is made of it.
 *
 * Source: Apache Parquet format 2.11, parquet.thrift (PageHeader) and README.md ("Checksumming"): the CRC-32 is of the page's
 * bytes as they are stored, after its header.
 */
import { crc32 } from "node:zlib"
import type { LeafColumn } from "./columns.ts"
import type { Decompressors } from "./decompress.ts"
import { decompress } from "./decompress.ts"
import * as fields from "./fields.ts"
import { Span, type FileBytes } from "./FileBytes.ts"
import type { Chunk } from "./metadata.ts"
import { decoding, ParquetFault } from "./ParquetFault.ts"
import { readRuns } from "./runs.ts"
import { readStruct, ThriftEnd, type Struct } from "./thrift.ts"
import type { Values } from "./values.ts"
import { encodingOf, isDictionary, readIndexed, readValues } from "./values.ts"

export interface Page {
  /** Values and nulls: one for each level. */
  readonly count: number
  /** Definition levels; undefined where all are the highest. */
  readonly defined: Uint8Array | undefined
  /** Repetition levels; undefined where the column does not repeat. */
  readonly repeated: Uint8Array | undefined
  /** The values that are not null, in order. */
  readonly values: Values
}

export interface PageSource {
  readonly file: FileBytes
  readonly decompressors: Decompressors
  /** The most bytes that a page of this file may unpack to. */
  readonly room: number
}

interface Header {
  readonly struct: Struct
  readonly type: number
  readonly size: number
  readonly stored: Buffer
}

export function* pagesOf(
  { file, decompressors, room }: PageSource,
  column: LeafColumn,
  chunk: Chunk,
  rows: number
): Generator<Page> {
  const name = `column '${column.name}'`
  if (column.mostRepeated === 0 && chunk.values !== rows)
    throw new ParquetFault(`${name} has ${chunk.values} values in a row group of ${rows} rows`)
  const span = new Span(file, chunk.start, chunk.end)
  let at = chunk.start
  let dictionary: Values | undefined
  let left = chunk.values
  for (let number = 0; left > 0; number++) {
    const where = `page ${number} of ${name}`
    if (at >= chunk.end)
      throw new ParquetFault(`${name} ends after ${chunk.values - left} of its ${chunk.values} values`)
    const { header, end } = readHeader(span, at, room, where)
    at = end
    const inflate = (bytes: Uint8Array, size: number) =>
      decompress(decompressors, chunk.codec, bytes, size, where)
    if (header.type === 2) {
      if (dictionary !== undefined) throw new ParquetFault(`${name} has two dictionaries in a row group`)
      dictionary = decoding(where, () => readDictionary(column, header, inflate, room, where))
    } else if (header.type === 0 || header.type === 3) {
      const page = decoding(where, () =>
        (header.type === 0 ? readPage : readPage2)(column, header, inflate, dictionary, left, room, where)
      )
      left -= page.count
      yield page
    } else if (header.type !== 1)
      throw new ParquetFault(`${where} is of type ${header.type}, which Parquet does not have`)
  }
}

/** Headers are below 100 bytes, but for those with long statistics. */
const headerBytes = 1 << 12

const readHeader = (
  span: Span,
  at: number,
  room: number,
  where: string
): { readonly header: Header; readonly end: number } => {
  const { struct, end } = headerAt(span, at, where)
  const type = fields.count(struct, 1, `the type of ${where}`)
  const size = fields.count(struct, 2, `the unpacked size of ${where}`)
  const stored = fields.count(struct, 3, `the size of ${where}`)
  if (stored > span.end - end)
    throw new ParquetFault(`${where} says ${stored} bytes where its column has ${span.end - end} left`)
  if (size > room)
    throw new ParquetFault(`${where} says that it unpacks to ${size} bytes, too many for this file`)
  const bytes = span.bytes(end, stored)
  const crc = fields.integer(struct, 4, `the checksum of ${where}`)
  if (crc !== undefined && crc >>> 0 !== crc32(bytes) >>> 0)
    throw new ParquetFault(`the checksum of ${where} does not match its bytes: it is damaged`)
  return { header: { struct, type, size, stored: bytes }, end: end + stored }
}

const headerAt = (
  span: Span,
  at: number,
  where: string
): { readonly struct: Struct; readonly end: number } => {
  for (let length = headerBytes; ; length *= 16) {
    const some = Math.min(length, span.end - at)
    try {
      const { struct, end } = readStruct(span.bytes(at, some), 0, `the header of ${where}`)
      return { struct, end: at + end }
    } catch (error) {
      if (!(error instanceof ThriftEnd) || some === span.end - at) throw error
    }
  }
}

type Inflate = (bytes: Uint8Array, size: number) => Uint8Array

const readDictionary = (
  column: LeafColumn,
  header: Header,
  inflate: Inflate,
  room: number,
  where: string
): Values => {
  const what = `the dictionary (${where})`
  const own = fields.struct(header.struct, 7, what)
  if (own === undefined) throw new ParquetFault(`${what} has no header of its own`)
  const count = fields.count(own, 1, `the number of values of ${what}`)
  const encoding = encodingOf(fields.count(own, 2, `the encoding of ${what}`), what)
  if (encoding !== "PLAIN" && encoding !== "PLAIN_DICTIONARY")
    throw new ParquetFault(`${what} is encoded as ${encoding}`)
  if (column.type === "BOOLEAN") throw new ParquetFault(`${what} is one of booleans, which have none`)
  const bytes = inflate(header.stored, header.size)
  if (count > bytes.length) throw new ParquetFault(`${what} says ${count} values in ${bytes.length} bytes`)
  return readValues(column, "PLAIN", bytes, count, room, what)
}

type ReadPage = (
  column: LeafColumn,
  header: Header,
  inflate: Inflate,
  dictionary: Values | undefined,
  left: number,
  room: number,
  where: string
) => Page

const countIn = (
  own: Struct | undefined,
  left: number,
  where: string
): { readonly own: Struct; readonly count: number } => {
  if (own === undefined) throw new ParquetFault(`${where} has no header of its own`)
  const count = fields.count(own, 1, `the number of values of ${where}`)
  if (count > left) throw new ParquetFault(`${where} says ${count} values where its column has ${left} left`)
  return { own, count }
}

const readPage: ReadPage = (column, header, inflate, dictionary, left, room, where) => {
  const { own, count } = countIn(fields.struct(header.struct, 5, where), left, where)
  const encoding = encodingOf(fields.count(own, 2, `the encoding of ${where}`), where)
  const bytes = inflate(header.stored, header.size)
  let at = 0
  const levels = (field: number, most: number, what: string): Uint8Array | undefined => {
    if (most === 0) return undefined
    if (encodingOf(fields.count(own, field, `the encoding of ${what}`), where) !== "RLE")
      throw new ParquetFault(`${what} are bit-packed, which no writer has done for years and is not read`)
    if (at + 4 > bytes.length) throw new ParquetFault(`${what} are cut short`)
    const length = Buffer.from(bytes.buffer, bytes.byteOffset + at, 4).readUInt32LE(0)
    const start = at + 4
    if (length > bytes.length - start) throw new ParquetFault(`${what} are cut short`)
    at = start + length
    return levelsOf(bytes, start, at, most, count, what)
  }
  const repeated = levels(4, column.mostRepeated, `the repetition levels of ${where}`)
  const defined = levels(3, column.mostDefined, `the definition levels of ${where}`)
  return pageOf(column, encoding, bytes.subarray(at), { count, repeated, defined }, dictionary, room, where)
}

const readPage2: ReadPage = (column, header, inflate, dictionary, left, room, where) => {
  const { own, count } = countIn(fields.struct(header.struct, 8, where), left, where)
  const encoding = encodingOf(fields.count(own, 4, `the encoding of ${where}`), where)
  const bytes = header.stored
  const definedBytes = fields.count(own, 5, `the size of the definition levels of ${where}`, bytes.length)
  const repeatedBytes = fields.count(own, 6, `the size of the repetition levels of ${where}`, bytes.length)
  const start = repeatedBytes + definedBytes
  if (start > Math.min(bytes.length, header.size))
    throw new ParquetFault(`the levels of ${where} are cut short`)
  const levels = (from: number, to: number, most: number, what: string) =>
    most === 0 ? undefined : levelsOf(bytes, from, to, most, count, what)
  const repeated = levels(0, repeatedBytes, column.mostRepeated, `the repetition levels of ${where}`)
  const defined = levels(repeatedBytes, start, column.mostDefined, `the definition levels of ${where}`)
  const stored = bytes.subarray(start)
  const size = header.size - start
  // Arrow before 3.0 compressed such pages and said that it had not; no other reader of ours could tell if that went right.
  if (own.get(7) === false && stored.length !== size)
    throw new ParquetFault(
      `${where} says that it is not compressed, and has ${stored.length} bytes instead of ${size}`
    )
  const plain = stored.length === 0 || own.get(7) === false
  const values = plain ? stored : inflate(stored, size)
  const page = pageOf(column, encoding, values, { count, repeated, defined }, dictionary, room, where)
  const nulls = fields.count(own, 2, `the number of nulls of ${where}`)
  // In lists, writers differ in whether an empty one counts as a null.
  if (column.mostRepeated === 0 && nulls !== count - page.values.length)
    throw new ParquetFault(`${where} says ${nulls} nulls and has ${count - page.values.length}`)
  return page
}

const levelsOf = (
  bytes: Uint8Array,
  start: number,
  end: number,
  most: number,
  count: number,
  what: string
): Uint8Array => {
  const levels = new Uint8Array(count)
  readRuns(bytes, start, end, 32 - Math.clz32(most), levels, what)
  for (let i = 0; i < count; i++)
    if (levels[i]! > most) throw new ParquetFault(`${what} hold ${levels[i]} and the schema allows ${most}`)
  return levels
}

const pageOf = (
  column: LeafColumn,
  encoding: ReturnType<typeof encodingOf>,
  bytes: Uint8Array,
  levels: Pick<Page, "count" | "repeated" | "defined">,
  dictionary: Values | undefined,
  room: number,
  where: string
): Page => {
  let present = levels.count
  if (levels.defined !== undefined) {
    present = 0
    for (const level of levels.defined) if (level === column.mostDefined) present++
  }
  const indexed = isDictionary(encoding)
  if (indexed && dictionary === undefined && present > 0)
    throw new ParquetFault(`${where} refers to a dictionary that is not there`)
  const values =
    indexed && dictionary !== undefined
      ? readIndexed(dictionary, bytes, present, where)
      : readValues(column, indexed ? "PLAIN" : encoding, bytes, present, room, where)
  return { ...levels, defined: present === levels.count ? undefined : levels.defined, values }
}
