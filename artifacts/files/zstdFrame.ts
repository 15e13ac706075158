/**
 * Decodes one zstd frame with libzstd (WebAssembly), which checks what it decodes. The frame's header is looked at first,
 * since the wrapper allocates what it says. Source: RFC 8878, section 3.1.1. Cost O(bytes).
 */
import { Malformed } from "../codecs/arrow/flatTable.ts"
import { contentSize, loadZstd } from "../codecs/parquet/zstd.ts"

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
