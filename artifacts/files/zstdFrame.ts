/**
 * Decodes one zstd frame with libzstd (WebAssembly), which checks what it decodes. The frame's header is looked at first,
 * since the wrapper allocates what it says. Source: RFC 8878, section 3.1.1. Cost O(bytes).
 */
import { Malformed } from "../codecs/arrow/flatTable.ts"
import { loadZstd } from "../codecs/parquet/zstd.ts"

/** The content of the frame in `bytes`, in memory of its own; throws `Malformed` if it is not of exactly `length` bytes. */
export type DecodeZstd = (bytes: Uint8Array, length: number) => Uint8Array

/** What the WebAssembly's memory of 2 GiB can hold beside the frame. */
const largest = 1 << 29

/** Loads the library. */
export const zstdDecoder = async (): Promise<DecodeZstd> => {
  const { decompress } = await loadZstd()
  return (bytes, length) => {
    if (bytes.length > largest || length > largest)
      throw new Malformed("a zstd buffer has more than 512 MiB; smaller batches are read")
    const says = contentSize(bytes)
    const wrong = (unpacked: number | bigint) =>
      new Malformed(`a buffer unpacks to ${unpacked} bytes and says ${length}`)
    if (says !== undefined && says !== BigInt(length)) throw wrong(says)
    const content = (() => {
      try {
        return decompress(bytes, { defaultHeapSize: length })
      } catch {
        throw new Malformed("a zstd buffer cannot be unpacked: its bytes are damaged")
      }
    })()
    if (content.length !== length) throw wrong(content.length)
    return content
  }
}

const magic = 0xfd2fb528

/** How many bytes a frame says it holds; undefined where it does not say. */
const contentSize = (bytes: Uint8Array): bigint | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 6 || view.getUint32(0, true) !== magic) throw new Malformed("it is not a zstd frame")
  const descriptor = bytes[4]!
  const single = (descriptor >> 5) & 1
  const size = [single, 2, 4, 8][descriptor >> 6]!
  const at = 5 + (1 - single) + [0, 1, 2, 4][descriptor & 3]!
  if ((descriptor & 8) !== 0 || at + size + 3 > bytes.length) throw new Malformed("a zstd frame is cut short")
  if ((descriptor & 3) !== 0) throw new Malformed("a zstd frame needs a dictionary that is not there")
  if (size === 0) return undefined
  if (size === 1) return BigInt(bytes[at]!)
  if (size === 2) return BigInt(view.getUint16(at, true) + 256)
  return size === 4 ? BigInt(view.getUint32(at, true)) : view.getBigUint64(at, true)
}
