/** A table that is read as a figure. */
import type { TableFigure } from "../../schemas/Figure.ts"
import { element, text } from "../markup.ts"
import { formatNumber } from "../numbers.ts"
import type { Drawing } from "./Drawing.ts"

const name = (column: TableFigure["columns"][number]): string =>
  column.unit === undefined ? column.name : `${column.name} (${column.unit})`

/** Draws a table with the digits its columns ask for; rows past the 40th are in the download. */
export const drawTable = (figure: TableFigure): Drawing => {
  const shown = figure.rows.slice(0, 40)
  const numeric = figure.columns.map((_, column) =>
    figure.rows.every((row) => typeof row[column] !== "string")
  )
  return {
    body: element(
      "div",
      { class: "scroll" },
      element(
        "table",
        { class: "plain" },
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            ...figure.columns.map((column, index) =>
              element(
                "th",
                { scope: "col", class: numeric[index] ? "number" : undefined },
                text(name(column))
              )
            )
          )
        ),
        element(
          "tbody",
          {},
          ...shown.map((row) =>
            element(
              "tr",
              {},
              ...figure.columns.map((column, index) => {
                const cell = row[index] ?? null
                return element(
                  "td",
                  { class: numeric[index] ? "number" : undefined },
                  text(typeof cell === "string" ? cell : formatNumber(cell, column.digits ?? 3))
                )
              })
            )
          )
        )
      )
    ),
    data: { columns: figure.columns.map(name), rows: figure.rows },
    ...(figure.rows.length > shown.length
      ? {
          note: `The first ${shown.length} of ${formatNumber(figure.rows.length)} rows are shown; the data has all.`
        }
      : {})
  }
}
