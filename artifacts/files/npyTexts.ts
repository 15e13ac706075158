/** numpy's arrays of texts: `<U12` (UTF-32, fixed width, zeros at the end) and `|S12` (bytes, taken as UTF-8). */
import type { ByteSource } from "./ByteSource.ts"
import { checkLength } from "./bounds.ts"
import { npyHead } from "./npy.ts"
import type { NpyHeader } from "./npyHeader.ts"
import { fileError } from "./UserMatrix.ts"

interface TextType {
  readonly wide: boolean
  readonly littleEndian: boolean
  /** Bytes a text. */
  readonly size: number
}

/** Undefined where the elements are no texts. */
export const textTypeOf = ({ descr }: NpyHeader): TextType | undefined => {
  const [, order, type, digits] = /^([<>|=]?)([US])(\d{1,9})$/.exec(descr ?? "") ?? []
  if (type === undefined) return undefined
  return { wide: type === "U", littleEndian: order !== ">", size: (type === "U" ? 4 : 1) * Number(digits) }
}

/** Texts of a block. */
const blockTexts = 4096

/** Every text of an array, in order; the source is read to its end and its checksum compared. */
export const readTextArray = async (
  source: ByteSource,
  header: NpyHeader
): Promise<ReadonlyArray<string>> => {
  const type = textTypeOf(header)
  if (type === undefined || (type.size === 0 && header.count > 0)) {
    throw fileError(source.path, `The array has the type '${header.descr}'.`, "an array of texts")
  }
  checkLength(source.path, "The file", header.offset + header.count * type.size, source.size)
  const texts: Array<string> = []
  const step = Math.max(1, Math.min(blockTexts, header.count, Math.floor((1 << 24) / Math.max(1, type.size))))
  const memory = new ArrayBuffer(step * type.size)
  const decode = type.wide ? wideText(memory, type) : narrowText(memory, type)
  for (let at = 0; at < header.count; at += step) {
    const length = Math.min(step, header.count - at)
    await source.read(memory, 0, length * type.size)
    for (let i = 0; i < length; i++) {
      const text = decode(i)
      if (text === undefined) {
        throw fileError(
          source.path,
          `Text ${at + i} is not ${type.wide ? "Unicode" : "UTF-8"}.`,
          "well-formed text",
          "save it with array.astype(str)"
        )
      }
      texts.push(text)
    }
  }
  await source.check()
  return texts
}

type Decode = (index: number) => string | undefined

/** UTF-32 → UTF-16, for code points that are characters. */
const wideText = (memory: ArrayBuffer, { size, littleEndian }: TextType): Decode => {
  const view = new DataView(memory)
  const units = new Uint16Array(size / 2)
  const bytes = Buffer.from(units.buffer)
  return (index) => {
    let end = index * size + size
    while (end > index * size && view.getUint32(end - 4, true) === 0) end -= 4
    let length = 0
    for (let at = index * size; at < end; at += 4) {
      const point = view.getUint32(at, littleEndian)
      if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return undefined
      if (point < 0x10000) units[length++] = point
      else {
        units[length++] = 0xd7c0 + (point >> 10)
        units[length++] = 0xdc00 + (point & 0x3ff)
      }
    }
    return bytes.toString("utf16le", 0, 2 * length)
  }
}

const narrowText = (memory: ArrayBuffer, { size }: TextType): Decode => {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  return (index) => {
    const bytes = new Uint8Array(memory, index * size, size)
    let end = size
    while (end > 0 && bytes[end - 1] === 0) end--
    try {
      return utf8.decode(bytes.subarray(0, end))
    } catch {
      return undefined
    }
  }
}

/** An npy file of texts as UTF-32 in pieces, with its length. Throws an InputError for texts that numpy would not give back. */
export const textParts = (
  path: string,
  texts: ReadonlyArray<string>
): { readonly size: number; readonly parts: () => Iterable<Uint8Array> } => {
  let width = 1
  texts.forEach((text, i) => {
    if (text.endsWith("\0")) {
      throw fileError(path, `Key ${i} ends with a zero byte, which numpy drops.`, "other keys, or Parquet")
    }
    width = Math.max(width, pointsIn(text))
  })
  const head = npyHead(`<U${width}`, [texts.length])
  return { size: head.length + 4 * width * texts.length, parts: () => encoded(head, width, texts) }
}

const pointsIn = (text: string): number => {
  let count = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit < 0xdc00) count--
  }
  return count
}

function* encoded(head: Uint8Array, width: number, texts: ReadonlyArray<string>): Generator<Uint8Array> {
  yield head
  const step = Math.max(1, Math.floor((1 << 20) / width))
  for (let from = 0; from < texts.length; from += step) {
    const block = texts.slice(from, from + step)
    const points = new Uint32Array(block.length * width)
    block.forEach((text, i) => {
      let at = i * width
      for (const character of text) points[at++] = character.codePointAt(0)!
    })
    yield new Uint8Array(points.buffer)
  }
}
