/**
 * A table in the page: its first rows as HTML, the rest read from the embedded data by the page's script, which pages,
 * sorts, filters and downloads it.
 */
import type { DataTable } from "../csv.ts"
import type { EmbeddedTable } from "../embed.ts"
import { element, text, type Markup } from "../markup.ts"
import { formatNumber, formatShort } from "../numbers.ts"

/** Rows shown without a script and in print. */
const staticRows = 10

/** Digests are shortened as everywhere in the page; the download has them whole. */
const cellOf = (cell: string | number | boolean | null | undefined): string =>
  typeof cell === "number"
    ? formatShort(cell)
    : cell === null || cell === undefined
      ? "–"
      : String(cell).replaceAll(/\b[0-9a-f]{64}\b/g, (digest) => digest.slice(0, 12))

/** A name that any file system takes. */
export const fileName = (pipeline: string, table: string): string =>
  `${pipeline}-${table}`.replaceAll(/[^A-Za-z0-9_.-]+/g, "-")

/** The download button of an embedded table. */
export const downloadButton = (embedded: EmbeddedTable, label = "CSV"): Markup =>
  element(
    "button",
    {
      type: "button",
      class: "download",
      "data-download": embedded.id,
      title: `Download ${embedded.fileName}.csv; a text that a spreadsheet would take for a formula begins with an apostrophe`
    },
    text(label)
  )

/** The table itself, scrolling sideways where it is wide. */
export const dataTable = (embedded: EmbeddedTable, table: DataTable, caption: string): Markup =>
  element(
    "div",
    { class: "data-table", "data-table": embedded.id },
    element(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
      element(
        "table",
        {},
        element("caption", {}, text(caption)),
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            ...embedded.columns.map(({ name, numeric }) =>
              element("th", { scope: "col", class: numeric ? "number" : undefined }, text(name))
            )
          )
        ),
        element(
          "tbody",
          {},
          ...table.rows
            .slice(0, staticRows)
            .map((row) =>
              element(
                "tr",
                {},
                ...embedded.columns.map(({ numeric }, column) =>
                  element("td", { class: numeric ? "number" : undefined }, text(cellOf(row[column])))
                )
              )
            )
        )
      )
    ),
    table.rows.length > staticRows
      ? element(
          "p",
          { class: "note rest" },
          text(`The first ${staticRows} of ${formatNumber(embedded.total)} rows.`)
        )
      : ""
  )
