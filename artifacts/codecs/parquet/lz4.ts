/**
 * LZ4 blocks, alone (`LZ4_RAW`) or framed as Hadoop does (`LZ4`): each block after its two sizes, big-endian. Cost O(bytes).
 *
 * Source: "LZ4 Block Format Description"; Apache Parquet format, Compression.md.
 */
import { decodeBlock } from "../lz4Block.ts"

/** Exactly `size` bytes. Throws a RangeError where the blocks are not whole. */
export const decodeLz4Raw = (input: Uint8Array, size: number): Uint8Array => {
  const output = new Uint8Array(size)
  if (size === 0 && input.length === 0) return output
  if (decodeBlock(input, output, 0, 0) !== size) throw new RangeError("not of this size")
  return output
}

/** Old writers put a bare block where the frame should be; the sizes tell which it is. */
export const decodeLz4 = (input: Uint8Array, size: number): Uint8Array => {
  const blocks = hadoopBlocks(input, size)
  if (blocks === undefined) return decodeLz4Raw(input, size)
  const output = new Uint8Array(size)
  let to = 0
  for (const { block, length } of blocks) {
    if (decodeBlock(block, output, to, to) !== to + length) throw new RangeError("not of this size")
    to += length
  }
  return output
}

const hadoopBlocks = (input: Uint8Array, size: number) => {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const blocks: Array<{ readonly block: Uint8Array; readonly length: number }> = []
  let at = 0
  let total = 0
  while (at < input.length) {
    if (at + 8 > input.length) return undefined
    const length = view.getUint32(at)
    const compressed = view.getUint32(at + 4)
    at += 8
    total += length
    if (at + compressed > input.length || total > size) return undefined
    blocks.push({ block: input.subarray(at, at + compressed), length })
    at += compressed
  }
  return total === size ? blocks : undefined
}
