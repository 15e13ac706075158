/**
 * How tables travel inside the page: as CSV text, gzipped (base64) where that is smaller, so that every digit can be
 * downloaded offline. A table that does not fit the page's budget is cut to its first rows, and the page says so and
 * names the artifact that has the rest.
 *
 * The smallest tables are taken first, so that one huge table never crowds the others out.
 */
import { gzipSync } from "node:zlib"
import { toCsv, type DataTable } from "./csv.ts"
import { element, scriptJson, type Markup } from "./markup.ts"

/** Rows of a table that is cut. */
export const cutRows = 2000
/** CSV shorter than this is not worth compressing. */
const plainBytes = 2048

export interface EmbeddedTable {
  readonly id: string
  /** File name of the download, without its extension. */
  readonly fileName: string
  readonly columns: ReadonlyArray<{ readonly name: string; readonly numeric: boolean }>
  /** Rows in the page, and rows of the whole table. */
  readonly held: number
  readonly total: number
  readonly script: Markup
}

export interface TableToEmbed {
  readonly id: string
  readonly fileName: string
  readonly table: DataTable
  readonly total: number
}

const isNumeric = (table: DataTable, column: number): boolean => {
  let any = false
  for (const row of table.rows) {
    const cell = row[column]
    if (cell === null || cell === undefined) continue
    if (typeof cell !== "number") return false
    any = true
  }
  return any
}

const encode = (csv: string): { readonly csv: string } | { readonly gzip: string } => {
  if (csv.length < plainBytes) return { csv }
  const gzip = gzipSync(csv, { level: 9 }).toString("base64")
  return gzip.length < csv.length ? { gzip } : { csv }
}

const sizeOf = (data: { readonly csv: string } | { readonly gzip: string }): number =>
  "gzip" in data ? data.gzip.length : data.csv.length

/** Embeds tables within `budget` characters in all; tables that do not fit are cut to `cutRows` rows. */
export const embedTables = (
  tables: ReadonlyArray<TableToEmbed>,
  budget: number
): ReadonlyMap<string, EmbeddedTable> => {
  const encoded = tables.map((item) => ({ item, data: encode(toCsv(item.table)) }))
  const bySize = encoded.toSorted((a, b) => sizeOf(a.data) - sizeOf(b.data))
  const result = new Map<string, EmbeddedTable>()
  let left = budget
  for (const { item, data } of bySize) {
    const cut = sizeOf(data) > left && item.table.rows.length > cutRows
    const rows = cut ? item.table.rows.slice(0, cutRows) : item.table.rows
    const held = cut ? encode(toCsv({ columns: item.table.columns, rows })) : data
    left -= sizeOf(held)
    const columns = item.table.columns.map((name, column) => ({
      name,
      numeric: isNumeric(item.table, column)
    }))
    result.set(item.id, {
      id: item.id,
      fileName: item.fileName,
      columns,
      held: rows.length,
      total: Math.max(item.total, item.table.rows.length),
      script: element(
        "script",
        { type: "application/json", id: `data-${item.id}` },
        scriptJson({ fileName: item.fileName, columns, ...held })
      )
    })
  }
  return result
}
