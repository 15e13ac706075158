/**
 * The lines of a text file, read in blocks, so that a file may be larger than a string or the memory. Lines end with LF,
 * CRLF or CR; the last one may go without. Cost O(bytes), memory O(block + longest line).
 */
import { fileError } from "./fileError.ts"
import { blockBytes, maxLineBytes, TextBytes, textFault } from "./textBytes.ts"

const LF = 10
const CR = 13

/** Calls `visit` for each line, without its end, with its number from 1. Throws an InputError for what is no UTF-8. */
export const forEachLine = (path: string, visit: (text: string, line: number) => void): void => {
  const file = new TextBytes(path)
  try {
    let buffer = Buffer.allocUnsafe(blockBytes)
    let filled = 0
    let line = 1
    for (let ended = false; !ended;) {
      const more = file.read(buffer, filled)
      ended = more === 0
      filled += more
      const end = ended ? filled : wholeLines(buffer, filled)
      if (end > 0) {
        line = visitLines(path, buffer.subarray(0, end), line, visit)
        buffer.copyWithin(0, end, filled)
        filled -= end
      } else if (filled === buffer.length) {
        if (filled >= maxLineBytes)
          throw fileError(
            path,
            `Line ${line} is longer than ${maxLineBytes >> 20} MiB.`,
            "one record a line",
            "check that the file is text of lines"
          )
        const larger = Buffer.allocUnsafe(buffer.length * 2)
        buffer.copy(larger, 0, 0, filled)
        buffer = larger
      }
    }
  } finally {
    file.close()
  }
}

/** How many bytes are whole lines; a CR at the end waits for the LF that may follow it. */
const wholeLines = (buffer: Buffer, filled: number): number => {
  const lf = buffer.lastIndexOf(LF, filled - 1)
  if (lf >= 0) return lf + 1
  const cr = filled < 2 ? -1 : buffer.lastIndexOf(CR, filled - 2)
  return cr + 1
}

/** Visits whole lines and returns the number of the line after them. */
const visitLines = (
  path: string,
  bytes: Buffer,
  first: number,
  visit: (text: string, line: number) => void
): number => {
  let line = first
  const plain = !bytes.includes(CR)
  if (bytes.includes(0) || !isText(bytes)) throw faultIn(path, bytes, first)
  const text = bytes.toString("utf8")
  if (!plain) {
    const lines = text.split(/\r\n|\n|\r/)
    if (lines.at(-1) === "") lines.pop()
    for (const one of lines) visit(one, line++)
    return line
  }
  for (let at = 0; at < text.length; line++) {
    const end = text.indexOf("\n", at)
    visit(end < 0 ? text.slice(at) : text.slice(at, end), line)
    at = end < 0 ? text.length : end + 1
  }
  return line
}

const isText = (bytes: Buffer): boolean => textFault("", 0, bytes) === undefined

/** The fault of the first line that has one. */
const faultIn = (path: string, bytes: Buffer, first: number): Error => {
  let line = first
  for (let at = 0; at < bytes.length; line++) {
    let end = at
    while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end++
    const fault = textFault(path, line, bytes.subarray(at, end))
    if (fault !== undefined) return fault
    at = bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1
  }
  return fileError(path, "The file is not UTF-8 text.", "UTF-8 text")
}

/** A copy of well-formed text that does not keep the block alive out of which it was cut. */
export const detached = (text: string): string =>
  text.length < 13 ? text : Buffer.from(text, "utf8").toString("utf8")
