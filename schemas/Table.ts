/**
 * Tables: named columns of equal length. Stored as Parquet (zstd), so that pandas, polars and DuckDB read them.
 */

/** The column types a table may have. `float64` and `utf8` columns may be declared nullable with a trailing `?`. */
export type ColumnType = "utf8" | "utf8?" | "float64" | "float64?" | "int32" | "boolean"

/** What a table looks like: column name → type, in the order they are stored. */
export type Columns = { readonly [name: string]: ColumnType }

type Cell<T extends ColumnType> = T extends "utf8"
  ? string
  : T extends "utf8?"
    ? string | null
    : T extends "float64" | "int32"
      ? number
      : T extends "float64?"
        ? number | null
        : boolean

/** One row of a table with the given columns. */
export type Row<C extends Columns> = { readonly [K in keyof C]: Cell<C[K]> }

/** A table in memory, as rows. Tables are small (scores, curves, frequencies); matrices are not tables. */
export interface Table<C extends Columns = Columns> {
  readonly columns: C
  readonly rows: ReadonlyArray<Row<C>>
}
