/** One buffer of a batch: read from the file, and decompressed, when it is asked for. Throws `Malformed`. */
import { readRegion } from "../../codecs/arrow/ArrowFile.ts"
import { int64At, Malformed } from "../../codecs/arrow/flatTable.ts"
import type { Batch, Region } from "../../codecs/arrow/messages.ts"

/** Decompresses `bytes` to exactly `length` bytes in memory of their own. */
export type Unpack = (codec: "lz4" | "zstd", bytes: Uint8Array, length: number) => Uint8Array

/** What one array of bytes can hold. */
const largest = 2 ** 32 - 1

export class BatchBuffer {
  /** The file's descriptor. */
  readonly file: number
  readonly #region: Region
  readonly #codec: Batch["codec"]
  readonly #least: number
  readonly #unpack: Unpack
  #bytes: Uint8Array | undefined

  /** `least`: how many bytes its column needs. Whatever can be said without reading is checked at once. */
  constructor(file: number, region: Region, codec: Batch["codec"], least: number, unpack: Unpack) {
    this.file = file
    this.#region = region
    this.#codec = region.length === 0 ? "none" : codec
    this.#least = least
    this.#unpack = unpack
    if (this.#codec === "none" ? region.length < least : region.length < 8)
      throw new Malformed(`a buffer has ${region.length} bytes where its column needs ${least}`)
  }

  /** Where its bytes are in the file; undefined where they are compressed. */
  get region(): Region | undefined {
    return this.#codec === "none" ? this.#region : undefined
  }

  /** The bytes, which start at an address of any element's alignment. */
  bytes(): Uint8Array {
    return (this.#bytes ??= this.#read())
  }

  #read(): Uint8Array {
    if (this.#region.length > largest)
      throw new Malformed("a buffer has more than 4 GiB; smaller batches are read")
    const raw = readRegion(this.file, this.#region)
    if (this.#codec === "none") return raw
    // A length of -1 says that the bytes behind it are as they were.
    const length = int64At(new DataView(raw.buffer), 0)
    const bytes = length === -1 ? raw.slice(8) : this.#unpack(this.#codec, raw.subarray(8), length)
    if (bytes.length < this.#least)
      throw new Malformed(`a buffer has ${bytes.length} bytes where its column needs ${this.#least}`)
    return bytes
  }
}
