/**
 * What a cell of text is, for columns whose type the whole column decides, and how it is named where a number was
 * expected.
 */
import { integer, noNumber, syntaxOf } from "./decimal.ts"
import type { Delimited } from "./delimited.ts"

/** Kinds of cell, as places in a column's counts. */
export const cellKinds = {
  integer: 0,
  decimal: 1,
  empty: 2,
  /** NA, null and the like. */
  missing: 3,
  /** NaN or an infinity. */
  infinite: 4,
  boolean: 5,
  time: 6,
  /** A number in a spelling that is not read: hexadecimal, with separators, with a unit. */
  foreign: 7,
  text: 8
} as const
export const kindCount = 9

const foreign: ReadonlyArray<readonly [form: RegExp, name: string]> = [
  [/^[+-]?0x[\da-f]+$/i, "a hexadecimal number"],
  [/^[+-]?0[bo]\d+$/i, "a number that is not decimal"],
  [/^[+-]?\d[\d_]*_[\d_]*\d(\.\d*)?$/, "a number with underscores"],
  [/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/, "a number with thousands separators"],
  [/^[+-]?\d{1,3}([ '\u00a0\u202f]\d{3})+([.,]\d*)?$/, "a number with thousands separators"],
  [/^[+-]?(\d{1,3}(\.\d{3})*|\d*),\d+(e[+-]?\d+)?$/i, "a number with a decimal comma"],
  [/^[+-]?(\d+\.?\d*|\.\d+)d[+-]?\d+$/i, "a number with Fortran's exponent"],
  [/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*%$/i, "a percentage"],
  [/^[+-]?[$€£]\s*\d[\d.,]*$|^[+-]?\d[\d.,]*\s*[$€£]$/, "an amount of money"],
  [/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[fln]$/i, "a number with a suffix"],
  [/^[-\u2212\u2013]\s*\d[\d.]*(e[+-]?\d+)?$/i, "a number with a sign that is no '-'"],
  [/^\(\d[\d.,]*\)$/, "a number in brackets"]
]
const infinite = /^[+-]?(s?nan(\([^)]*\))?|inf|infinity|1\.#(ind|inf|qnan|snan)0*|∞)$/i
const missing = /^(na|n\/a|#n\/a|<na>|nat|null|none|nil|missing|-+|\.|\?)$/i
const boolean = /^(true|false)$/i
const time =
  /^(\d{4}-\d{1,2}(-\d{1,2})?([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(z|utc|[+-]\d{2}:?(\d{2})?)?)?|\d{1,4}[/.]\d{1,2}[/.]\d{2,4}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?|\d+ days?( \d{1,2}:\d{2}:\d{2}(\.\d+)?)?)$/i

/** The kind of a cell that is no plain number. */
export const kindOfText = (text: string): number => {
  const cell = text.trim()
  if (cell === "") return cellKinds.empty
  if (cell.length > 40) return cellKinds.text
  if (infinite.test(cell)) return cellKinds.infinite
  if (missing.test(cell)) return cellKinds.missing
  if (boolean.test(cell)) return cellKinds.boolean
  if (time.test(cell)) return cellKinds.time
  return foreign.some(([form]) => form.test(cell)) ? cellKinds.foreign : cellKinds.text
}

/** The kind of a row's cell. Throws an InputError where it is no UTF-8. */
export const kindOfCell = (rows: Delimited, j: number): number => {
  const syntax = syntaxOf(rows.bytes, rows.start[j]!, rows.end[j]!)
  if (syntax !== noNumber) return syntax === integer ? cellKinds.integer : cellKinds.decimal
  return kindOfText(rows.text(j))
}

/** What a cell holds that should hold a finite number, and what to do about it. */
export const noNumberIn = (text: string): { readonly holds: string; readonly next: string } => {
  const cell = text.trim()
  const fill = "drop the row or fill the cell"
  const found = foreign.find(([form]) => form.test(cell))
  if (cell === "") return { holds: "nothing", next: fill }
  if (/nan/i.test(cell) && infinite.test(cell)) return { holds: "NaN", next: fill }
  const shown = `'${cell.length > 60 ? `${cell.slice(0, 57)}...` : cell}'`
  if (found !== undefined)
    return {
      holds: `${shown}, ${found[1]}`,
      next: "write plain decimal numbers such as -1234.5, or choose other columns with --columns"
    }
  if (infinite.test(cell)) return { holds: shown, next: fill }
  return {
    holds: shown,
    next: "repair the cell, name the column 'key' if it holds the keys, or choose other columns with --columns"
  }
}
