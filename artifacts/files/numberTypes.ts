/**
 * Number types that files name, as numpy spells them without the byte order (`f4`, `i8`), and how a run of bytes becomes
 * numbers. float32 is kept where it holds every value of the type, float64 is used otherwise. Cost O(bytes), with one block
 * of scratch memory beside the result.
 */
import type { ByteSource } from "./ByteSource.ts"

/** Numbers of a block, in the memory they were read into, already in this machine's order. */
type Convert = (memory: ArrayBuffer, count: number) => ArrayLike<number>

export interface NumberType {
  /** Bytes of one. */
  readonly size: number
  readonly single: boolean
  readonly convert: Convert
  /** For values that a number of ours does not hold as they are. Absent where all do. */
  readonly fault?: (value: number) => string | undefined
}

/** IEEE 754 half precision. */
export const float16 = (bits: number): number => {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

let halves: Float32Array | undefined
const allHalves = (): Float32Array => (halves ??= Float32Array.from({ length: 65536 }, (_, i) => float16(i)))

const halfFloats: Convert = (memory, count) => {
  const table = allHalves()
  const bits = new Uint16Array(memory, 0, count)
  const out = new Float32Array(count)
  for (let i = 0; i < count; i++) out[i] = table[bits[i]!]!
  return out
}

/** bfloat16: the upper half of a float32. */
const brainFloats: Convert = (memory, count) => {
  const halves = new Uint16Array(memory, 0, count)
  const bits = new Uint32Array(count)
  for (let i = 0; i < count; i++) bits[i] = halves[i]! << 16
  return new Float32Array(bits.buffer)
}

/** Sums of two halves are rounded past 2^53, and then no safe integers. */
const wide =
  (signed: boolean): Convert =>
  (memory, count) => {
    const low = new Uint32Array(memory, 0, 2 * count)
    const high = signed ? new Int32Array(memory, 0, 2 * count) : low
    const out = new Float64Array(count)
    for (let i = 0; i < count; i++) out[i] = high[2 * i + 1]! * 4294967296 + low[2 * i]!
    return out
  }

const unsafe = (value: number): string | undefined =>
  Number.isSafeInteger(value)
    ? undefined
    : `an integer past 2^53, near ${value}, which float64 does not hold exactly`

const notBoolean = (value: number): string | undefined =>
  value <= 1 ? undefined : `the byte ${value}, which is no boolean`

const plain =
  (type: new (memory: ArrayBuffer, at: number, count: number) => ArrayLike<number>): Convert =>
  (memory, count) =>
    new type(memory, 0, count)

export const numberTypes: { readonly [name: string]: NumberType } = {
  f2: { size: 2, single: true, convert: halfFloats },
  bf2: { size: 2, single: true, convert: brainFloats },
  f4: { size: 4, single: true, convert: plain(Float32Array) },
  f8: { size: 8, single: false, convert: plain(Float64Array) },
  b1: { size: 1, single: true, convert: plain(Uint8Array), fault: notBoolean },
  i1: { size: 1, single: true, convert: plain(Int8Array) },
  u1: { size: 1, single: true, convert: plain(Uint8Array) },
  i2: { size: 2, single: true, convert: plain(Int16Array) },
  u2: { size: 2, single: true, convert: plain(Uint16Array) },
  i4: { size: 4, single: false, convert: plain(Int32Array) },
  u4: { size: 4, single: false, convert: plain(Uint32Array) },
  i8: { size: 8, single: false, convert: wide(true), fault: unsafe },
  u8: { size: 8, single: false, convert: wide(false), fault: unsafe }
}

/** Values of a block. */
const blockValues = 1 << 16

/** What `readNumbers` says of a value that cannot be held: its place in the file's order, and why. */
export type Refuse = (index: number, fault: string) => Error

/**
 * The next `count` numbers of a source. `littleEndian` is the order in the file. Whoever calls has compared `count` with the
 * bytes there are.
 */
export const readNumbers = async (
  source: ByteSource,
  type: NumberType,
  count: number,
  littleEndian: boolean,
  refuse: Refuse
): Promise<Float32Array | Float64Array> => {
  const out = type.single ? new Float32Array(count) : new Float64Array(count)
  if (littleEndian && (type === numberTypes.f4 || type === numberTypes.f8)) {
    await source.read(out.buffer, 0, count * type.size)
    return out
  }
  const memory = new ArrayBuffer(Math.min(count, blockValues) * type.size)
  for (let at = 0; at < count; at += blockValues) {
    const length = Math.min(blockValues, count - at)
    await source.read(memory, 0, length * type.size)
    if (!littleEndian) swap(Buffer.from(memory, 0, length * type.size), type.size)
    const values = type.convert(memory, length)
    if (type.fault !== undefined) {
      for (let i = 0; i < length; i++) {
        const fault = type.fault(values[i]!)
        if (fault !== undefined) throw refuse(at + i, fault)
      }
    }
    out.set(values, at)
  }
  return out
}

const swap = (bytes: Buffer, size: number): void => {
  if (size === 2) bytes.swap16()
  else if (size === 4) bytes.swap32()
  else if (size === 8) bytes.swap64()
}
