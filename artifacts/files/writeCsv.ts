/**
 * Writes CSV and TSV. In CSV cells with commas, quotes or line breaks are quoted as RFC 4180 says; TSV has no quotes, so
 * cells with tabs or line breaks are refused there.
 */
import { closeSync, openSync, writeFileSync } from "node:fs"
import { separatorOf } from "./delimited.ts"
import { fileError } from "./fileError.ts"

const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

const unquoted =
  (path: string) =>
  (cell: string): string => {
    if (!/[\t\n\r]/.test(cell)) return cell
    throw fileError(
      path,
      `The cell ${JSON.stringify(cell.length > 60 ? `${cell.slice(0, 57)}...` : cell)} holds a tab or a line break, which tsv cannot.`,
      "cells without tabs and line breaks",
      "write csv or parquet"
    )
  }

/** An empty cell that is all of its row. */
const alone = (path: string): string => {
  if (separatorOf(path) === ",") return '""'
  throw fileError(
    path,
    "A row holds one empty cell, which tsv cannot.",
    "two columns or more, or no empty cells",
    "write csv or parquet"
  )
}

/** Writes a header and rows of cells; null and undefined become empty cells. */
export const writeCsv = (
  path: string,
  header: ReadonlyArray<string>,
  rows: Iterable<ReadonlyArray<unknown>>
): void => {
  const separator = separatorOf(path)
  const cellOf = separator === "\t" ? unquoted(path) : quoted
  const file = openSync(path, "w")
  try {
    let text = `${header.map(cellOf).join(separator)}\n`
    for (const row of rows) {
      const cells = row.map((cell) => (cell === null || cell === undefined ? "" : cellOf(String(cell))))
      // An empty line would be no row.
      if (cells.length === 1 && cells[0] === "") cells[0] = alone(path)
      text += cells.join(separator)
      text += "\n"
      if (text.length < 1 << 20) continue
      writeFileSync(file, text)
      text = ""
    }
    writeFileSync(file, text)
  } finally {
    closeSync(file)
  }
}
