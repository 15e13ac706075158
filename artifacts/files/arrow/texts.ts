/**
 * Columns of texts (UTF-8 with 32- or 64-bit offsets, or views), and whole numbers as text, exactly. Bytes that are not
 * UTF-8 are refused, since the text would be another one. Throws `Malformed`.
 */
import type { ArrowType } from "../../codecs/arrow/fields.ts"
import { Malformed } from "../../codecs/arrow/flatTable.ts"
import { decodeTexts } from "../../codecs/arrow/utf8Column.ts"
import { decimalText, offsetsOf, wholeNumbers } from "./elements.ts"
import { isValid, type Part, validBits } from "./parts.ts"

export const isText = ({ type }: ArrowType): boolean =>
  type === "utf8" || type === "largeUtf8" || type === "utf8View"

/** One text for each value; null where it is null. */
export const plainTexts = (part: Part): ReadonlyArray<string | null> => {
  const { type, length } = part
  if (length === 0) return []
  switch (type.type) {
    case "utf8":
    case "largeUtf8": {
      const offsets = offsetsOf(part, 0, type.type === "largeUtf8", length + 1)
      return withNulls(part, decodeTexts(offsets, part.buffers[1]!.bytes()))
    }
    case "utf8View":
      return withNulls(part, views(part))
    case "int":
    case "decimal": {
      const whole = wholeNumbers(part)
      const scale = type.type === "decimal" ? type.scale : 0
      if (Math.abs(scale) > 400) throw new Malformed(`a column has decimals of scale ${scale}`)
      const texts = Array.from({ length }, (_, i) => decimalText(whole(i), scale))
      return withNulls(part, texts)
    }
    default:
      throw new Error(`${type.type} is no text`)
  }
}

const withNulls = (part: Part, texts: ReadonlyArray<string>): ReadonlyArray<string | null> => {
  const bits = validBits(part)
  return bits === undefined ? texts : texts.map((text, i) => (isValid(bits, i) ? text : null))
}

/** Texts of up to 12 bytes are in their view; others are in one of the buffers behind. */
const views = (part: Part): ReadonlyArray<string> => {
  const bytes = part.buffers[0]!.bytes()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const bits = validBits(part)
  return Array.from({ length: part.length }, (_, i) => {
    if (!isValid(bits, i)) return ""
    const length = view.getInt32(16 * i, true)
    const inside = length <= 12
    const buffer = inside ? bytes : part.buffers[1 + view.getUint32(16 * i + 8, true)]?.bytes()
    const start = inside ? 16 * i + 4 : view.getInt32(16 * i + 12, true)
    if (buffer === undefined || length < 0 || start < 0 || start + length > buffer.length)
      throw new Malformed(`text ${i} of a column lies outside its buffers`)
    // A view repeats the first four bytes of a long text, and fills up behind a short one with zeros.
    const agrees = inside
      ? bytes.subarray(start + length, start + 12).every((byte) => byte === 0)
      : [0, 1, 2, 3].every((k) => bytes[16 * i + 4 + k] === buffer[start + k])
    if (!agrees) throw new Malformed(`text ${i} of a column differs from what its view says`)
    return decodeTexts(Int32Array.of(start, start + length), buffer)[0]!
  })
}
