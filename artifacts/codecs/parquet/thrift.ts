/**
 * Thrift's compact protocol, of which Parquet's footer and page headers are made, read within bounds: a length is never
 * larger than the bytes that are left, and structures are no deeper than `deepest`. Cost O(bytes).
 *
 * Source: Apache Thrift, "Thrift Compact protocol encoding".
 */
import { ParquetFault } from "./ParquetFault.ts"

export type Value = number | boolean | Uint8Array | ReadonlyArray<Value> | Struct
/** Values by the number of their field. */
export type Struct = ReadonlyMap<number, Value>

/** Parquet's own structures are 6 deep. */
const deepest = 24

/** The bytes end inside the structure; more bytes may complete it. */
export class ThriftEnd extends ParquetFault {}

class Reader {
  readonly bytes: Uint8Array
  readonly what: string
  at: number
  constructor(bytes: Uint8Array, at: number, what: string) {
    this.bytes = bytes
    this.at = at
    this.what = what
  }

  byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new ThriftEnd(`${this.what} is cut short`)
    return byte
  }

  /** Past 2^53 the number is inexact, and no check of ours accepts it. */
  varint(): number {
    let value = 0
    for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw new ParquetFault(`${this.what} holds a number of more than ten bytes`)
  }

  zigzag(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** A count of things of a byte or more. */
  length(): number {
    const length = this.varint()
    if (length > this.bytes.length - this.at)
      throw new ThriftEnd(`${this.what} names a length of ${length} where fewer bytes are left`)
    return length
  }

  value(type: number, depth: number): Value {
    switch (type) {
      case 1:
      case 2:
        return type === 1
      case 3:
        return (this.byte() << 24) >> 24
      case 4:
      case 5:
      case 6:
        return this.zigzag()
      case 7: {
        this.at += 8
        if (this.at > this.bytes.length) throw new ThriftEnd(`${this.what} is cut short`)
        return Number.NaN
      }
      case 8: {
        const length = this.length()
        this.at += length
        return this.bytes.subarray(this.at - length, this.at)
      }
      case 9:
      case 10:
        return this.list(depth)
      case 11:
        return this.map(depth)
      case 12:
        return this.struct(depth + 1)
      default:
        throw new ParquetFault(`${this.what} holds a value of an unknown type (${type})`)
    }
  }

  list(depth: number): ReadonlyArray<Value> {
    const header = this.byte()
    const size = header >> 4 === 15 ? this.length() : header >> 4
    if (size > this.bytes.length - this.at) throw new ThriftEnd(`${this.what} is cut short`)
    return this.items(header & 15, size, depth)
  }

  items(type: number, size: number, depth: number): ReadonlyArray<Value> {
    if (depth >= deepest) throw new ParquetFault(`${this.what} is nested deeper than Parquet allows`)
    const items: Array<Value> = []
    // A boolean in a list is a byte of its own.
    for (let i = 0; i < size; i++)
      items.push(type === 1 || type === 2 ? this.byte() === 1 : this.value(type, depth + 1))
    return items
  }

  /** Parquet has no maps; one is read past. */
  map(depth: number): ReadonlyArray<Value> {
    const size = this.length()
    if (size === 0) return []
    const types = this.byte()
    const entries: Array<Value> = []
    for (let i = 0; i < size; i++)
      entries.push(...this.items(types >> 4, 1, depth), ...this.items(types & 15, 1, depth))
    return entries
  }

  struct(depth: number): Struct {
    if (depth >= deepest) throw new ParquetFault(`${this.what} is nested deeper than Parquet allows`)
    const fields = new Map<number, Value>()
    let field = 0
    for (;;) {
      const header = this.byte()
      if (header === 0) return fields
      field = header >> 4 === 0 ? this.zigzag() : field + (header >> 4)
      fields.set(field, this.value(header & 15, depth))
    }
  }
}

/** The structure at `at`, and where it ends; `what` names it in faults. */
export const readStruct = (
  bytes: Uint8Array,
  at: number,
  what: string
): { readonly struct: Struct; readonly end: number } => {
  const reader = new Reader(bytes, at, what)
  const struct = reader.struct(0)
  return { struct, end: reader.at }
}
