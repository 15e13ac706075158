/**
 * Pages decompressed: exactly as many bytes as the page's header says, or a fault. No decoder is given more room than that,
 * and what is given to decoders that do not check (snappy's and zstd's) is checked before.
 */
import * as zlib from "node:zlib"
import { checkSnappy } from "./checkSnappy.ts"
import { decodeLz4, decodeLz4Raw } from "./lz4.ts"
import type { CodecName } from "./metadata.ts"
import { ParquetFault } from "./ParquetFault.ts"
import { contentSize, loadZstd } from "./zstd.ts"

export type Decompress = (bytes: Uint8Array, size: number) => Uint8Array
export type Decompressors = { readonly [codec in CodecName]?: Decompress }

/** Decoders of the codecs named, loaded where they are packages. */
export const loadDecompressors = async (names: ReadonlySet<CodecName>): Promise<Decompressors> => ({
  UNCOMPRESSED: (bytes) => bytes,
  GZIP: (bytes, size) => (size === 0 ? empty : zlib.gunzipSync(bytes, { maxOutputLength: size })),
  BROTLI: (bytes, size) => (size === 0 ? empty : zlib.brotliDecompressSync(bytes, { maxOutputLength: size })),
  LZ4: decodeLz4,
  LZ4_RAW: decodeLz4Raw,
  ...(names.has("SNAPPY") ? { SNAPPY: await loadSnappy() } : {}),
  ...(names.has("ZSTD") ? { ZSTD: await zstd() } : {})
})

const empty = new Uint8Array(0)

/** `where` names the page. */
export const decompress = (
  codecs: Decompressors,
  codec: CodecName,
  bytes: Uint8Array,
  size: number,
  where: string
): Uint8Array => {
  const decode = codecs[codec]
  if (decode === undefined)
    throw new ParquetFault(
      `${where} is compressed with ${codec}, which is not read here`,
      "write it with zstd, snappy, gzip, brotli or lz4"
    )
  const output = attempt(where, () => decode(bytes, size))
  if (output.length !== size)
    throw new ParquetFault(`${where} unpacks to ${output.length} bytes and says ${size}`)
  return output
}

const attempt = (where: string, decode: () => Uint8Array): Uint8Array => {
  try {
    return decode()
  } catch (error) {
    if (error instanceof ParquetFault) throw error
    throw new ParquetFault(`the compressed bytes of ${where} are damaged`)
  }
}

const loadSnappy = async (): Promise<Decompress> => {
  const { compressors } = await import("hyparquet-compressors")
  const decode = compressors.SNAPPY!
  return (bytes, size) => {
    if (!checkSnappy(bytes, size)) throw new RangeError("not snappy")
    return decode(bytes, size)
  }
}

const zstd = async (): Promise<Decompress> => {
  const { decompress: decode } = await loadZstd()
  return (bytes, size) => {
    if (size === 0 && bytes.length === 0) return empty
    const content = contentSize(bytes)
    // Without a content size in the frame the decoder is given room for what the page says.
    if (content !== undefined && content > size) throw new RangeError("not of this size")
    return decode(bytes, { defaultHeapSize: Math.max(1, size) })
  }
}
