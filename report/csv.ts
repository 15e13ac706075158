/**
 * Tables as CSV (RFC 4180, LF line ends): every digit of a number, null as an empty field, the empty text as `""`.
 */

export type Cell = string | number | boolean | null

export interface DataTable {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
}

const field = (cell: Cell | undefined): string => {
  if (cell === null || cell === undefined) return ""
  if (typeof cell !== "string") return String(cell)
  return cell === "" || /[",\n\r]/.test(cell) || cell.trim() !== cell
    ? `"${cell.replaceAll('"', '""')}"`
    : cell
}

/** The table as CSV text with a header line. */
export const toCsv = (table: DataTable): string => {
  const lines = [table.columns.map(field).join(",")]
  for (const row of table.rows) lines.push(row.map(field).join(","))
  return `${lines.join("\n")}\n`
}
