/**
 * A matrix in Parquet, in the forms people write: keys in a column of text, and either one column of lists of numbers or one
 * column of numbers for each dimension; which is which, `columns.ts` says. Read page by page into the matrix, so that beside
 * it no more is held than a page of one column.
 */
import type { LeafColumn } from "../codecs/parquet/columns.ts"
import type { ParquetFile } from "../codecs/parquet/ParquetFile.ts"
import { withParquet } from "../codecs/parquet/ParquetFile.ts"
import type { Column, ColumnKind } from "./columns.ts"
import { chooseColumns } from "./columns.ts"
import { pandasIndex } from "./pandasIndex.ts"
import { allocate, readKeyColumn, readListColumn, readNumberColumns, rowNumbers } from "./parquetColumns.ts"
import { parquetError } from "./parquetError.ts"
import type { RawMatrix, ReadOptions } from "./UserMatrix.ts"
import { fileError } from "./UserMatrix.ts"

export { writeParquetMatrix } from "./writeParquetMatrix.ts"

export const readParquetMatrix = (path: string, options: ReadOptions = {}): Promise<RawMatrix> =>
  withParquet(path, (file) => matrixOf(path, file, options.columns)).catch((error: unknown) => {
    throw parquetError(path, error)
  })

const matrixOf = (path: string, file: ParquetFile, only: ReadonlyArray<string> | undefined): RawMatrix => {
  const { rows, columns } = file
  if (rows === 0) throw fileError(path, "The file has no rows.", "at least one row")
  const index = pandasIndex(file.keyValues.get("pandas"))
  const choice = chooseColumns(
    path,
    columns.map((column): Column => {
      const kind = kindOf(column)
      return {
        name: column.name,
        kind,
        index: index.has(column.name),
        ...(kind === "integer" || kind === "float" ? { rowNumbers: () => rowNumbers(file, column) } : {})
      }
    }),
    only
  )
  const chosen = choice.coordinates.map((i) => columns[i]!)
  const listed = chosen.find(({ list }) => list !== undefined)
  const notes = [
    ...choice.notes,
    ...decimalNote(chosen),
    ...nestedNote(columns.filter((column) => !chosen.includes(column)))
  ]
  file.checkCells(listed === undefined ? rows * (chosen.length + 1) : file.values(listed) + rows)
  const keys = choice.key === null ? null : readKeyColumn(path, file, columns[choice.key]!)
  if (listed !== undefined)
    return { keys, rows, notes, ...readListColumn(path, file, listed, matrixType(chosen)) }
  const dims = chosen.length
  const data = allocate(path, matrixType(chosen), rows, dims)
  readNumberColumns(path, file, chosen, data)
  return { keys, rows, dims, data, notes }
}

const kindOf = ({ reading, list, nested, precision }: LeafColumn): ColumnKind => {
  const number: ColumnKind | undefined =
    reading === "float16" || reading === "float32" || reading === "float64"
      ? "float"
      : reading.includes("int")
        ? "integer"
        : reading === "decimal" && precision <= 15
          ? "float"
          : undefined
  if (nested !== undefined) return "other"
  if (list !== undefined) return number === undefined ? "other" : "list"
  if (number !== undefined) return number
  switch (reading) {
    case "boolean":
    case "time":
    case "binary":
    case "text":
      return reading
    case "uuid":
      return "text"
    default:
      return "other"
  }
}

/** Single precision where that is what the file holds. */
const matrixType = (columns: ReadonlyArray<LeafColumn>): typeof Float32Array | typeof Float64Array =>
  columns.every(({ reading }) => reading === "float32" || reading === "float16") ? Float32Array : Float64Array

const decimalNote = (chosen: ReadonlyArray<LeafColumn>): ReadonlyArray<string> => {
  const decimals = chosen.filter(({ reading }) => reading === "decimal")
  return decimals.length === 0
    ? []
    : [`Decimal columns (${names(decimals)}) are read as the nearest numbers of double precision.`]
}

/** What a column that is no coordinate holds, where `columns.ts` can only say that it is no plain number. */
const nestedNote = (left: ReadonlyArray<LeafColumn>): ReadonlyArray<string> => {
  const nested = left.filter((column) => column.nested !== undefined)
  return nested.length === 0
    ? []
    : [
        `Nested columns are not flattened: ${nested
          .map(({ name, nested: what }) => `'${name}' is ${what}`)
          .slice(0, 6)
          .join(", ")}.`
      ]
}

const names = (columns: ReadonlyArray<LeafColumn>): string =>
  columns.length > 6 ? `${columns.length} of them` : columns.map(({ name }) => `'${name}'`).join(", ")
