/** A file in the store's `tmp/` whose SHA-256 is computed as its bytes pass. */
import { createHash, type Hash } from "node:crypto"
import * as fs from "node:fs"
import type { Sink } from "../codecs/Codec.ts"
import { errnoOf } from "../failures.ts"
import { remove, temporaryPath, type Written } from "./durable.ts"

export class HashingSink implements Sink {
  readonly path: string
  readonly #hash: Hash = createHash("sha256")
  #file: number
  #position = 0

  constructor(tmp: string) {
    this.path = temporaryPath(tmp)
    this.#file = fs.openSync(this.path, "wx")
  }

  get position(): number {
    return this.#position
  }

  write(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.byteLength; start += piece) {
      const part = bytes.subarray(start, start + piece)
      this.#hash.update(part)
      let done = 0
      while (done < part.byteLength) done += fs.writeSync(this.#file, part, done, part.byteLength - done)
      this.#position += part.byteLength
    }
  }

  adopt(path: string): void {
    try {
      fs.renameSync(path, this.path)
    } catch (error) {
      if (errnoOf(error) !== "EXDEV") throw error
      fs.copyFileSync(path, this.path)
    }
    fs.closeSync(this.#file)
    this.#file = fs.openSync(this.path, "r+")
    const buffer = new Uint8Array(piece)
    for (;;) {
      const got = fs.readSync(this.#file, buffer, 0, piece, this.#position)
      if (got === 0) return
      this.#hash.update(buffer.subarray(0, got))
      this.#position += got
    }
  }

  /** The content's digest; nothing can be written any more. */
  finish(): string {
    return this.#hash.digest("hex")
  }

  /** Gives the file away, to be published. */
  take(): Written {
    const file = this.#file
    this.#file = -1
    return { path: this.path, file }
  }

  /** Removes the file, unless it was given away. */
  discard(): void {
    if (this.#file < 0) return
    fs.closeSync(this.#file)
    this.#file = -1
    remove(this.path)
  }
}

const piece = 8 << 20
