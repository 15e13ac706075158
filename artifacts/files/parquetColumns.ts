/**
 * Columns of a Parquet file to keys and numbers, page by page. A null, a list of another length, a number that a double does
 * not hold and text that is not UTF-8 are refused with their row, which counts from 0.
 */
import type { InputError } from "../../schemas/errors.ts"
import type { LeafColumn } from "../codecs/parquet/columns.ts"
import type { Page } from "../codecs/parquet/pages.ts"
import type { ParquetFile } from "../codecs/parquet/ParquetFile.ts"
import { ParquetFault } from "../codecs/parquet/ParquetFault.ts"
import { checkEntries } from "./bounds.ts"
import { fileError } from "./UserMatrix.ts"

type Numbers = Float32Array | Float64Array

const place = ({ name }: LeafColumn): string =>
  name === "" ? "the column without a name" : `column '${name}'`

const nullAt = (path: string, column: LeafColumn, row: number, expected: string): InputError =>
  fileError(path, `Row ${row} of ${place(column)} is null.`, expected, "drop the row or fill the cell")

/** A matrix of zeros; refused where this process cannot have so much memory. */
export const allocate = (
  path: string,
  Type: typeof Float32Array | typeof Float64Array,
  rows: number,
  dims: number
): Numbers => {
  checkEntries(path, rows, dims)
  try {
    return new Type(rows * dims)
  } catch {
    const gigabytes = ((rows * dims * Type.BYTES_PER_ELEMENT) / 1e9).toFixed(1)
    throw fileError(
      path,
      `The matrix of ${rows} rows and ${dims} columns takes ${gigabytes} GB, more than there is memory for.`,
      "a matrix that fits into memory",
      "take fewer rows or columns"
    )
  }
}

/** A stored value as a double; throws for a whole number that none holds. */
const exact = (value: number | bigint, refuse: (value: bigint) => InputError): number => {
  if (typeof value === "number") return value
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw refuse(value)
  return number
}

const tooLarge = (path: string, where: string, value: bigint): InputError =>
  fileError(
    path,
    `${where} holds ${value}, which no double holds exactly.`,
    "whole numbers up to 2^53",
    "if it is an id, leave the column out with --columns"
  )

/** The rows of every page of a flat column: `use` gets a row and its value, undefined for a null. */
const eachRow = (
  file: ParquetFile,
  column: LeafColumn,
  use: (row: number, value: Page["values"][number] | undefined, isNull: boolean) => void
): void => {
  let row = 0
  for (let group = 0; group < file.groups.length; group++)
    for (const { count, defined, values } of file.pages(column, group)) {
      let next = 0
      for (let i = 0; i < count; i++, row++)
        if (defined !== undefined && defined[i] !== column.mostDefined) use(row, undefined, true)
        else use(row, values[next++], false)
    }
}

export const readKeyColumn = (path: string, file: ParquetFile, column: LeafColumn): ReadonlyArray<string> => {
  const keys: Array<string> = []
  eachRow(file, column, (row, value, isNull) => {
    if (isNull) throw nullAt(path, column, row, "a key in each row")
    if (value === undefined)
      throw fileError(
        path,
        `Row ${row} of ${place(column)} holds bytes that are not UTF-8.`,
        "keys in UTF-8",
        "write the column as UTF-8 text"
      )
    keys.push(String(value))
  })
  return keys
}

/** Whether the whole numbers of a column are all there and distinct. */
export const rowNumbers = (file: ParquetFile, column: LeafColumn): boolean => {
  file.checkCells(file.rows)
  const big = column.reading.endsWith("int64")
  const seen = big ? new BigInt64Array(file.rows) : new Float64Array(file.rows)
  let fits = true
  eachRow(file, column, (row, value) => {
    if (typeof value === "bigint") seen[row] = value
    else if (Number.isSafeInteger(value)) seen[row] = value as number
    else fits = false
  })
  if (!fits) return false
  seen.sort()
  for (let i = 1; i < seen.length; i++) if (seen[i] === seen[i - 1]) return false
  return true
}

/** One number of each row from each of `columns` into the rows of `data`, a row group at a time. */
export const readNumberColumns = (
  path: string,
  file: ParquetFile,
  columns: ReadonlyArray<LeafColumn>,
  data: Numbers
): void => {
  const dims = columns.length
  let before = 0
  for (let group = 0; group < file.groups.length; group++) {
    columns.forEach((column, j) => {
      let row = before
      for (const page of file.pages(column, group)) {
        writePage(path, column, page, row, data, row * dims + j, dims)
        row += page.count
      }
    })
    before += file.groups[group]!.rows
  }
}

const writePage = (
  path: string,
  column: LeafColumn,
  { count, defined, values }: Page,
  row: number,
  data: Numbers,
  start: number,
  step: number
): void => {
  if (defined !== undefined) {
    const missing = defined.findIndex((level) => level !== column.mostDefined)
    throw nullAt(path, column, row + missing, "a number in each row")
  }
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    for (let i = 0; i < count; i++)
      data[start + i * step] = exact(values[i]!, (value) =>
        tooLarge(path, `Row ${row + i} of ${place(column)}`, value)
      )
    return
  }
  const numbers = values as Numbers
  for (let i = 0; i < count; i++) data[start + i * step] = numbers[i]!
}

/** The rows of a column of lists. */
export const readListColumn = (
  path: string,
  file: ParquetFile,
  column: LeafColumn,
  Type: typeof Float32Array | typeof Float64Array
): { readonly dims: number; readonly data: Numbers } => {
  const { rows } = file
  const total = file.values(column)
  // Lists of one length have this many numbers; where they have not, some row is found that differs.
  const dims = Math.floor(total / rows)
  const data = total % rows === 0 ? allocate(path, Type, rows, dims) : new Type(0)
  const lists = new Lists(path, column, dims, data)
  for (let group = 0; group < file.groups.length; group++) {
    for (const page of file.pages(column, group)) lists.add(page)
    lists.endGroup(group, file.groups[group]!.rows)
  }
  // All lists are empty where they are equally long and not as long as their number of values says.
  return lists.first === dims ? { dims, data: lists.data } : { dims: 0, data: new Type(0) }
}

/** Lists put together from pages: a list may go on from one page to the next. */
class Lists {
  readonly data: Numbers
  readonly #path: string
  readonly #column: LeafColumn
  readonly #dims: number
  #row = -1
  /** Numbers of the row so far, and of the first row. */
  #length = 0
  #first = -1
  #groupStart = 0

  get first(): number {
    return this.#first
  }

  constructor(path: string, column: LeafColumn, dims: number, data: Numbers) {
    this.#path = path
    this.#column = column
    this.#dims = dims
    this.data = data
  }

  add({ count, defined, repeated, values }: Page): void {
    const { list, mostDefined } = this.#column
    const { listDefined, elementDefined } = list!
    const big = values instanceof BigInt64Array || values instanceof BigUint64Array
    const { data } = this
    const dims = this.#dims
    let next = 0
    for (let i = 0; i < count; i++) {
      if (repeated![i] === 0) {
        this.#endRow()
        this.#row++
        this.#length = 0
      } else if (this.#row < this.#groupStart)
        throw new ParquetFault(`${place(this.#column)} begins a row group inside a list`)
      const level = defined === undefined ? mostDefined : defined[i]!
      if (level === mostDefined) {
        // Past the end of `data` or of a row nothing may be kept; the row is refused when it ends.
        if (this.#length < dims)
          data[this.#row * dims + this.#length] = big
            ? this.#exact(values[next]!)
            : (values as Numbers)[next]!
        next++
        this.#length++
      } else if (level >= elementDefined)
        throw fileError(
          this.#path,
          `Row ${this.#row} of ${place(this.#column)} holds null at place ${this.#length} of its list.`,
          "a number at each place",
          "drop the row or fill the value"
        )
      else if (level < listDefined) throw nullAt(this.#path, this.#column, this.#row, "a list in each row")
      else if (repeated![i] !== 0)
        throw new ParquetFault(
          `row ${this.#row} of ${place(this.#column)} is a list that goes on without a value`
        )
    }
  }

  endGroup(group: number, rows: number): void {
    const held = this.#row + 1 - this.#groupStart
    if (held !== rows)
      throw new ParquetFault(`${place(this.#column)} has ${held} lists in row group ${group} of ${rows} rows`)
    this.#endRow()
    this.#groupStart += rows
  }

  #endRow(): void {
    if (this.#row < 0) return
    if (this.#row === 0) this.#first = this.#length
    if (this.#length === this.#first) return
    throw fileError(
      this.#path,
      `Row ${this.#row} of ${place(this.#column)} has ${this.#length} numbers and row 0 has ${this.#first}.`,
      "lists of equal length"
    )
  }

  #exact(value: number | bigint | string | undefined): number {
    return exact(value as bigint, (large) =>
      tooLarge(
        this.#path,
        `Row ${this.#row} of ${place(this.#column)}, place ${this.#length} of its list`,
        large
      )
    )
  }
}
