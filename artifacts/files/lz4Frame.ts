/**
 * Decodes LZ4 frames: how pandas and pyarrow compress Feather files unless told otherwise. Checksums are skipped.
 * Source: the LZ4 frame format 1.6.4 and block format descriptions. Cost O(bytes).
 */

const magic = 0x184d2204

/** The content of all frames in `input`. Throws a RangeError where they are not whole. */
export const decodeLz4Frames = (input: Uint8Array): Uint8Array => {
  let output = new Uint8Array(Math.max(64, input.length * 4))
  let length = 0
  const room = (bytes: number): void => {
    if (length + bytes <= output.length) return
    const grown = new Uint8Array(Math.max(2 * output.length, length + bytes))
    grown.set(output.subarray(0, length))
    output = grown
  }
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  let at = 0
  while (at < input.length) {
    if (view.getUint32(at, true) !== magic) throw new RangeError("not an LZ4 frame")
    const flags = input[at + 4]!
    const hasSize = (flags & 8) !== 0
    const blockChecksums = (flags & 16) !== 0
    const hasDictionary = (flags & 1) !== 0
    const blockLimit = 1 << (8 + 2 * ((input[at + 5]! >> 4) & 7))
    at += 4 + 2 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1
    for (;;) {
      const header = view.getUint32(at, true)
      at += 4
      if (header === 0) break
      const size = header & 0x7fffffff
      if (at + size > input.length) throw new RangeError("an LZ4 block is cut short")
      const block = input.subarray(at, at + size)
      room(Math.max(size, blockLimit))
      if (header >>> 31 === 1) {
        output.set(block, length)
        length += size
      } else {
        // Blocks may refer to earlier ones, so all are decoded into one array.
        length = decodeBlock(block, output, length)
      }
      at += size + (blockChecksums ? 4 : 0)
    }
    if ((flags & 4) !== 0) at += 4
  }
  return output.subarray(0, length)
}

/** Decodes one block to `output` from `start`; where it ends. */
const decodeBlock = (block: Uint8Array, output: Uint8Array, start: number): number => {
  let from = 0
  let to = start
  /** A length of 15 or more goes on in further bytes. */
  const extended = (nibble: number): number => {
    let length = nibble
    if (nibble !== 15) return length
    for (;;) {
      const byte = block[from++]
      if (byte === undefined) throw new RangeError("an LZ4 block is cut short")
      length += byte
      if (byte !== 255) return length
    }
  }
  while (from < block.length) {
    const token = block[from++]!
    const literals = extended(token >> 4)
    if (from + literals > block.length || to + literals > output.length)
      throw new RangeError("an LZ4 block is longer than it may be")
    output.set(block.subarray(from, from + literals), to)
    from += literals
    to += literals
    if (from === block.length) return to
    const offset = block[from]! | (block[from + 1]! << 8)
    from += 2
    const match = extended(token & 15) + 4
    if (offset === 0 || offset > to || to + match > output.length)
      throw new RangeError("an LZ4 block refers outside its output")
    for (let i = 0; i < match; i++, to++) output[to] = output[to - offset]!
  }
  return to
}
