/** Bytes that are read once, from first to last: a file, a member of a zip, an inflated member. */
import * as fs from "node:fs"
import { lengthError } from "./bounds.ts"

export interface ByteSource {
  /** How messages name it, with the file. */
  readonly path: string
  /** Bytes in all, as the file system or the zip's directory says. */
  readonly size: number
  /** Fills `length` bytes of `memory` from `at` with those that follow. Throws an InputError where there are fewer. */
  readonly read: (memory: ArrayBuffer, at: number, length: number) => Promise<void>
  /** To be called when all bytes were read: throws an InputError if they are not those that were written (a checksum). */
  readonly check: () => Promise<void>
  readonly close: () => Promise<void>
}

/** One system call moves at most 2 GiB, and a view of bytes ends at 4 GiB. */
const piece = 1 << 28

/** Fills memory of any size from a file. Returns how many bytes there were. */
export const readAt = (
  file: number,
  from: number,
  memory: ArrayBuffer,
  at: number,
  length: number,
  seen?: (bytes: Uint8Array) => void
): number => {
  for (let done = 0; done < length;) {
    const view = new Uint8Array(memory, at + done, Math.min(piece, length - done))
    const got = fs.readSync(file, view, 0, view.length, from + done)
    if (got === 0) return done
    seen?.(view.subarray(0, got))
    done += got
  }
  return length
}

export interface FileSource extends ByteSource {
  /** What is read next, counted from the file's first byte. */
  readonly seek: (position: number) => void
}

/** A whole file. */
export const fileSource = (path: string): FileSource => {
  const file = fs.openSync(path, "r")
  const { size } = fs.fstatSync(file)
  let position = 0
  return {
    path,
    size,
    seek: (to) => void (position = to),
    read: async (memory, at, length) => {
      const got = readAt(file, position, memory, at, length)
      position += got
      if (got < length) throw lengthError(path, "The file", position - got + length, position)
    },
    check: async () => {},
    close: async () => fs.closeSync(file)
  }
}
