/** Decompresses the buffers of a batch, within what a file of its size may unpack to. */
import { Malformed } from "../../codecs/arrow/flatTable.ts"
import type { Unpack } from "./BatchBuffer.ts"
import type { ArrowSource } from "./source.ts"

/**
 * How much memory a file may ask for: 512 MiB, or 256 times its size if that is more (LZ4 packs at most 255 to 1). A matrix
 * that is larger comes of a file that was made to be a nuisance, or holds one value.
 */
export const roomFor = (size: number): number => Math.max(2 ** 29, 256 * size)

/** Loads the decompressors that the file's batches need. */
export const loadUnpack = async ({ size, steps }: ArrowSource): Promise<Unpack> => {
  const codecs = new Set(
    steps.map((step) => (step.kind === "rows" ? step.batch : step.dictionary.batch).codec)
  )
  const [lz4, zstd] = await Promise.all([
    codecs.has("lz4") ? import("../lz4Frame.ts") : undefined,
    codecs.has("zstd") ? import("../zstdFrame.ts").then(({ zstdDecoder }) => zstdDecoder()) : undefined
  ])
  return (codec, bytes, length) => {
    if (length < 0) throw new Malformed("a compressed buffer has a negative length")
    if (length > roomFor(size))
      throw new Malformed(`a buffer would unpack to ${length} bytes, from a file of ${size}`)
    if (length === 0) return new Uint8Array(0)
    const decode = codec === "lz4" ? lz4?.decodeLz4Frames : zstd
    if (decode === undefined) throw new Error(`${codec} was not loaded`)
    return decode(bytes, length)
  }
}
