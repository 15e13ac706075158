/**
 * One LZ4 block, as Arrow's frames and Parquet's pages hold them. Every length and reference is compared with the bytes there
 * are; throws `Malformed`. Source: "LZ4 Block Format Description". Cost O(bytes).
 */
import { Malformed } from "./arrow/flatTable.ts"

/** Decodes one block to `output` from `start`; where it ends. It may refer to what lies there from `earliest` on. */
export const decodeBlock = (
  block: Uint8Array,
  output: Uint8Array,
  start: number,
  earliest: number
): number => {
  let from = 0
  let to = start
  /** A length of 15 or more goes on in further bytes. */
  const extended = (nibble: number): number => {
    let length = nibble
    if (nibble !== 15) return length
    for (;;) {
      const byte = block[from++]
      if (byte === undefined) throw new Malformed("an LZ4 block is cut short")
      length += byte
      if (byte !== 255) return length
    }
  }
  while (from < block.length) {
    const token = block[from++]!
    const literals = extended(token >> 4)
    if (from + literals > block.length || to + literals > output.length)
      throw new Malformed("an LZ4 block is longer than it may be")
    if (literals < 16) for (let i = 0; i < literals; i++) output[to + i] = block[from + i]!
    else output.set(block.subarray(from, from + literals), to)
    from += literals
    to += literals
    if (from === block.length) return to
    if (from + 2 > block.length) throw new Malformed("an LZ4 block is cut short")
    const offset = block[from]! | (block[from + 1]! << 8)
    from += 2
    const match = extended(token & 15) + 4
    if (offset === 0 || offset > to - earliest || to + match > output.length)
      throw new Malformed("an LZ4 block refers outside its output")
    if (offset >= match && match >= 32) {
      output.copyWithin(to, to - offset, to - offset + match)
      to += match
    } else for (let i = 0; i < match; i++, to++) output[to] = output[to - offset]!
  }
  throw new Malformed("an LZ4 block is cut short")
}
