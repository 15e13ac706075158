/**
 * CSV and TSV with a header line. The first column holds keys if its name is `key`, `id`, `word`, `name` or empty, or if
 * any of its cells is not a number; all other columns hold numbers.
 */
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs"
import type { RawMatrix } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

const keyNames = new Set(["key", "id", "word", "name", "", "index", "unnamed: 0"])

const isNumber = (cell: string): boolean => cell.trim() !== "" && !Number.isNaN(Number(cell))

export const readCsv = async (path: string): Promise<RawMatrix> => {
  const { dsvFormat } = await import("d3-dsv")
  const separator = path.toLowerCase().endsWith(".tsv") ? "\t" : ","
  const lines = dsvFormat(separator).parseRows(readFileSync(path, "utf8").replace(/^\uFEFF/, ""))
  const [header, ...rows] = lines.filter((cells) => cells.length > 1 || cells[0] !== "")
  if (header === undefined || rows.length === 0) {
    throw fileError(
      path,
      "The file has no rows below its header.",
      "a header line, then one row for each key"
    )
  }
  if (isHeaderless(header)) {
    throw fileError(
      path,
      "The first line holds numbers, not the names of columns.",
      "a header line, then one row for each key",
      `add a first line such as ${header
        .map((_, j) => `d${j}`)
        .slice(0, 3)
        .join(separator)}${header.length > 3 ? `${separator}...` : ""}`
    )
  }
  const ragged = rows.findIndex((cells) => cells.length !== header.length)
  if (ragged >= 0) {
    throw fileError(
      path,
      `Line ${ragged + 2} has ${rows[ragged]!.length} cells and the header has ${header.length}.`,
      "the same number of cells in every line",
      "quote cells that contain the separator"
    )
  }
  const keyed =
    keyNames.has(header[0]!.trim().toLowerCase()) ||
    rows.some((cells) => !isNumber(cells[0]!) && !/^(nan|inf|-inf)?$/i.test(cells[0]!.trim()))
  const first = keyed ? 1 : 0
  const dims = header.length - first
  const data = new Float64Array(rows.length * dims)
  rows.forEach((cells, i) => {
    for (let j = 0; j < dims; j++) {
      const cell = cells[j + first]!
      if (!isNumber(cell)) {
        throw fileError(
          path,
          `Line ${i + 2}, column '${header[j + first]}' holds ${cell.trim() === "" ? "nothing" : /^[+-]?nan$/i.test(cell.trim()) ? "NaN" : `'${cell}'`}.`,
          "a finite number",
          "drop the row or fill the cell"
        )
      }
      data[i * dims + j] = Number(cell)
    }
  })
  return { keys: keyed ? rows.map((cells) => cells[0]!) : null, rows: rows.length, dims, data }
}

/** Numbers only, and not those by which pandas names columns that have no names. */
const isHeaderless = (header: ReadonlyArray<string>): boolean =>
  header.every(isNumber) && !header.every((cell, j) => cell.trim() === String(j))

const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** Writes a header and rows of cells; null and undefined become empty cells. */
export const writeCsv = (
  path: string,
  header: ReadonlyArray<string>,
  rows: Iterable<ReadonlyArray<unknown>>
): void => {
  const separator = path.toLowerCase().endsWith(".tsv") ? "\t" : ","
  const file = openSync(path, "w")
  try {
    let text = `${header.map(quoted).join(separator)}\n`
    for (const row of rows) {
      text += row
        .map((cell) => (cell === null || cell === undefined ? "" : quoted(String(cell))))
        .join(separator)
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
