/**
 * Whether a file has as many bytes as its header asks for. Readers ask before they allocate or loop, so that a number in a
 * file never decides how much memory or time is used.
 */
import type { InputError } from "../../schemas/errors.ts"
import { fileError } from "./UserMatrix.ts"

/** Elements of a shape (1 where it has no dimension); undefined where a size or the product is no whole number below 2^53. */
export const volume = (shape: ReadonlyArray<unknown>): number | undefined => {
  let product = 1
  for (const size of shape) {
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return undefined
    product *= size
  }
  return Number.isSafeInteger(product) ? product : undefined
}

/** Whether `length` bytes from `at` lie within `size`. */
export const within = (at: number, length: number, size: number): boolean =>
  Number.isSafeInteger(at) && Number.isSafeInteger(length) && at >= 0 && length >= 0 && at + length <= size

/** `what` (a sentence's subject: "The file", "Array 'x'") has another number of bytes than its header asks for. */
export const lengthError = (path: string, what: string, asked: number, found: number): InputError =>
  fileError(
    path,
    found < asked
      ? `${what} is cut short: it has ${found} bytes and should have ${asked}.`
      : `${what} has ${found} bytes and should have ${asked}: ${found - asked} are left over.`,
    "exactly as many bytes as its header asks for",
    "check that the file was copied whole, or write it again"
  )

/** Throws unless there are exactly as many bytes as asked for. */
export const checkLength = (path: string, what: string, asked: number, found: number): void => {
  if (found !== asked) throw lengthError(path, what, asked, found)
}

/** Most rows, columns and entries that a matrix of ours has. */
export const mostEntries = 2 ** 32

/** Throws for a matrix larger than memory holds, before it is allocated. */
export const checkEntries = (path: string, rows: number, dims: number): void => {
  const entries = volume([rows, dims])
  if (entries === undefined || entries >= mostEntries) {
    throw fileError(
      path,
      `The matrix has ${rows} rows of ${dims} columns, more than one array can hold.`,
      `fewer than ${mostEntries} entries`,
      "take fewer rows or columns"
    )
  }
}
