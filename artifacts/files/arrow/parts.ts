/**
 * The columns of one batch, laid over its nodes and buffers in the order of Arrow's layout: how many values each has, how
 * many are null, and its buffers, which are read (and decompressed) when they are asked for and kept as long as the part.
 * Throws `Malformed` where the batch has not what its schema says. Source: "Physical memory layout" in Arrow's format.
 */
import { oldMetadataVersion, type ArrowField, type ArrowType } from "../../codecs/arrow/fields.ts"
import { Malformed } from "../../codecs/arrow/flatTable.ts"
import type { Batch } from "../../codecs/arrow/messages.ts"
import { BatchBuffer, type Unpack } from "./BatchBuffer.ts"
import type { ArrowSource } from "./source.ts"

export interface Part {
  readonly type: ArrowType
  readonly length: number
  readonly nulls: number
  /** A bit for each value, 1 where it is not null; undefined where none is, or the type has none. */
  readonly validity: BatchBuffer | undefined
  readonly buffers: ReadonlyArray<BatchBuffer>
  readonly children: ReadonlyArray<Part>
}

/** One part for each field; every length is compared with the others and with the bytes there are. */
export const partsOf = (
  source: ArrowSource,
  batch: Batch,
  fields: ReadonlyArray<ArrowField>,
  unpack: Unpack
): ReadonlyArray<Part> => {
  let node = 0
  let buffer = 0
  let variadic = 0

  const nextBuffer = (least: number): BatchBuffer => {
    const region = batch.buffers[buffer++]
    if (region === undefined) throw new Malformed("a record batch has too few buffers")
    return new BatchBuffer(source.file, region, batch.codec, least, unpack)
  }
  const part = (type: ArrowType): Part => {
    const counts = batch.nodes[node++]
    if (counts === undefined) throw new Malformed("a record batch has too few columns")
    const { length, nulls } = counts
    const stored = type.type === "dictionary" ? type.index : type
    const validity = hasValidity(stored, batch.version)
      ? nextBuffer(nulls > 0 ? Math.ceil(length / 8) : 0)
      : undefined
    const buffers = bufferSizes(stored, length).map(nextBuffer)
    if (stored.type === "utf8View" || stored.type === "binaryView") {
      const more = batch.variadic[variadic++]
      if (more === undefined || more > batch.buffers.length)
        throw new Malformed("a record batch has too few buffers")
      for (let i = 0; i < more; i++) buffers.push(nextBuffer(0))
    }
    const children = childrenOf(stored).map((child) => part(child.type))
    checkChildren(stored, length, children)
    return { type, length, nulls, validity, buffers, children }
  }

  const parts = fields.map((field) => {
    const made = part(field.type)
    if (made.length !== batch.rows)
      throw new Malformed(
        `a record batch says that it has ${batch.rows} rows, and its column '${field.name}' has ${made.length}`
      )
    return made
  })
  if (node !== batch.nodes.length || buffer !== batch.buffers.length)
    throw new Malformed("a record batch has more columns or buffers than its schema")
  return parts
}

const hasValidity = ({ type }: ArrowType, version: number): boolean =>
  type === "union" ? version <= oldMetadataVersion : type !== "null" && type !== "runEndEncoded"

/** The least length of every buffer behind the validity. */
const bufferSizes = (type: ArrowType, length: number): ReadonlyArray<number> => {
  const offsets = (bytes: number) => (length === 0 ? 0 : (length + 1) * bytes)
  switch (type.type) {
    case "null":
    case "fixedSizeList":
    case "struct":
    case "runEndEncoded":
    case "dictionary":
      return []
    case "bool":
      return [Math.ceil(length / 8)]
    case "half":
    case "bfloat16":
      return [2 * length]
    case "fixedSizeBinary":
      return [type.size * length]
    case "utf8":
    case "binary":
      return [offsets(4), 0]
    case "largeUtf8":
    case "largeBinary":
      return [offsets(8), 0]
    case "utf8View":
    case "binaryView":
      return [16 * length]
    case "list":
    case "map":
      return [offsets(4)]
    case "largeList":
      return [offsets(8)]
    case "listView":
      return [4 * length, 4 * length]
    case "largeListView":
      return [8 * length, 8 * length]
    case "union":
      return type.dense ? [length, 4 * length] : [length]
    default:
      return [(type.bits / 8) * length]
  }
}

const childrenOf = (type: ArrowType): ReadonlyArray<ArrowField> => {
  if ("child" in type) return [type.child]
  if ("children" in type) return type.children
  return type.type === "runEndEncoded" ? [type.ends, type.values] : []
}

const checkChildren = (type: ArrowType, length: number, children: ReadonlyArray<Part>): void => {
  const least =
    type.type === "fixedSizeList"
      ? length * type.size
      : type.type === "struct" || (type.type === "union" && !type.dense)
        ? length
        : 0
  for (const child of children)
    if (child.length < least)
      throw new Malformed(`a column within another has ${child.length} values where ${least} belong`)
  if (type.type === "runEndEncoded" && children[0]!.length !== children[1]!.length)
    throw new Malformed("a run-end-encoded column has not as many ends as values")
}

/** The first null among values `start` to `start + count`; -1 where there is none. */
export const firstNull = (part: Part, start: number, count: number): number => {
  if (part.type.type === "null") return count > 0 ? start : -1
  const bits = validBits(part)
  if (bits === undefined) return -1
  const end = start + count
  for (let i = start; i < end; i++) {
    if ((i & 7) === 0 && i + 8 <= end && bits[i >> 3] === 0xff) i += 7
    else if (!isValid(bits, i)) return i
  }
  return -1
}

/** Whether a value is not null. */
export const isValid = (bits: Uint8Array | undefined, i: number): boolean =>
  bits === undefined || ((bits[i >> 3]! >> (i & 7)) & 1) === 1

/** The bits of validity, whose number of zeros must be that which the batch says; undefined where no value is null. */
export const validBits = (part: Part): Uint8Array | undefined => {
  if (part.validity === undefined) return undefined
  const bits = part.validity.bytes()
  if (bits.length === 0 && part.nulls === 0) return undefined
  if (!checked.has(bits)) {
    if (bits.length < Math.ceil(part.length / 8))
      throw new Malformed("a column's bits of validity are too few")
    let valid = 0
    for (let i = 0; i < part.length >> 3; i++) valid += ones[bits[i]!]!
    for (let i = part.length & ~7; i < part.length; i++) valid += (bits[i >> 3]! >> (i & 7)) & 1
    if (valid !== part.length - part.nulls)
      throw new Malformed(
        `a column says that ${part.nulls} of its values are null, and ${part.length - valid} are`
      )
    checked.add(bits)
  }
  return part.nulls === 0 ? undefined : bits
}

const checked = new WeakSet<Uint8Array>()

const ones = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1
  return count
})
