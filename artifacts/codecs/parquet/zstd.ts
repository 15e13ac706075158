/** zstd by libzstd, and the header of its frames, which is looked at before the library allocates what it says. */
import { Malformed } from "../arrow/flatTable.ts"

/** zstd in WebAssembly, started once a process: a second start would take the memory from under whoever uses the first. */
const once = <A>(load: () => Promise<A>): (() => Promise<A>) => {
  let loaded: Promise<A> | undefined
  return () => (loaded ??= load())
}

export const loadZstd = once(async () => {
  const zstd = await import("@bokuweb/zstd-wasm")
  await zstd.init()
  return zstd
})

const magic = 0xfd2fb528

/** How many bytes a frame says it holds; undefined where it does not say. Source: RFC 8878, section 3.1.1.1. */
export const contentSize = (bytes: Uint8Array): bigint | undefined => {
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
