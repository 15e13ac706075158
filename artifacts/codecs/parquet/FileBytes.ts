/** A file's bytes by range, read when they are asked for. Every range is checked against the file's size. */
import * as fs from "node:fs"
import { ParquetFault } from "./ParquetFault.ts"

export class FileBytes {
  readonly size: number
  readonly #handle: number
  constructor(path: string) {
    this.#handle = fs.openSync(path, "r")
    try {
      this.size = fs.fstatSync(this.#handle).size
    } catch (error) {
      fs.closeSync(this.#handle)
      throw error
    }
  }

  read(at: number, length: number): Buffer {
    if (at < 0 || length < 0 || at + length > this.size)
      throw new ParquetFault(`bytes ${at} to ${at + length} are outside the file of ${this.size} bytes`)
    const bytes = Buffer.allocUnsafeSlow(length)
    for (let done = 0; done < length;) {
      // One call reads at most 2 GiB - 1 byte.
      const some = fs.readSync(this.#handle, bytes, done, Math.min(length - done, 1 << 30), at + done)
      if (some === 0) throw new ParquetFault("the file became shorter while it was read")
      done += some
    }
    return bytes
  }

  close(): void {
    fs.closeSync(this.#handle)
  }
}

const least = 1 << 20

/** A part of a file, read onwards in pieces of 1 MiB or of what is asked for. */
export class Span {
  readonly end: number
  readonly #file: FileBytes
  #bytes: Buffer = Buffer.alloc(0)
  #at: number
  constructor(file: FileBytes, start: number, end: number) {
    this.#file = file
    this.#at = start
    this.end = end
  }

  /** `length` bytes from `at`, which the caller knows to be within the span. They stay valid. */
  bytes(at: number, length: number): Buffer {
    const from = at - this.#at
    if (from >= 0 && from + length <= this.#bytes.length) return this.#bytes.subarray(from, from + length)
    this.#bytes = this.#file.read(at, Math.min(Math.max(length, least), this.end - at))
    this.#at = at
    return this.#bytes.subarray(0, length)
  }
}
