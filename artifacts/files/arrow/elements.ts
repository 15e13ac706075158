/**
 * The elements of a part as numbers, one at a time, whatever type they are stored in: exactly, or with a complaint that says
 * why not. Half floats: IEEE 754 binary16; bfloat16: the upper half of a float32; decimals: whole numbers over a power of
 * ten, read where both are exact, so that the quotient is the nearest float64.
 */
import type { ArrowType } from "../../codecs/arrow/fields.ts"
import { float16 } from "../npy.ts"
import type { Part } from "./parts.ts"

/** Element `i` as a number, or a text that goes on "Row 3 of column 'x'". */
export type Element = (i: number) => number | string

/** Whether elements of a type are numbers that `elementsOf` reads. */
export const isNumber = ({ type }: ArrowType): boolean =>
  type === "int" || type === "float" || type === "half" || type === "bfloat16" || type === "decimal"

/** Whether every element is a number without a complaint, in float32 or in float64. */
export const isExact = (type: ArrowType): boolean =>
  isNumber(type) && type.type !== "decimal" && !(type.type === "int" && type.bits === 64)

const known = new WeakMap<Part, Element>()

/** Elements of a part whose type `isNumber`, nulls left aside. The buffer is read once. */
export const elementsOf = (part: Part): Element => {
  const made = known.get(part) ?? read(part)
  known.set(part, made)
  return made
}

const read = (part: Part): Element => {
  const { type, length } = part
  switch (type.type) {
    case "float": {
      const values = type.bits === 32 ? array(part, Float32Array, length) : array(part, Float64Array, length)
      return (i) => values[i]!
    }
    case "half": {
      const values = array(part, Uint16Array, length)
      return (i) => float16(values[i]!)
    }
    case "bfloat16": {
      const values = Uint32Array.from(array(part, Uint16Array, length), (upper) => upper << 16)
      const floats = new Float32Array(values.buffer)
      return (i) => floats[i]!
    }
    case "decimal":
      return decimals(part, type)
    case "int":
      if (type.bits === 64) {
        const whole = wholeNumbers(part)
        return (i) => exact(whole(i), 0)
      } else {
        const values = array(part, smallIntegers[`${type.signed}${type.bits}`]!, length)
        return (i) => values[i]!
      }
    default:
      throw new Error(`${type.type} is no number`)
  }
}

/** The whole numbers of an integer or decimal part, exactly; of a decimal before its scale. */
export const wholeNumbers = (part: Part): ((i: number) => bigint) => {
  const { type, length } = part
  if (type.type !== "int" && type.type !== "decimal") throw new Error(`${type.type} is no whole number`)
  const { bits } = type
  if (type.type === "int" && bits < 64) {
    const values = array(part, smallIntegers[`${type.signed}${bits}`]!, length)
    return (i) => BigInt(values[i]!)
  }
  if (type.type === "decimal" && bits === 32) {
    const values = array(part, Int32Array, length)
    return (i) => BigInt(values[i]!)
  }
  const words = bits / 64
  const low = array(part, BigUint64Array, words * length)
  return (i) => {
    let value = 0n
    for (let word = words - 1; word >= 0; word--) value = (value << 64n) | low[i * words + word]!
    return type.type === "int" && !type.signed ? value : BigInt.asIntN(bits, value)
  }
}

/** The text of a whole number over ten to the power of `scale`. */
export const decimalText = (whole: bigint, scale: number): string => {
  if (scale <= 0) return String(whole * 10n ** BigInt(-scale))
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, "0")
  return `${whole < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const decimals = (
  part: Part,
  { precision, scale }: { readonly precision: number; readonly scale: number }
): Element => {
  const whole = wholeNumbers(part)
  const most = 10n ** BigInt(Math.max(0, Math.min(precision, 77)))
  return (i) => {
    const value = whole(i)
    return value < most && value > -most
      ? exact(value, scale)
      : `holds a decimal of more than the ${precision} digits that its type allows`
  }
}

/** Powers of ten that a float64 holds exactly. */
const powers = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))

const exact = (whole: bigint, scale: number): number | string => {
  // A float64 holds whole numbers up to 2^53, and those beyond that end in enough zeros.
  const value = Number(whole)
  const isHeld = Number.isFinite(value) && BigInt(value) === whole
  if (scale === 0 && isHeld) return value
  if (scale > 0 && scale <= 22 && isHeld) return value / powers[scale]!
  if (scale < 0 && scale >= -400) return exact(whole * 10n ** BigInt(-scale), 0)
  if (scale > 0 && whole % 10n === 0n && whole !== 0n) return exact(whole / 10n, scale - 1)
  if (whole === 0n) return 0
  return `holds ${Math.abs(scale) > 400 ? `a decimal of scale ${scale}` : decimalText(whole, scale)}, which a float64 cannot hold exactly`
}

const smallIntegers: { readonly [type: string]: ArrayType<ArrayLike<number>> } = {
  true8: Int8Array,
  false8: Uint8Array,
  true16: Int16Array,
  false16: Uint16Array,
  true32: Int32Array,
  false32: Uint32Array
}

type ArrayType<A> = {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A
}

/** A part's last buffer as an array of `length` elements; the batch was checked to hold as many. */
const array = <A>(part: Part, type: ArrayType<A>, length: number): A => {
  const bytes = part.buffers.at(-1)!.bytes()
  return new type(bytes.buffer, bytes.byteOffset, length)
}

/** Offsets of texts and lists, one more than there are values; of views, one for each. */
export const offsetsOf = (part: Part, buffer: number, wide: boolean, count: number): OffsetArray => {
  const bytes = part.buffers[buffer]!.bytes()
  if (!wide) return new Int32Array(bytes.buffer, bytes.byteOffset, count)
  // Past 2^53 they are past every buffer, which is what they are compared with.
  const offsets = new BigInt64Array(bytes.buffer, bytes.byteOffset, count)
  return Float64Array.from(offsets, Number)
}

export type OffsetArray = Int32Array | Float64Array
