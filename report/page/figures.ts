/** The figures of a report: title, finding, picture, caption, conditions, and the numbers behind it. */
import type { FigureValue } from "../../schemas/Figure.ts"
import type { EmbeddedTable, TableToEmbed } from "../embed.ts"
import type { Drawing } from "../figures/Drawing.ts"
import { drawFigure } from "../figures/draw.ts"
import { element, scriptJson, text, type Markup } from "../markup.ts"
import { formatNumber, formatShort } from "../numbers.ts"
import { dataTable, downloadButton, fileName } from "./dataTable.ts"

export interface DrawnFigure {
  readonly id: string
  readonly number: number
  readonly node: string
  readonly figure: FigureValue
  readonly drawing: Drawing
  /** The numbers, and the fitted lines where there are any, to be embedded. */
  readonly tables: ReadonlyArray<TableToEmbed>
}

export const drawAll = (
  figures: ReadonlyArray<{ readonly node: string; readonly figure: FigureValue }>,
  pipeline: string
): ReadonlyArray<DrawnFigure> =>
  figures.map(({ node, figure }, index) => {
    const drawing = drawFigure(figure)
    const id = `figure-${index + 1}`
    const name = fileName(pipeline, node)
    return {
      id,
      number: index + 1,
      node,
      figure,
      drawing,
      tables: [
        { id, fileName: name, table: drawing.data, total: drawing.data.rows.length },
        ...(drawing.fits === undefined
          ? []
          : [
              {
                id: `${id}-fits`,
                fileName: `${name}-fits`,
                table: drawing.fits,
                total: drawing.fits.rows.length
              }
            ])
      ]
    }
  })

const facts = (figure: FigureValue): Markup =>
  (figure.facts ?? []).length === 0
    ? ""
    : element(
        "dl",
        { class: "facts" },
        ...(figure.facts ?? []).map(({ name, value }) =>
          element(
            "div",
            {},
            element("dt", {}, text(name)),
            element("dd", {}, text(typeof value === "number" ? formatShort(value, 3) : value))
          )
        )
      )

/** One figure as a section. */
export const figureSection = (drawn: DrawnFigure, embedded: ReadonlyMap<string, EmbeddedTable>): Markup => {
  const { drawing, figure, id, number } = drawn
  const numbers = embedded.get(id)!
  const fits = embedded.get(`${id}-fits`)
  return element(
    "section",
    { class: `figure ${figure.type}`, id, "aria-labelledby": `${id}-title` },
    element(
      "h3",
      { id: `${id}-title` },
      element("span", { class: "number" }, text(`Figure ${number}.`)),
      text(" "),
      text(figure.title)
    ),
    figure.finding === undefined ? "" : element("p", { class: "finding" }, text(figure.finding)),
    element("div", { class: "drawing" }, drawing.body),
    element("p", { class: "caption" }, text(figure.caption)),
    drawing.note === undefined ? "" : element("p", { class: "note" }, text(drawing.note)),
    facts(figure),
    fits === undefined
      ? ""
      : element(
          "details",
          { class: "numbers" },
          element("summary", {}, text(`Fitted lines (${formatNumber(fits.total)})`)),
          element("div", { class: "tools" }, downloadButton(fits)),
          dataTable(fits, drawing.fits!, `Fitted lines of figure ${number}`)
        ),
    element(
      "details",
      { class: "numbers" },
      element("summary", {}, text(`The numbers (${formatNumber(numbers.total)} rows)`)),
      element(
        "div",
        { class: "tools" },
        downloadButton(numbers),
        figure.type === "table"
          ? ""
          : element("button", { type: "button", class: "download", "data-picture": id }, text("SVG")),
        element("span", { class: "note" }, text("from node "), element("code", {}, text(drawn.node)))
      ),
      dataTable(numbers, drawing.data, `Numbers of figure ${number}`)
    ),
    drawing.live === undefined
      ? ""
      : element("script", { type: "application/json", id: `live-${id}` }, scriptJson(drawing.live))
  )
}
