/**
 * Parquet's delta encodings: exactly `count` values from the bytes there are. Cost O(count × bit width / 8).
 *
 * Source: Apache Parquet format 2.11, Encodings.md, "Delta Encoding", "Delta-length byte array", "Delta Strings".
 */
import { ParquetFault } from "./ParquetFault.ts"

/** Where a decoder is in its bytes; `what` names the values in faults. */
export interface Cursor {
  readonly bytes: Uint8Array
  at: number
  readonly what: string
}

const short = ({ what }: Cursor): ParquetFault => new ParquetFault(`${what} are cut short`)

const nextByte = (cursor: Cursor): number => {
  const byte = cursor.bytes[cursor.at++]
  if (byte === undefined) throw short(cursor)
  return byte
}

const varint = (cursor: Cursor): bigint => {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = nextByte(cursor)
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return value
  }
  throw new ParquetFault(`${cursor.what} hold a number of more than ten bytes`)
}

const zigzag = (cursor: Cursor): bigint => {
  const value = varint(cursor)
  return (value >> 1n) ^ -(value & 1n)
}

/** The `width` lowest bits from bit `bit` of the bytes at `at`: below 2^32 for a width up to 32. */
const bitsAt = (bytes: Uint8Array, at: number, bit: number, width: number): number => {
  let value = 0
  let scale = 1
  let from = at + (bit >> 3)
  let skip = bit & 7
  for (let left = width; left > 0;) {
    const take = Math.min(8 - skip, left)
    value += ((bytes[from++]! >> skip) & ((1 << take) - 1)) * scale
    scale *= 1 << take
    left -= take
    skip = 0
  }
  return value
}

/** DELTA_BINARY_PACKED to 32 or 64 bits, in which sums wrap. */
export const readDeltas = <A extends Int32Array | BigInt64Array>(cursor: Cursor, output: A): A => {
  const block = Number(varint(cursor))
  const minis = Number(varint(cursor))
  const total = Number(varint(cursor))
  const perMini = block / minis
  if (block <= 0 || block > 1 << 24 || !Number.isInteger(perMini) || perMini % 8 !== 0)
    throw new ParquetFault(`${cursor.what} are in blocks of ${block} values in ${minis} parts`)
  if (total !== output.length)
    throw new ParquetFault(`${cursor.what} are ${total} and should be ${output.length}`)
  const first = zigzag(cursor)
  if (total === 0) return output
  const set =
    output instanceof Int32Array ? deltas32(output, first) : deltas64(output as BigInt64Array, first)
  for (let done = 1; done < total;) {
    const least = zigzag(cursor)
    const widths = cursor.bytes.subarray(cursor.at, cursor.at + minis)
    if (widths.length < minis) throw short(cursor)
    cursor.at += minis
    for (let i = 0; i < minis && done < total; i++) {
      const width = widths[i]!
      if (width > 64) throw new ParquetFault(`${cursor.what} have a part of ${width} bits a value`)
      const some = Math.min(perMini, total - done)
      if (cursor.at + Math.ceil((some * width) / 8) > cursor.bytes.length) throw short(cursor)
      set(cursor.bytes, cursor.at, width, least, done, some)
      done += some
      // The last part may be written without its padding.
      cursor.at = Math.min(cursor.at + (perMini * width) / 8, cursor.bytes.length)
    }
  }
  return output
}

type Unpack = (bytes: Uint8Array, at: number, width: number, least: bigint, to: number, count: number) => void

const deltas32 = (output: Int32Array, first: bigint): Unpack => {
  let value = Number(BigInt.asIntN(32, first))
  output[0] = value
  return (bytes, at, width, least, to, count) => {
    const smallest = Number(BigInt.asIntN(32, least))
    for (let i = 0; i < count; i++) {
      // Bits past the 32nd vanish when sums wrap.
      const delta = bitsAt(bytes, at, i * width, Math.min(width, 32)) | 0
      value = (value + smallest + delta) | 0
      output[to + i] = value
    }
  }
}

const deltas64 = (output: BigInt64Array, first: bigint): Unpack => {
  let value = BigInt.asIntN(64, first)
  output[0] = value
  return (bytes, at, width, least, to, count) => {
    for (let i = 0; i < count; i++) {
      const low = BigInt(bitsAt(bytes, at, i * width, Math.min(width, 32)))
      const high = width > 32 ? BigInt(bitsAt(bytes, at, i * width + 32, width - 32)) << 32n : 0n
      value = BigInt.asIntN(64, value + least + low + high)
      output[to + i] = value
    }
  }
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. */
export const readDeltaLengths = (cursor: Cursor, count: number): Array<Uint8Array> => {
  const lengths = readDeltas(cursor, new Int32Array(count))
  return Array.from(lengths, (length) => {
    if (length < 0 || length > cursor.bytes.length - cursor.at)
      throw new ParquetFault(`${cursor.what} hold one of ${length} bytes where fewer are left`)
    cursor.at += length
    return cursor.bytes.subarray(cursor.at - length, cursor.at)
  })
}

/** DELTA_BYTE_ARRAY: how much each value shares with the one before, then the rests. At most `room` bytes are made. */
export const readDeltaStrings = (cursor: Cursor, count: number, room: number): Array<Uint8Array> => {
  const prefixes = readDeltas(cursor, new Int32Array(count))
  let before: Uint8Array = new Uint8Array(0)
  let made = 0
  return readDeltaLengths(cursor, count).map((suffix, i) => {
    const prefix = prefixes[i]!
    if (prefix < 0 || prefix > before.length)
      throw new ParquetFault(`${cursor.what} share ${prefix} bytes with a value of ${before.length}`)
    made += prefix
    if (made > room) throw new ParquetFault(`${cursor.what} unpack to more than ${room} bytes`)
    if (prefix > 0) {
      const whole = new Uint8Array(prefix + suffix.length)
      whole.set(before.subarray(0, prefix))
      whole.set(suffix, prefix)
      before = whole
    } else before = suffix
    return before
  })
}
