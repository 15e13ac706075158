/** Parquet to columns of cells: text, numbers, booleans and nulls, as tables hold them. */
import type { LeafColumn } from "./columns.ts"
import type { ParquetFile } from "./ParquetFile.ts"
import { withParquet } from "./ParquetFile.ts"
import { ParquetFault } from "./ParquetFault.ts"

export type Cell = string | number | bigint | boolean | null

export interface ParquetColumns {
  readonly rows: number
  /** Cells by column name; null where a cell is null, a bigint where a whole number is past 2^53. */
  readonly columns: ReadonlyMap<string, ReadonlyArray<Cell>>
}

/** Reads the named columns that exist (by default all that hold such cells). Throws a ParquetFault for a malformed file. */
export const readParquet = (path: string, names?: ReadonlyArray<string>): Promise<ParquetColumns> =>
  withParquet(path, (file) => {
    const wanted = file.columns
      .filter(({ name }) => names?.includes(name) ?? true)
      .filter((column) => names !== undefined || notRead(column) === undefined)
    const columns = new Map<string, ReadonlyArray<Cell>>()
    file.checkCells(file.rows * wanted.length)
    for (const column of wanted) {
      if (columns.has(column.name)) throw new ParquetFault(`two columns have the name '${column.name}'`)
      columns.set(column.name, cellsOf(file, column))
    }
    return { rows: file.rows, columns }
  })

/** What a column's cells are, in words, where they are neither text nor a number nor a boolean. */
const notRead = ({ nested, list, reading, precision }: LeafColumn): string | undefined =>
  nested ??
  (list === undefined ? undefined : "a list") ??
  (reading === "time" ? "a time" : reading === "binary" ? "bytes" : undefined) ??
  (reading === "none" || (reading === "decimal" && precision > 15) ? "of a type that is not read" : undefined)

const cellsOf = (file: ParquetFile, column: LeafColumn): ReadonlyArray<Cell> => {
  const what = notRead(column)
  if (what !== undefined) throw new ParquetFault(`column '${column.name}' is ${what}`)
  const cells: Array<Cell> = []
  const convert = conversion(column)
  const { mostDefined } = column
  for (let group = 0; group < file.groups.length; group++) {
    for (const { count, defined, values } of file.pages(column, group)) {
      let next = 0
      for (let i = 0; i < count; i++) {
        if (defined !== undefined && defined[i] !== mostDefined) cells.push(null)
        else {
          const value = values[next++]
          if (value === undefined)
            throw new ParquetFault(
              `row ${cells.length} of column '${column.name}' holds text that is not UTF-8`
            )
          cells.push(convert === undefined ? value : convert(value))
        }
      }
    }
  }
  return cells
}

/** How a column's values become cells, where they are none yet. */
const conversion = ({ reading }: LeafColumn): ((value: string | number | bigint) => Cell) | undefined => {
  if (reading === "boolean") return (value) => value === 1
  if (!reading.endsWith("int64")) return undefined
  return (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)
}
