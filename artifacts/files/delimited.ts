/**
 * Rows of cells in a CSV or TSV file, as places in a block of its bytes: nothing becomes text before it is asked for.
 *
 * CSV follows RFC 4180: a cell that starts with a quote ends with one, `""` in it is a quote, and it may hold separators
 * and line breaks; a quote inside another cell is an ordinary character. In TSV every quote is one. Lines end with LF,
 * CRLF or CR; empty lines are passed over. Cost O(bytes), memory O(block + longest row).
 */
import type { InputError } from "../../schemas/errors.ts"
import { fileError } from "./fileError.ts"
import { blockBytes, maxLineBytes, TextBytes, textFault } from "./textBytes.ts"

const LF = 10
const CR = 13
const QUOTE = 34

/** More cells than this in a row are refused: it is no matrix. */
export const maxCells = 1 << 20

/** The separator of a file's cells by its name. */
export const separatorOf = (path: string): "\t" | "," => (path.toLowerCase().endsWith(".tsv") ? "\t" : ",")

export class Delimited {
  readonly path: string
  /** The block that holds the row; cells are `bytes[start[j], end[j])` until the next call of `next`. */
  bytes: Buffer = Buffer.allocUnsafe(blockBytes + 1)
  start: Int32Array = new Int32Array(64)
  end: Int32Array = new Int32Array(64)
  /** Cells in the row. */
  cells = 0
  /** The line on which the row starts, from 1. */
  line = 0
  readonly #file: TextBytes
  readonly #separator: number
  /** For each cell: 0 plain, 1 in quotes, 2 in quotes with doubled ones inside. */
  #quotes = new Uint8Array(64)
  #at = 0
  #filled = 0
  #ended = false
  #nextLine = 1
  /** The last row ended with a CR, which belongs to an LF that may follow. */
  #carriage = false

  constructor(path: string, separator: "," | "\t" = separatorOf(path)) {
    this.path = path
    this.#separator = separator.charCodeAt(0)
    this.#file = new TextBytes(path)
  }

  close(): void {
    this.#file.close()
  }

  /** Goes to the next row that is not empty; false at the end. */
  next(): boolean {
    for (;;) {
      if (this.#at >= this.#filled && !this.#fill()) return false
      if (this.#carriage) {
        this.#carriage = false
        if (this.bytes[this.#at] === LF) {
          this.#at++
          continue
        }
      }
      this.line = this.#nextLine
      while (!this.#scan()) this.#fill()
      if (this.cells > 1 || this.end[0]! > this.start[0]! || this.#quotes[0] !== 0) return true
    }
  }

  /** The text of a cell. Throws an InputError where it is no UTF-8. */
  text(j: number): string {
    const [start, end] = [this.start[j]!, this.end[j]!]
    const text = this.bytes.toString("utf8", start, end)
    if (text.includes("\uFFFD") || text.includes("\0")) {
      const fault = textFault(this.path, this.line, this.bytes.subarray(start, end))
      if (fault !== undefined) throw fault
    }
    return this.#quotes[j] === 2 ? text.replaceAll('""', '"') : text
  }

  /** Whether the cell stands in the quotes of CSV. */
  isQuoted(j: number): boolean {
    return this.#quotes[j] !== 0
  }

  /** Moves what is unread to the front of the block and reads on; false where there is nothing more. */
  #fill(): boolean {
    if (this.#ended) return false
    const kept = this.#filled - this.#at
    if (this.#at > 0) this.bytes.copyWithin(0, this.#at, this.#filled)
    else if (kept >= this.bytes.length - 1) {
      if (kept >= maxLineBytes)
        throw fileError(
          this.path,
          `The row that starts on line ${this.line} is longer than ${maxLineBytes >> 20} MiB.`,
          "one row a line",
          "check that every quote is closed, and that the file is text"
        )
      const larger = Buffer.allocUnsafe((this.bytes.length - 1) * 2 + 1)
      this.bytes.copy(larger, 0, 0, kept)
      this.bytes = larger
    }
    this.#at = 0
    // One byte stays free for a line end behind the last one.
    const more = this.#file.read(this.bytes.subarray(0, this.bytes.length - 1), kept)
    this.#filled = kept + more
    this.#ended = more === 0
    this.bytes[this.#filled] = LF
    return this.#filled > kept
  }

  /** Finds the cells of one row from `#at` on; false where the block ends before the row does. */
  #scan(): boolean {
    const { bytes } = this
    const separator = this.#separator
    const quoting = separator !== 9
    const special = separator > CR ? separator : CR
    const filled = this.#filled
    let lines = 1
    let count = 0
    let i = this.#at
    let { start, end } = this
    for (;;) {
      if (count === start.length) {
        this.#widen()
        start = this.start
        end = this.end
      }
      let stop: number
      if (quoting && bytes[i] === QUOTE && i < filled) {
        const from = i + 1
        let kind = 1
        for (;;) {
          i++
          while (bytes[i] !== QUOTE && i < filled) {
            if (bytes[i] === LF || (bytes[i] === CR && bytes[i + 1] !== LF)) lines++
            i++
          }
          if (i >= filled) {
            if (!this.#ended) return false
            throw fileError(
              this.path,
              `The quote that opens in column ${count + 1} of the row on line ${this.line} is never closed.`,
              "a closing quote, and two quotes for one that is part of a cell",
              "close it, or name the file .tsv if its cells are separated by tabs and not quoted"
            )
          }
          if (bytes[i + 1] !== QUOTE || i + 1 >= filled) break
          kind = 2
          i++
        }
        // The quote may be the first half of a doubled one that the block cuts.
        if (i + 1 >= filled && !this.#ended) return false
        start[count] = from
        end[count] = i
        this.#quotes[count] = kind
        stop = bytes[++i]!
        if (i < filled && stop !== separator && stop !== LF && stop !== CR) throw this.#behindQuote(count)
      } else {
        const from = i
        for (;;) {
          stop = bytes[i]!
          if (stop > special || (stop !== separator && stop !== LF && stop !== CR)) i++
          else break
        }
        start[count] = from
        end[count] = i
        this.#quotes[count] = 0
      }
      count++
      if (i >= filled) {
        if (!this.#ended) return false
        this.#at = filled
        break
      }
      i++
      if (stop === separator) continue
      this.#carriage = stop === CR
      this.#at = i
      break
    }
    this.cells = count
    this.#nextLine = this.line + lines
    return true
  }

  #behindQuote(column: number): InputError {
    return fileError(
      this.path,
      `Line ${this.line}: column ${column + 1} goes on behind its closing quote.`,
      "a separator or the line's end behind a closing quote, and two quotes for one that is part of a cell",
      "double the quotes inside the cell"
    )
  }

  #widen(): void {
    if (this.start.length >= maxCells)
      throw fileError(
        this.path,
        `The row on line ${this.line} has more than ${maxCells} cells.`,
        "one row a line",
        "check the ends of its lines; npy holds wider matrices"
      )
    const grown = <A extends Int32Array | Uint8Array>(old: A, larger: A): A => {
      larger.set(old)
      return larger
    }
    const size = this.start.length * 2
    this.start = grown(this.start, new Int32Array(size))
    this.end = grown(this.end, new Int32Array(size))
    this.#quotes = grown(this.#quotes, new Uint8Array(size))
  }
}

/** Opens the file, reads its first row for a header, and hands on to `use`; the file is closed in any case. */
export const withRows = <A>(path: string, use: (rows: Delimited, header: ReadonlyArray<string>) => A): A => {
  const rows = new Delimited(path)
  try {
    if (!rows.next()) {
      throw fileError(path, "The file holds no rows.", "a header line, then one row for each key")
    }
    const header = Array.from({ length: rows.cells }, (_, j) => rows.text(j).trim())
    refuseOtherSeparator(path, header)
    return use(rows, header)
  } finally {
    rows.close()
  }
}

const refuseOtherSeparator = (path: string, header: ReadonlyArray<string>): void => {
  if (header.length !== 1) return
  const tabs = separatorOf(path) === "\t"
  for (const [mark, name, next] of [
    [";", "semicolons", `replace them by ${tabs ? "tabs" : "commas"}, and decimal commas by points`],
    ["|", "vertical bars", `replace them by ${tabs ? "tabs" : "commas"}`],
    tabs ? [",", "commas", "name the file .csv"] : ["\t", "tabs", "name the file .tsv"]
  ] as const) {
    if (header[0]!.includes(mark))
      throw fileError(
        path,
        `Its cells seem to be separated by ${name}.`,
        `${tabs ? "tabs in a .tsv" : "commas in a .csv"} file`,
        next
      )
  }
}

/** Throws where the row has more or fewer cells than the header. */
export const checkWidth = (rows: Delimited, columns: number): void => {
  if (rows.cells === columns) return
  throw fileError(
    rows.path,
    `Line ${rows.line} has ${rows.cells} cells and the header has ${columns}.`,
    "the same number of cells in every line",
    separatorOf(rows.path) === "\t"
      ? "remove tabs and line breaks from cells: quotes in a tsv file are ordinary characters"
      : "quote cells that contain the separator"
  )
}
