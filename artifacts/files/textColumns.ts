/**
 * The columns of a CSV or TSV file: one pass over the whole file counts, for each column, the kinds of its cells, and
 * only then says what it holds. Cost O(bytes), memory O(columns).
 *
 * A column is whole numbers, numbers, booleans or times where all of its cells that hold something are; it counts as
 * numbers too, to be refused at its first bad cell, where a quarter of its cells (in first place: more than half) are
 * numbers or all are numbers in spellings that are not read. Otherwise it is text. Columns named `key` are text in any
 * case, and those named as words are where they stand first or hold a text.
 */
import { cellKinds, kindCount, kindOfCell } from "./cellKinds.ts"
import { isIdName, listed, type Column, type ColumnKind } from "./columns.ts"
import { integer, parseDecimal, syntaxOf } from "./decimal.ts"
import { checkWidth, withRows, type Delimited } from "./delimited.ts"
import { fileError } from "./fileError.ts"

/** What one pass over the file finds. */
export interface TextColumns {
  readonly rows: number
  readonly header: ReadonlyArray<string>
  readonly columns: ReadonlyArray<Column>
  readonly notes: ReadonlyArray<string>
  /** Columns all of whole numbers: those past 2⁵³ are refused there as coordinates. */
  readonly whole: ReadonlyArray<boolean>
}

export const columnsOfText = (path: string): TextColumns =>
  withRows(path, (rows, header) => {
    const count = header.length
    const kinds = new Float64Array(count * kindCount)
    const sequences = new Sequences(count)
    let quotes = 0
    let total = 0
    while (rows.next()) {
      checkWidth(rows, count)
      for (let j = 0; j < count; j++) {
        // The common case inline: kindOfCell's other cells cost text.
        const syntax = syntaxOf(rows.bytes, rows.start[j]!, rows.end[j]!)
        if (syntax === integer) sequences.add(j, total, rows)
        const kind = syntax === 0 ? kindOfCell(rows, j) : syntax - 1
        kinds[j * kindCount + kind]!++
        if (kind === cellKinds.text && looksQuoted(rows, j)) quotes++
      }
      total++
    }
    if (total === 0)
      throw fileError(
        path,
        "The file has no rows below its header.",
        "a header line, then one row for each key"
      )
    const counts = header.map((_, j) => kinds.subarray(j * kindCount, (j + 1) * kindCount))
    refuseHeaderless(path, header, counts)
    return {
      rows: total,
      header,
      whole: counts.map((of) => of[cellKinds.integer]! > 0 && of[cellKinds.decimal] === 0),
      ...decided(path, header, counts, total, sequences, quotes)
    }
  })

/** Which columns of whole numbers go up by one from row to row. */
class Sequences {
  readonly #last: Float64Array
  readonly #broken: Uint8Array
  constructor(columns: number) {
    this.#last = new Float64Array(columns)
    this.#broken = new Uint8Array(columns)
  }
  add(j: number, row: number, rows: Delimited): void {
    if (this.#broken[j] === 1) return
    const value = parseDecimal(rows.bytes, rows.start[j]!, rows.end[j]!)
    if (row > 0 && value !== this.#last[j]! + 1) this.#broken[j] = 1
    this.#last[j] = value
  }
  holds(j: number): boolean {
    return this.#broken[j] === 0
  }
}

const looksQuoted = (rows: Delimited, j: number): boolean =>
  !rows.isQuoted(j) &&
  rows.end[j]! - rows.start[j]! > 1 &&
  rows.bytes[rows.start[j]!] === 34 &&
  rows.bytes[rows.end[j]! - 1] === 34

const isWordName = (name: string): boolean => /^(word|name|token|term|title)$/i.test(name)

const kindOf = (name: string, j: number, of: Float64Array, rows: number): ColumnKind => {
  const at = (kind: keyof typeof cellKinds): number => of[cellKinds[kind]]!
  const empty = at("empty") + at("missing")
  const numbers = at("integer") + at("decimal")
  const held = rows - empty
  if (empty + at("infinite") === rows) return "other"
  if (/^key$/i.test(name) || (isWordName(name) && (j === 0 || at("text") > 0))) return "text"
  if (/^id$/i.test(name) && (at("decimal") > 0 || numbers < rows)) return "text"
  if (numbers + at("infinite") + empty === rows) return at("decimal") > 0 ? "float" : "integer"
  if (at("boolean") + empty === rows) return "boolean"
  if (at("time") + empty === rows) return "time"
  if (numbers + at("foreign") + at("infinite") + empty === rows)
    return j === 0 && numbers === 0 ? "text" : "float"
  return numbers > 0 && (j === 0 ? numbers * 2 > held : numbers * 4 >= held) ? "float" : "text"
}

const decided = (
  path: string,
  header: ReadonlyArray<string>,
  counts: ReadonlyArray<Float64Array>,
  rows: number,
  sequences: Sequences,
  quotes: number
): Pick<TextColumns, "columns" | "notes"> => {
  const kinds = header.map((name, j) => kindOf(name, j, counts[j]!, rows))
  if (header.length === 1 && kinds[0] === "text")
    throw fileError(
      path,
      "Every line holds one cell, and it is no number.",
      `cells separated by ${path.toLowerCase().endsWith(".tsv") ? "tabs" : "commas"}`,
      "separate the cells"
    )
  const notes: Array<string> = []
  if (!kinds.includes("text") && kinds[0] === "time" && distinct(path, 0)) {
    kinds[0] = "text"
    notes.push(`Column '${header[0]}' names the rows (a time).`)
  }
  const ids = header.map((name, j) => isIdName(name) && kinds[j] !== "text")
  if (kinds.some((kind, j) => kind === "float" && !ids[j])) {
    const kept = kinds.flatMap((kind, j) =>
      kind === "integer" && !ids[j] && !(rows > 2 && sequences.holds(j) && !isOneOfSeries(header, j))
        ? [j]
        : []
    )
    for (const j of kept) kinds[j] = "float"
    if (kept.length > 0)
      notes.push(
        `Column${kept.length === 1 ? "" : "s"} ${listed(kept.map((j) => header[j]!))} ${
          kept.length === 1
            ? "holds whole numbers only and is taken for a coordinate"
            : "hold whole numbers only and are taken for coordinates"
        } (--columns chooses others).`
      )
  }
  if (quotes > 0)
    notes.push(
      `Quotes in a tsv file are ordinary characters: ${quotes} ${quotes === 1 ? "cell begins and ends with one and keeps it" : "cells begin and end with one and keep it"}.`
    )
  return {
    notes,
    columns: header.map((name, j) => ({
      name,
      kind: kinds[j]!,
      ...(kinds[j] === "other" ? { why: "without a number" } : {}),
      rowNumbers: () => (kinds[j] === "integer" && sequences.holds(j)) || distinctWholeNumbers(path, j)
    }))
  }
}

/** Whether the name is one of several that differ in their number alone: d0, d1, … */
const isOneOfSeries = (header: ReadonlyArray<string>, j: number): boolean => {
  const stem = (name: string) => /^(.*?)\d+$/.exec(name)?.[1]
  const own = stem(header[j]!)
  return own !== undefined && header.some((name, i) => i !== j && stem(name) === own)
}

/** Whether no two rows have the same text in a column. A pass over the file. */
const distinct = (path: string, j: number): boolean => everyCell(path, j, () => true)

const distinctWholeNumbers = (path: string, j: number): boolean =>
  everyCell(path, j, (rows) => Number.isInteger(parseDecimal(rows.bytes, rows.start[j]!, rows.end[j]!)))

const everyCell = (path: string, j: number, holds: (rows: Delimited) => boolean): boolean =>
  withRows(path, (rows) => {
    const seen = new Set<string>()
    for (let row = 0; rows.next(); row++) {
      if (!holds(rows)) return false
      seen.add(rows.text(j))
      if (seen.size === row) return false
    }
    return true
  })

/**
 * Refuses a first line that is a row: among the columns of numbers a name that is a decimal number, or nothing but whole
 * numbers that are not 0, 1, 2, … or 1, 2, 3, … as pandas and R name columns that have no names.
 */
const refuseHeaderless = (
  path: string,
  header: ReadonlyArray<string>,
  counts: ReadonlyArray<Float64Array>
): void => {
  const names = header.filter((_, j) => counts[j]![cellKinds.integer]! + counts[j]![cellKinds.decimal]! > 0)
  const bytes = names.map((name) => Buffer.from(name))
  const syntax = bytes.map((name) => syntaxOf(name, 0, name.length))
  const numbers = names.filter((_, j) => syntax[j] !== 0)
  const first = Number(numbers[0])
  const counted = first <= 1 && numbers.every((name, j) => name === String(first + j))
  // A first name that says key, or that is empty as pandas leaves an index's, is of a header.
  const rows =
    syntax.includes(2) ||
    (!isIdName(header[0]!) &&
      !isWordName(header[0]!) &&
      numbers.length > 0 &&
      numbers.length >= names.filter((name) => name !== "").length &&
      !counted)
  if (!rows) return
  const separator = path.toLowerCase().endsWith(".tsv") ? "\t" : ","
  const example = header.map((_, j) => (counts[j]![cellKinds.text]! > 0 ? "key" : `d${j}`))
  throw fileError(
    path,
    "The first line holds numbers, not the names of columns.",
    "a header line, then one row for each key",
    `add a first line such as ${example.slice(0, 3).join(separator)}${header.length > 3 ? `${separator}...` : ""}`
  )
}
