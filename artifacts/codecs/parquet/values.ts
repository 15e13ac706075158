/**
 * The values of one page, by encoding and by what the column says they are: exactly `count` of them from the bytes there
 * are. Text that is not UTF-8 is undefined, so that the caller can name its row.
 *
 * Source: Apache Parquet format 2.11, Encodings.md and LogicalTypes.md.
 */
import { isUtf8 } from "node:buffer"
import type { LeafColumn } from "./columns.ts"
import type { Cursor } from "./delta.ts"
import { readDeltaLengths, readDeltas, readDeltaStrings } from "./delta.ts"
import { ParquetFault } from "./ParquetFault.ts"
import { readRuns } from "./runs.ts"

export type Values =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  /** Booleans, 0 or 1. */
  | Uint8Array
  | ReadonlyArray<string | undefined>

const encodings = [
  "PLAIN",
  "GROUP_VAR_INT",
  "PLAIN_DICTIONARY",
  "RLE",
  "BIT_PACKED",
  "DELTA_BINARY_PACKED",
  "DELTA_LENGTH_BYTE_ARRAY",
  "DELTA_BYTE_ARRAY",
  "RLE_DICTIONARY",
  "BYTE_STREAM_SPLIT"
] as const
export type Encoding = (typeof encodings)[number]

export const encodingOf = (number: number, where: string): Encoding => {
  const encoding = encodings[number]
  if (encoding === undefined) throw new ParquetFault(`${where} has no encoding that Parquet has`)
  return encoding
}

export const isDictionary = (encoding: Encoding): boolean =>
  encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY"

/** `bytes` begin with the values; `room` bounds what may be made of them. */
export const readValues = (
  column: LeafColumn,
  encoding: Encoding,
  bytes: Uint8Array,
  count: number,
  room: number,
  where: string
): Values => {
  const cursor: Cursor = { bytes, at: 0, what: `the values of ${where}` }
  const { type } = column
  switch (encoding) {
    case "PLAIN":
      if (type === "BOOLEAN") return bits(cursor, count)
      if (type === "BYTE_ARRAY") return ofBytes(column, plainByteArrays(cursor, count))
      return fixed(column, take(cursor, count * width(column)), count)
    case "BYTE_STREAM_SPLIT":
      if (type === "BOOLEAN" || type === "BYTE_ARRAY" || type === "INT96") break
      return fixed(column, unsplit(take(cursor, count * width(column)), count, width(column)), count)
    case "RLE":
      if (type !== "BOOLEAN") break
      return booleanRuns(cursor, count)
    case "DELTA_BINARY_PACKED":
      if (type === "INT32") return ofIntegers(column, readDeltas(cursor, new Int32Array(count)))
      if (type === "INT64") return ofIntegers(column, readDeltas(cursor, new BigInt64Array(count)))
      break
    case "DELTA_LENGTH_BYTE_ARRAY":
      if (type === "BYTE_ARRAY") return ofBytes(column, readDeltaLengths(cursor, count))
      break
    case "DELTA_BYTE_ARRAY":
      if (type !== "BYTE_ARRAY" && type !== "FIXED_LEN_BYTE_ARRAY") break
      return ofFixedBytes(column, readDeltaStrings(cursor, count, room), where)
    default:
  }
  throw new ParquetFault(`${where} has values of type ${type} encoded as ${encoding}, which is not read`)
}

/** Values by their numbers in the dictionary: a byte for the width, then runs. */
export const readIndexed = (dictionary: Values, bytes: Uint8Array, count: number, where: string): Values => {
  const indices = new Uint32Array(count)
  if (count > 0) {
    const width = bytes[0]
    if (width === undefined || width > 32)
      throw new ParquetFault(`${where} has dictionary numbers of ${width ?? "no"} bits`)
    readRuns(bytes, 1, bytes.length, width, indices, `the dictionary numbers of ${where}`)
  }
  const size = dictionary.length
  for (let i = 0; i < count; i++)
    if (indices[i]! >= size)
      throw new ParquetFault(`${where} names entry ${indices[i]} of a dictionary of ${size}`)
  if (isText(dictionary)) {
    const texts: Array<string | undefined> = []
    for (let i = 0; i < count; i++) texts.push(dictionary[indices[i]!])
    return texts
  }
  const output = like(dictionary, count)
  for (let i = 0; i < count; i++) output[i] = dictionary[indices[i]!]!
  return output
}

type Typed = Exclude<Values, ReadonlyArray<string | undefined>>

const isText = (values: Values): values is ReadonlyArray<string | undefined> => Array.isArray(values)

const like = (values: Typed, length: number): Typed =>
  new (values.constructor as new (length: number) => Typed)(length)

/** Bytes of a value of fixed size. */
const width = ({ type, typeLength }: LeafColumn): number => {
  switch (type) {
    case "INT32":
    case "FLOAT":
      return 4
    case "INT96":
      return 12
    case "FIXED_LEN_BYTE_ARRAY":
      return typeLength
    default:
      return 8
  }
}

const take = (cursor: Cursor, length: number): Uint8Array => {
  if (length > cursor.bytes.length - cursor.at)
    throw new ParquetFault(
      `${cursor.what} are cut short: ${cursor.bytes.length - cursor.at} of ${length} bytes`
    )
  cursor.at += length
  return cursor.bytes.subarray(cursor.at - length, cursor.at)
}

const bits = (cursor: Cursor, count: number): Uint8Array => {
  const bytes = take(cursor, Math.ceil(count / 8))
  const output = new Uint8Array(count)
  for (let i = 0; i < count; i++) output[i] = (bytes[i >> 3]! >> (i & 7)) & 1
  return output
}

const booleanRuns = (cursor: Cursor, count: number): Uint8Array => {
  const output = new Uint8Array(count)
  const length = Buffer.from(take(cursor, 4)).readUInt32LE(0)
  const bytes = take(cursor, length)
  readRuns(bytes, 0, bytes.length, 1, output, cursor.what)
  return output
}

const plainByteArrays = (cursor: Cursor, count: number): Array<Uint8Array> => {
  const { bytes } = cursor
  if (count * 4 > bytes.length - cursor.at) throw new ParquetFault(`${cursor.what} are cut short`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const output: Array<Uint8Array> = []
  for (let i = 0; i < count; i++) {
    if (cursor.at + 4 > bytes.length) throw new ParquetFault(`${cursor.what} are cut short`)
    const length = view.getUint32(cursor.at, true)
    cursor.at += 4
    output.push(take(cursor, length))
  }
  return output
}

/** Byte streams put together: byte b of value i is at b × count + i. */
const unsplit = (bytes: Uint8Array, count: number, size: number): Uint8Array => {
  const output = new Uint8Array(bytes.length)
  for (let b = 0; b < size; b++) for (let i = 0; i < count; i++) output[i * size + b] = bytes[b * count + i]!
  return output
}

/** A view where the bytes lie as the type asks, a copy where not. */
const aligned = (bytes: Uint8Array, size: number): { readonly buffer: ArrayBuffer; readonly at: number } => {
  const copy = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  return { buffer: copy.buffer as ArrayBuffer, at: copy.byteOffset }
}

const fixed = (column: LeafColumn, bytes: Uint8Array, count: number): Values => {
  const size = width(column)
  switch (column.type) {
    case "FLOAT": {
      const { buffer, at } = aligned(bytes, size)
      return new Float32Array(buffer, at, count)
    }
    case "DOUBLE": {
      const { buffer, at } = aligned(bytes, size)
      return new Float64Array(buffer, at, count)
    }
    case "INT32": {
      const { buffer, at } = aligned(bytes, size)
      return ofIntegers(column, new Int32Array(buffer, at, count))
    }
    case "INT64": {
      const { buffer, at } = aligned(bytes, size)
      return ofIntegers(column, new BigInt64Array(buffer, at, count))
    }
    default:
      if (column.reading === "float16") return halves(bytes, count)
      return ofBytes(
        column,
        Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
      )
  }
}

const halves = (bytes: Uint8Array, count: number): Float32Array => {
  const output = new Float32Array(count)
  for (let i = 0; i < count; i++) output[i] = half(bytes[2 * i]! | (bytes[2 * i + 1]! << 8))
  return output
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
const half = (bits: number): number => {
  const sign = bits >> 15 === 1 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const ofIntegers = (column: LeafColumn, values: Int32Array | BigInt64Array): Values => {
  if (column.reading === "decimal")
    return Float64Array.from(values as ArrayLike<number | bigint>, (value) => decimal(column, value))
  if (values instanceof Int32Array)
    return column.reading === "uint32"
      ? new Uint32Array(values.buffer, values.byteOffset, values.length)
      : values
  return column.reading === "uint64"
    ? new BigUint64Array(values.buffer, values.byteOffset, values.length)
    : values
}

/** The double nearest to the decimal: both numbers of the quotient are exact where there are 15 digits or fewer. */
const decimal = ({ name, precision, scale }: LeafColumn, unscaled: number | bigint): number => {
  const value = Number(unscaled)
  if (Math.abs(value) >= 10 ** precision)
    throw new ParquetFault(`column '${name}' holds a decimal of more than its ${precision} digits`)
  return value / 10 ** scale
}

const ofFixedBytes = (column: LeafColumn, values: Array<Uint8Array>, where: string): Values => {
  if (column.type === "FIXED_LEN_BYTE_ARRAY") {
    const odd = values.find((value) => value.length !== column.typeLength)
    if (odd !== undefined)
      throw new ParquetFault(
        `${where} holds a value of ${odd.length} bytes and the type has ${column.typeLength}`
      )
    if (column.reading === "float16") return halves(Buffer.concat(values), values.length)
  }
  return ofBytes(column, values)
}

const ofBytes = (column: LeafColumn, values: ReadonlyArray<Uint8Array>): Values => {
  switch (column.reading) {
    case "text":
      return values.map(textOf)
    case "uuid":
      return values.map(uuidOf)
    case "decimal":
      return Float64Array.from(values, (bytes) => decimal(column, bigEndian(bytes)))
    default:
      throw new ParquetFault(`column '${column.name}' holds bytes, which are not read`)
  }
}

const textOf = (bytes: Uint8Array): string | undefined => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
  // Only text with a replacement character can have been something else.
  return text.includes("\ufffd") && !isUtf8(bytes) ? undefined : text
}

const uuidOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")

const bigEndian = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString("hex")}`))
