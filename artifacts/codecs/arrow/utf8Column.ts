/** Columns of text: offsets and bytes in, strings out. */
import { isUtf8 } from "node:buffer"
import { Malformed } from "./flatTable.ts"

/** Arrow's buffers for a column of texts: `n + 1` offsets (int32) and the UTF-8 bytes. */
export const encodeTexts = (
  texts: ReadonlyArray<string>
): { readonly offsets: Int32Array<ArrayBuffer>; readonly bytes: Uint8Array } => {
  const offsets = new Int32Array(texts.length + 1)
  let capacity = 0
  for (const text of texts) capacity += text.length
  const joined = texts.join("")
  const bytes = Buffer.from(joined, "utf8")
  let at = 0
  // When every character is one byte, lengths in characters are lengths in bytes.
  const plain = bytes.byteLength === capacity
  for (let i = 0; i < texts.length; i++) {
    at += plain ? texts[i].length : Buffer.byteLength(texts[i], "utf8")
    offsets[i + 1] = at
  }
  return { offsets, bytes }
}

/**
 * Texts of rows `0 .. offsets.length - 1` of a column. Throws `Malformed` where the offsets do not fit the bytes or a text
 * is not UTF-8.
 */
export const decodeTexts = (offsets: Int32Array | Float64Array, bytes: Uint8Array): ReadonlyArray<string> => {
  const count = Math.max(0, offsets.length - 1)
  for (let i = 0; i < count; i++)
    if (offsets[i] < 0 || offsets[i + 1] < offsets[i] || offsets[i + 1] > bytes.byteLength)
      throw new Malformed(`the offsets of text ${i} do not fit its column`)
  if (count === 0) return []
  const first = offsets[0]
  const used = bytes.subarray(first, offsets[count])
  const buffer = Buffer.from(used.buffer, used.byteOffset, used.byteLength)
  const texts: Array<string> = []
  // One string is made where its characters are bytes, and where one can hold them.
  const plain = used.byteLength < longest && isAscii(used)
  const latin = plain ? buffer.toString("latin1") : ""
  for (let i = 0; i < count; i++)
    texts.push(
      plain
        ? latin.substring(offsets[i] - first, offsets[i + 1] - first)
        : decodeText(buffer, offsets[i] - first, offsets[i + 1] - first, i)
    )
  return texts
}

const longest = 1 << 28

const decodeText = (buffer: Buffer, start: number, end: number, i: number): string => {
  if (end - start > longest) throw new Malformed(`text ${i} of a column is longer than 256 MiB`)
  const text = buffer.toString("utf8", start, end)
  if (text.includes("\ufffd") && !isUtf8(buffer.subarray(start, end)))
    throw new Malformed(`text ${i} of a column is not UTF-8`)
  return text
}

const isAscii = (bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] > 127) return false
  return true
}
