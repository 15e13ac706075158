/** A file as one array of bytes, for readers that cannot do with a part of it. */
import { closeSync, fstatSync, openSync } from "node:fs"
import { readAt } from "./ByteSource.ts"
import { fileError } from "./UserMatrix.ts"

/** Where a view of bytes ends (Node 20). */
const most = 2 ** 32

/** Throws an InputError for a file past 4 GiB. */
export const readWhole = (path: string): Uint8Array => {
  const file = openSync(path, "r")
  try {
    const { size } = fstatSync(file)
    if (size > most) {
      throw fileError(
        path,
        `The file has ${size} bytes, and files of its type are read whole.`,
        `at most ${most} bytes`,
        "split it, or save the numbers as npy, which is read at any size"
      )
    }
    const memory = new ArrayBuffer(size)
    return new Uint8Array(memory, 0, readAt(file, 0, memory, 0, size))
  } finally {
    closeSync(file)
  }
}
