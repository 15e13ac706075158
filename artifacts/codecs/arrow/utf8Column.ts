/** Columns of text: offsets and bytes in, strings out. */

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

/** Texts of rows `0 .. offsets.length - 1` of a column; throws a RangeError where the offsets do not fit the bytes. */
export const decodeTexts = (offsets: Int32Array | Float64Array, bytes: Uint8Array): ReadonlyArray<string> => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = Math.max(0, offsets.length - 1)
  for (let i = 0; i < count; i++)
    if (offsets[i] < 0 || offsets[i + 1] < offsets[i] || offsets[i + 1] > bytes.byteLength)
      throw new RangeError(`the offsets of text ${i} do not fit its column`)
  const texts: Array<string> = []
  const plain = isAscii(bytes)
  const latin = plain ? buffer.toString("latin1") : ""
  for (let i = 0; i < count; i++)
    texts.push(
      plain
        ? latin.substring(offsets[i], offsets[i + 1])
        : buffer.toString("utf8", offsets[i], offsets[i + 1])
    )
  return texts
}

const isAscii = (bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] > 127) return false
  return true
}
