/**
 * The safetensors layout: 8 bytes header length (little-endian), a JSON header
 * `{name: {dtype, shape, data_offsets}, __metadata__: {...}}`, then the tensors' bytes.
 * Source: the format's description in the huggingface/safetensors repository.
 *
 * Written canonically: wider types first, then by name, so that every tensor is aligned to its element and equal values
 * give equal bytes.
 */
import type { Tensor } from "../../schemas/Matrix.ts"
import type { TensorsValue } from "../../schemas/Kind.ts"
import { own, setOwn } from "../../schemas/named.ts"

type Data = Tensor["data"]

const dtypes = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array
} as const

type Dtype = keyof typeof dtypes

/** Bits of an element, of every type that the format names. */
const widths: ReadonlyMap<string, number> = new Map([
  ["F4", 4],
  ...["F6_E2M3", "F6_E3M2"].map((name) => [name, 6] as const),
  ...["BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"].map(
    (name) => [name, 8] as const
  ),
  ...["I16", "U16", "F16", "BF16"].map((name) => [name, 16] as const),
  ...["I32", "U32", "F32"].map((name) => [name, 32] as const),
  ...["I64", "U64", "F64", "C64"].map((name) => [name, 64] as const)
])

export interface Entry {
  readonly name: string
  /** As the file names it; more types exist than tensors of ours have. */
  readonly dtype: string
  readonly shape: ReadonlyArray<number>
  /** Byte range, counted from the end of the header. */
  readonly start: number
  readonly end: number
}

export interface Header {
  readonly entries: ReadonlyArray<Entry>
  readonly metadata: { readonly [name: string]: string }
}

const dtypeOf = (data: Data): Dtype => {
  if (data instanceof Float64Array) return "F64"
  if (data instanceof Float32Array) return "F32"
  return data instanceof Int32Array ? "I32" : "U32"
}

const volume = (shape: ReadonlyArray<number>): number => shape.reduce((product, size) => product * size, 1)

/** Header and tensor bytes in the order they are written. Throws a TypeError for a shape that does not fit its data. */
export const layOut = (value: TensorsValue): ReadonlyArray<Uint8Array> => {
  const tensors = Object.entries(value.tensors).toSorted(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1)
  )
  // A tensor may have any name, also one that objects inherit.
  const header = Object.create(null) as Record<string, unknown>
  const metadata = Object.entries(value.metadata ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (metadata.length > 0) header.__metadata__ = Object.fromEntries(metadata)
  let at = 0
  for (const [name, { shape, data }] of tensors) {
    if (volume(shape) !== data.length)
      throw new TypeError(`tensor ${name} has shape [${shape.join(", ")}] and ${data.length} values`)
    setOwn(header, name, { dtype: dtypeOf(data), shape, data_offsets: [at, at + data.byteLength] })
    at += data.byteLength
  }
  const text = Buffer.from(JSON.stringify(header), "utf8")
  const length = Math.ceil(text.byteLength / 8) * 8
  const head = Buffer.alloc(8 + length, " ")
  head.writeBigUInt64LE(BigInt(length), 0)
  text.copy(head, 8)
  return [
    head,
    ...tensors.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  ]
}

/** Bytes of the header, from the file's first 8; throws a RangeError where the file has no such header. */
export const headerLength = (prefix: Uint8Array, fileSize: number): number => {
  if (prefix.length < 8) throw new RangeError(`it has ${prefix.length} bytes, too few for a header`)
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true)
  if (length < 2n || length > BigInt(maxHeader) || length > BigInt(fileSize - 8))
    throw new RangeError(`the header length ${length} does not fit the file`)
  return Number(length)
}

/** Parses and checks a header against the number of bytes that follow it. Throws a RangeError with the fault. */
export const parseHeader = (bytes: Uint8Array, dataBytes: number): Header => {
  const { __metadata__: metadata = {}, ...tensors } = parseJson(bytes)
  const texts = textsOf(metadata)
  const entries = Object.entries(tensors).map(([name, raw]): Entry => {
    const { dtype, shape, data_offsets: offsets } = (raw ?? {}) as Record<string, unknown>
    if (typeof dtype !== "string" || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2)
      throw new RangeError(`tensor ${name} is not described as safetensors require`)
    const [start, end] = offsets
    if (start > end || end > dataBytes) throw new RangeError(`tensor ${name} lies outside the file`)
    const width = widths.get(dtype)
    if (width === undefined) throw new RangeError(`tensor ${name} has the unknown type ${dtype}`)
    if (volume(shape) * width !== 8 * (end - start))
      throw new RangeError(`tensor ${name} has shape [${shape.join(", ")}] and ${end - start} bytes`)
    return { name, dtype, shape, start, end }
  })
  checkCovered(entries, dataBytes)
  return { entries, metadata: texts }
}

/** Each byte behind the header belongs to one tensor: shared ones could ask for many times the memory that the file has. */
const checkCovered = (entries: ReadonlyArray<Entry>, dataBytes: number): void => {
  const inOrder = entries.toSorted((a, b) => a.start - b.start || a.end - b.end)
  let end = 0
  for (const [i, entry] of inOrder.entries()) {
    if (entry.start < end)
      throw new RangeError(`tensors ${inOrder[i - 1].name} and ${entry.name} share bytes`)
    if (entry.start > end)
      throw new RangeError(`${entry.start - end} bytes before tensor ${entry.name} are nobody's`)
    end = entry.end
  }
  if (end !== dataBytes) throw new RangeError(`${dataBytes - end} bytes behind the last tensor are nobody's`)
}

const textsOf = (metadata: unknown): Header["metadata"] => {
  if (
    typeof metadata !== "object" ||
    metadata === null ||
    Object.values(metadata).some((value) => typeof value !== "string")
  )
    throw new RangeError("the metadata does not map names to texts")
  return metadata as Header["metadata"]
}

const arrayOf = ({ name, dtype }: Entry): (typeof dtypes)[Dtype] => {
  const type = own(dtypes, dtype)
  if (type === undefined) throw new RangeError(`tensor ${name} has the unknown type ${dtype}`)
  return type
}

/** A tensor of an entry's type and shape, all zeros. Throws a RangeError for a type that ours do not have. */
export const emptyTensor = (entry: Entry): Tensor => {
  const type = arrayOf(entry)
  return { shape: entry.shape, data: new type(new ArrayBuffer(entry.end - entry.start)) }
}

/** Tensors as views of the data part of a file, which must start at a multiple of 8 in its memory. */
export const tensorsOf = (header: Header, data: Uint8Array): Required<TensorsValue> => {
  const tensors = header.entries.map((entry): readonly [string, Tensor] => {
    const type = arrayOf(entry)
    const length = (entry.end - entry.start) / type.BYTES_PER_ELEMENT
    const start = data.byteOffset + entry.start
    return [
      entry.name,
      {
        shape: entry.shape,
        data:
          start % type.BYTES_PER_ELEMENT === 0
            ? new type(data.buffer as ArrayBuffer, start, length)
            : new type(data.slice(entry.start, entry.end).buffer)
      }
    ]
  })
  return { tensors: Object.fromEntries(tensors), metadata: header.metadata }
}

const parseJson = (bytes: Uint8Array): Record<string, unknown> => {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch {
    throw new RangeError("the header is not a JSON object")
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || !text.startsWith("{"))
    throw new RangeError("the header is not a JSON object")
  const twice = nameTwice(text)
  if (twice !== undefined) throw new RangeError(`the header names ${twice} twice`)
  return value as Record<string, unknown>
}

/**
 * The first name that stands twice in one object of a valid JSON text: `JSON.parse` takes the last one without a word.
 * Cost O(length).
 */
export const nameTwice = (text: string): string | undefined => {
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g
  const open: Array<Set<string>> = []
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === "{") open.push(new Set())
    else if (found[0] === "}") open.pop()
    else if (found[1] !== undefined) {
      const name = JSON.parse(found[0].slice(0, -found[1].length)) as string
      const names = open.at(-1)!
      if (names.has(name)) return name
      names.add(name)
    }
  }
  return undefined
}

const isSizes = (value: unknown): value is ReadonlyArray<number> =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)

/** Longest header we accept; the format's own limit is 100 MB. */
export const maxHeader = 100_000_000
