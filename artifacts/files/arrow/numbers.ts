/** Columns of numbers into a matrix: plain ones, those of a dictionary, and run-end-encoded ones. */
import { readRegion } from "../../codecs/arrow/ArrowFile.ts"
import { elementsOf, isExact } from "./elements.ts"
import { isIndirect } from "./indirect.ts"
import { indirect, isNull, type Lookups } from "./lookup.ts"
import { firstNull, type Part } from "./parts.ts"

export type Values = Float32Array | Float64Array

/** What is wrong with value `at` of a part: goes on "Row 3 of column 'x'". */
export interface Complaint {
  readonly at: number
  readonly what: string
}

/** Where numbers go: value `i` of those asked for to `into[start + i * stride]`. */
export interface Target {
  readonly into: Values
  readonly start: number
  readonly stride: number
}

/** Reads values `first` to `first + count`; the first that is null or not exactly a number ends it with a complaint. */
export const readNumbers = (
  part: Part,
  first: number,
  count: number,
  target: Target,
  lookups: Lookups
): Complaint | undefined => {
  if (isIndirect(part.type)) {
    const { places, values } = indirect(part, first, count, lookups)
    return fill(first, count, target, (i) => (places[i]! < 0 ? isNull : values.number(places[i]!)))
  }
  const missing = firstNull(part, first, count)
  const wanted = missing < 0 ? count : missing - first
  return copy(part, first, wanted, target) ?? (missing < 0 ? undefined : { at: missing, what: isNull })
}

const fill = (
  first: number,
  count: number,
  { into, start, stride }: Target,
  value: (i: number) => number | string
): Complaint | undefined => {
  for (let i = 0; i < count; i++) {
    const number = value(i)
    if (typeof number === "string") return { at: first + i, what: number }
    into[start + i * stride] = number
  }
  return undefined
}

const copy = (part: Part, first: number, count: number, target: Target): Complaint | undefined => {
  const { into, start, stride } = target
  if (stride === 1 && copyBytes(part, first, count, into, start)) return undefined
  const element = elementsOf(part)
  if (!isExact(part.type)) return fill(first, count, target, (i) => element(first + i))
  for (let i = 0; i < count; i++) into[start + i * stride] = element(first + i) as number
  return undefined
}

/** Floats of the matrix's own precision go from the file to the matrix without a step between. */
const copyBytes = (part: Part, first: number, count: number, into: Values, start: number): boolean => {
  const bytes = into.BYTES_PER_ELEMENT
  if (part.type.type !== "float" || part.type.bits !== 8 * bytes) return false
  const { file, region } = part.buffers[0]!
  if (region === undefined) {
    const from = part.buffers[0]!.bytes()
    const place = new Uint8Array(into.buffer, into.byteOffset + start * bytes, count * bytes)
    place.set(from.subarray(first * bytes, (first + count) * bytes))
    return true
  }
  for (let done = 0; done < count; done += piece) {
    const length = Math.min(piece, count - done) * bytes
    const place = new Uint8Array(into.buffer, into.byteOffset + (start + done) * bytes, length)
    readRegion(file, { offset: region.offset + (first + done) * bytes, length }, place)
  }
  return true
}

/** Elements in one read. */
const piece = 1 << 24
