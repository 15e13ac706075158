/** The tables of a run, each folded, each downloadable. */
import type { EmbeddedTable, TableToEmbed } from "../embed.ts"
import type { ReportTable } from "../input.ts"
import { element, text, type Markup } from "../markup.ts"
import { count, formatNumber } from "../numbers.ts"
import { dataTable, downloadButton, fileName } from "./dataTable.ts"

export const tableId = (index: number): string => `table-${index + 1}`

const asData = (table: ReportTable): TableToEmbed["table"] => ({
  columns: table.columns.map(({ name }) => name),
  rows: table.rows
})

/** What of a run's tables is to be embedded. */
export const tablesToEmbed = (
  tables: ReadonlyArray<ReportTable>,
  pipeline: string
): ReadonlyArray<TableToEmbed> =>
  tables.map((table, index) => ({
    id: tableId(index),
    fileName: fileName(pipeline, `${table.node}.${table.output}`),
    table: asData(table),
    total: table.total ?? table.rows.length
  }))

const rest = (table: ReportTable, embedded: EmbeddedTable): Markup =>
  embedded.held >= embedded.total
    ? ""
    : element(
        "p",
        { class: "note" },
        text(
          `This page holds the first ${formatNumber(embedded.held)} of ${formatNumber(embedded.total)} rows. The rest: `
        ),
        element(
          "code",
          {},
          text(
            table.digest === undefined
              ? `the artifact ${table.node}.${table.output} in the store`
              : `asterism export ${table.digest.slice(0, 12)} --to ${table.output}.csv`
          )
        ),
        text(".")
      )

/** The section of all tables; empty where there are none. */
export const tablesSection = (
  tables: ReadonlyArray<ReportTable>,
  embedded: ReadonlyMap<string, EmbeddedTable>
): Markup =>
  tables.length === 0
    ? ""
    : element(
        "section",
        { id: "tables" },
        element("h2", {}, text("Tables")),
        ...tables.map((table, index) => {
          const own = embedded.get(tableId(index))!
          const name = `${table.node}.${table.output}`
          return element(
            "div",
            { class: "table-row" },
            element(
              "details",
              {},
              element(
                "summary",
                {},
                element("code", {}, text(name)),
                element(
                  "span",
                  { class: "note" },
                  text(`${table.kind}, ${count(own.total, "row")} × ${count(table.columns.length, "column")}`)
                )
              ),
              rest(table, own),
              dataTable(own, asData(table), name)
            ),
            downloadButton(own)
          )
        })
      )
