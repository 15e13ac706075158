/**
 * A matrix in CSV or TSV with a header line, read in two passes: the first decides what each column holds, the second
 * reads the key and the coordinates. Memory is that of the matrix and its keys; the file may be larger than either.
 */
import { noNumberIn } from "./cellKinds.ts"
import { chooseColumns, type Choice } from "./columns.ts"
import { isExactInteger, parseDecimal } from "./decimal.ts"
import { checkWidth, withRows, type Delimited } from "./delimited.ts"
import { fileError } from "./fileError.ts"
import { columnsOfText, type TextColumns } from "./textColumns.ts"
import type { RawMatrix, ReadOptions } from "./UserMatrix.ts"

export { writeCsv } from "./writeCsv.ts"

export const readCsv = async (path: string, options: ReadOptions = {}): Promise<RawMatrix> => {
  const found = columnsOfText(path)
  return readColumns(
    path,
    found,
    chooseColumns(path, found.columns, options.columns),
    options.columns !== undefined
  )
}

const readColumns = (path: string, found: TextColumns, choice: Choice, settled: boolean): RawMatrix =>
  withRows(path, (rows, header) => {
    const dims = choice.coordinates.length
    const columns = Int32Array.from(choice.coordinates)
    const whole = Uint8Array.from(choice.coordinates, (j) => (found.whole[j]! ? 1 : 0))
    const data = roomFor(path, found.rows, dims)
    const keys: Array<string> = []
    let row = 0
    for (; rows.next(); row++) {
      checkWidth(rows, header.length)
      if (row === found.rows) break
      const at = row * dims
      for (let d = 0; d < dims; d++) {
        const j = columns[d]!
        const value = parseDecimal(rows.bytes, rows.start[j]!, rows.end[j]!)
        // True of NaN too.
        if (!(Math.abs(value) < 2 ** 53)) check(rows, header, j, value, whole[d] === 1)
        data[at + d] = value
      }
      if (choice.key !== null) keys.push(rows.text(choice.key))
    }
    if (row !== found.rows)
      throw fileError(
        path,
        "The file changed while it was read.",
        "a file that nobody writes to",
        "read it again"
      )
    return {
      keys: choice.key === null ? null : keys,
      rows: found.rows,
      dims,
      data,
      notes: [...choice.notes, ...(settled ? [] : found.notes)]
    }
  })

const roomFor = (path: string, rows: number, dims: number): Float64Array => {
  try {
    return new Float64Array(rows * dims)
  } catch {
    throw fileError(
      path,
      `The matrix of ${rows} rows and ${dims} columns does not fit into memory.`,
      `${((rows * dims * 8) / 1e9).toFixed(1)} GB of memory`,
      "take fewer rows"
    )
  }
}

/** Refuses what is no finite number, or a whole number that a double does not hold. */
const check = (
  rows: Delimited,
  header: ReadonlyArray<string>,
  j: number,
  value: number,
  whole: boolean
): void => {
  const text = rows.text(j)
  const where = `Line ${rows.line}, column '${header[j]}'`
  if (Number.isNaN(value)) {
    const { holds, next } = noNumberIn(text)
    throw fileError(rows.path, `${where} holds ${holds}.`, "a finite number", next)
  }
  if (!Number.isFinite(value))
    throw fileError(
      rows.path,
      `${where} holds '${text.trim()}', which is past the range of double precision.`,
      "a number below 1.8e308",
      "rescale the column"
    )
  if (whole && !isExactInteger(text))
    throw fileError(
      rows.path,
      `${where} holds '${text.trim()}', which double precision does not hold exactly.`,
      "whole numbers up to 9007199254740992, or a column of ids",
      "name the column 'key' or 'id' if it holds ids, or choose other columns with --columns"
    )
}
