/**
 * Decodes LZ4 frames: how pandas and pyarrow compress Feather files unless told otherwise. Every length is compared with
 * the bytes there are, checksums are compared where a frame has them. Throws `Malformed`.
 * Source: the LZ4 frame format 1.6.4 and block format descriptions. Cost O(bytes).
 */
import { Malformed } from "../codecs/arrow/flatTable.ts"
import { decodeBlock } from "../codecs/lz4Block.ts"
import { xxh32 } from "./xxh32.ts"

const magic = 0x184d2204

/** The content of all frames in `input`; of exactly `length` bytes where it is given. */
export const decodeLz4Frames = (input: Uint8Array, length?: number): Uint8Array => {
  const output: Output = length === undefined ? new Growing(input.length * 4) : new Fixed(length)
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  let at = 0
  const take = (bytes: number): number => {
    if (at + bytes > input.length) throw new Malformed("an LZ4 frame is cut short")
    at += bytes
    return at - bytes
  }
  const checksum = (bytes: Uint8Array): void => {
    if (view.getUint32(take(4), true) !== xxh32(bytes)) throw new Malformed("an LZ4 checksum does not match")
  }
  while (at < input.length) {
    const head = take(7)
    if (view.getUint32(head, true) !== magic) throw new Malformed("it is not an LZ4 frame")
    const flags = input[head + 4]!
    const hasSize = (flags & 8) !== 0
    const blockChecksums = (flags & 16) !== 0
    if (flags >> 6 !== 1 || (flags & 2) !== 0) throw new Malformed("an LZ4 frame is of an unknown version")
    if ((flags & 1) !== 0) throw new Malformed("an LZ4 frame needs a dictionary that is not there")
    const descriptor = input[head + 5]!
    if ((descriptor & 0x8f) !== 0 || descriptor >> 4 < 4)
      throw new Malformed("an LZ4 frame is of an unknown version")
    const blockLimit = 1 << (8 + 2 * (descriptor >> 4))
    if (hasSize) take(8)
    if (((xxh32(input.subarray(head + 4, at - 1)) >> 8) & 0xff) !== input[at - 1])
      throw new Malformed("an LZ4 checksum does not match")
    const start = output.length
    const size = hasSize ? view.getBigUint64(head + 6, true) : undefined
    for (;;) {
      const header = view.getUint32(take(4), true)
      if (header === 0) break
      const bytes = header & 0x7fffffff
      if (bytes > blockLimit) throw new Malformed("an LZ4 block is longer than it may be")
      const from = take(bytes)
      const block = input.subarray(from, at)
      if (blockChecksums) checksum(block)
      // Blocks may refer to earlier ones, so all are decoded into one array.
      if (header >>> 31 === 1) output.append(block)
      else {
        output.room(blockLimit)
        output.length = decodeBlock(block, output.bytes, output.length, 0)
      }
    }
    const content = output.bytes.subarray(start, output.length)
    if (size !== undefined && size !== BigInt(content.length))
      throw new Malformed("an LZ4 frame holds another number of bytes than it says")
    if ((flags & 4) !== 0) checksum(content)
  }
  if (length !== undefined && output.length !== length)
    throw new Malformed(`a buffer unpacks to ${output.length} bytes and says ${length}`)
  return output.bytes.subarray(0, output.length)
}

interface Output {
  readonly bytes: Uint8Array
  length: number
  append(block: Uint8Array): void
  /** Makes room for a block that may be as long as this. */
  room(more: number): void
}

/** An output of a length that is known. */
class Fixed implements Output {
  readonly bytes: Uint8Array
  length = 0
  constructor(length: number) {
    this.bytes = new Uint8Array(length)
  }
  append(block: Uint8Array): void {
    if (this.length + block.length > this.bytes.length)
      throw new Malformed("an LZ4 frame is longer than it may be")
    this.bytes.set(block, this.length)
    this.length += block.length
  }
  room(): void {}
}

/** An output that grows with what is written. */
class Growing implements Output {
  bytes: Uint8Array
  length = 0
  constructor(length: number) {
    this.bytes = new Uint8Array(Math.max(64, length))
  }
  append(block: Uint8Array): void {
    this.room(block.length)
    this.bytes.set(block, this.length)
    this.length += block.length
  }
  room(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + more))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}
