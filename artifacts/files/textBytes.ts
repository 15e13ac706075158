/**
 * The bytes of a text file in blocks. Text is UTF-8, with or without a byte order mark: anything else is refused by name
 * and line, since a guess at an encoding would change keys without a word.
 */
import { isUtf8 } from "node:buffer"
import { closeSync, openSync, readSync } from "node:fs"
import type { InputError } from "../../schemas/errors.ts"
import { fileError } from "./fileError.ts"

/** Bytes read at once. */
export const blockBytes = 1 << 21

/** A line or a row may be as long as this: more is no text of lines, or a quote that is never closed. */
export const maxLineBytes = 1 << 26

const marks: ReadonlyArray<readonly [name: string, mark: ReadonlyArray<number>]> = [
  ["UTF-32", [0xff, 0xfe, 0, 0]],
  ["UTF-32", [0, 0, 0xfe, 0xff]],
  ["UTF-16", [0xff, 0xfe]],
  ["UTF-16", [0xfe, 0xff]]
]

const archives: ReadonlyArray<readonly [name: string, mark: ReadonlyArray<number>]> = [
  ["gzip", [0x1f, 0x8b]],
  ["zip", [0x50, 0x4b, 3, 4]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58]]
]

/** An open text file. The byte order mark of UTF-8 is left out, those of UTF-16 and UTF-32 are refused. */
export class TextBytes {
  readonly path: string
  readonly #file: number
  readonly #head: Buffer
  #taken = 0

  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, "r")
    const head = Buffer.alloc(4)
    let length = 0
    try {
      for (let more = -1; length < 4 && more !== 0; length += more)
        more = readSync(this.#file, head, length, 4 - length, null)
      this.#head = head.subarray(0, length)
      for (const [name, mark] of archives) {
        if (mark.every((byte, i) => this.#head[i] === byte))
          throw fileError(path, `The file is compressed with ${name}.`, "UTF-8 text", "unpack it first")
      }
      for (const [name, mark] of marks) {
        if (mark.some((byte, i) => this.#head[i] !== byte)) continue
        throw fileError(
          path,
          `The file is ${name} text.`,
          "UTF-8 text",
          `save it as UTF-8, for example with iconv -f ${name} -t UTF-8`
        )
      }
    } catch (error) {
      closeSync(this.#file)
      throw error
    }
    if (length >= 3 && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) this.#taken = 3
  }

  /** Fills `into` from `at` on and returns how many bytes there were; 0 at the end of the file. */
  read(into: Buffer, at: number): number {
    if (this.#taken < this.#head.length) {
      const copied = this.#head.copy(into, at, this.#taken)
      this.#taken += copied
      return copied
    }
    return readSync(this.#file, into, at, into.length - at, null)
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** Why bytes of a line are no text, if they are none. */
export const textFault = (path: string, line: number, bytes: Buffer): InputError | undefined => {
  const zero = bytes.indexOf(0)
  if (zero >= 0)
    return fileError(
      path,
      `Line ${line} holds a NUL byte, which text does not.`,
      "UTF-8 text",
      "write the file again; if it is UTF-16, convert it with iconv -f UTF-16 -t UTF-8"
    )
  if (isUtf8(bytes)) return undefined
  return fileError(
    path,
    `Line ${line} holds bytes that are not UTF-8 (${firstForeign(bytes)}).`,
    "UTF-8 text",
    "convert the file from its encoding, for example with iconv -f ISO-8859-1 -t UTF-8"
  )
}

/** The first byte that is no part of UTF-8, and its place in the line. */
const firstForeign = (bytes: Buffer): string => {
  let low = 0
  let high = bytes.length
  // The longest prefix that is UTF-8 but for a character that its end cuts off: at most three bytes.
  const whole = (length: number) =>
    [0, 1, 2, 3].some((cut) => cut <= length && isUtf8(bytes.subarray(0, length - cut)))
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (whole(middle)) low = middle
    else high = middle - 1
  }
  let at = low
  while (at > 0 && !isUtf8(bytes.subarray(0, at))) at--
  return `0x${bytes[at]!.toString(16).toUpperCase()} after ${at} bytes`
}
