/**
 * Values by category with intervals: bars from 0, or dots on a line (better for differences), one panel for each axis.
 * Categories run down the page, where their names can be read.
 */
import type { Bars } from "../../schemas/Figure.ts"
import type { Cell } from "../csv.ts"
import { element, joined, text, type Markup } from "../markup.ts"
import { formatInterval, formatNumber, intervalColumns } from "../numbers.ts"
import type { Drawing } from "./Drawing.ts"
import { fitted, legend, lookOf, marker, plotPanel, textWidth, type Look } from "./parts.ts"
import { axisLabel, scaleFor } from "./scale.ts"

type Panel = Bars["panels"][number]

const drawPanel = (figure: Bars, panel: Panel, looks: ReadonlyMap<string, Look>, alone: boolean): Markup => {
  const perSeries = figure.draw === "bars" ? 13 : 11
  const band = Math.max(20, panel.series.length * perSeries + 7)
  const labels = figure.categories.map((name) => fitted(name, 170))
  const left = 14 + Math.max(...labels.map((name) => textWidth(name)), 20)
  const width = alone ? left + 420 : Math.max(left + 130, 328)
  const top = (panel.references ?? []).length > 0 ? 26 : 8
  const bottom = top + figure.categories.length * band
  const references = panel.references ?? []
  const scale = scaleFor(
    panel.value,
    [
      0,
      ...references.map(({ value }) => value),
      ...panel.series.flatMap((series) => [...series.values, ...(series.low ?? []), ...(series.high ?? [])])
    ],
    [left, width - 16],
    alone ? 6 : 3
  )
  const zero = scale.log ? left : scale.at(Math.max(scale.domain[0], Math.min(scale.domain[1], 0)))
  const parts: Array<Markup> = []
  for (const tick of scale.ticks) {
    const at = scale.at(tick.value)
    parts.push(
      element("line", { x1: at, x2: at, y1: top, y2: bottom, class: tick.value === 0 ? "axis" : "grid" }),
      element("text", { x: at, y: bottom + 14, "text-anchor": "middle", class: "tick" }, text(tick.label))
    )
  }
  for (const { value, label } of references) {
    const at = scale.at(value)
    parts.push(
      element(
        "g",
        { class: "reference" },
        element("line", { x1: at, x2: at, y1: top - 3, y2: bottom }),
        element(
          "text",
          { x: at, y: top - 8, "text-anchor": at > (left + width) / 2 ? "end" : "start" },
          text(label)
        )
      )
    )
  }
  for (const [row, name] of figure.categories.entries()) {
    const middle = top + (row + 0.5) * band
    parts.push(
      element(
        "text",
        { x: left - 8, y: middle + 3.5, "text-anchor": "end", class: "tick" },
        text(labels[row]!)
      )
    )
    for (const [index, series] of panel.series.entries()) {
      const value = series.values[row] ?? null
      if (value === null) continue
      const look = looks.get(series.name)!
      const y = middle + (index - (panel.series.length - 1) / 2) * perSeries
      const at = scale.at(value)
      const [low, high] = [series.low?.[row] ?? null, series.high?.[row] ?? null]
      parts.push(
        element(
          "g",
          {
            class: `mark ${look.className}`,
            "data-series": series.name,
            "data-tip": `${name}${panel.series.length > 1 ? `\n${series.name}` : ""}\n${axisLabel(panel.value)}: ${formatInterval(value, low, high, 4, figure.interval)}`
          },
          figure.draw === "bars"
            ? element("rect", {
                x: Math.min(zero, at),
                y: y - perSeries / 2 + 1,
                width: Math.abs(at - zero),
                height: perSeries - 2,
                class: "bar"
              })
            : "",
          low === null || high === null
            ? ""
            : element("line", { x1: scale.at(low), x2: scale.at(high), y1: y, y2: y, class: "whisker" }),
          figure.draw === "dots" ? marker(look.shape, at, y, 3.8, { class: "point" }) : ""
        )
      )
    }
  }
  parts.push(
    element(
      "text",
      { x: (left + width - 16) / 2, y: bottom + 31, "text-anchor": "middle", class: "name" },
      text(axisLabel(panel.value))
    )
  )
  const shown = panel.series.flatMap((series) => series.values).filter((value) => value !== null)
  return plotPanel(
    panel.name,
    { width, height: bottom + 40, grow: alone ? 1.2 : 1, least: 0.75 },
    `${panel.name === "" ? "" : `${panel.name}: `}${axisLabel(panel.value)} for ${figure.categories.length} categories${
      shown.length === 0
        ? ""
        : `, from ${formatNumber(shown.reduce((least, value) => Math.min(least, value)))} to ${formatNumber(shown.reduce((most, value) => Math.max(most, value)))}`
    }. Arrow keys read the values.`,
    ...parts
  )
}

const dataOf = (figure: Bars): Drawing["data"] => {
  const intervals = figure.panels.some((panel) => panel.series.some((series) => series.low !== undefined))
  const rows: Array<ReadonlyArray<Cell>> = []
  for (const panel of figure.panels)
    for (const series of panel.series)
      for (const [index, category] of figure.categories.entries())
        rows.push([
          panel.name,
          series.name,
          category,
          series.values[index] ?? null,
          ...(intervals ? [series.low?.[index] ?? null, series.high?.[index] ?? null] : [])
        ])
  return {
    columns: ["panel", "series", "category", "value", ...(intervals ? intervalColumns(figure.interval) : [])],
    rows
  }
}

/** Draws bars or dots with intervals. */
export const drawBars = (figure: Bars): Drawing => {
  const names = [...new Set(figure.panels.flatMap((panel) => panel.series.map((series) => series.name)))]
  const looks = new Map(names.map((name, index) => [name, lookOf(index)]))
  return {
    body: joined([
      legend(
        names.map((name) => ({
          name,
          look: looks.get(name)!,
          draw: figure.draw === "bars" ? "area" : "points"
        }))
      ),
      element(
        "div",
        { class: "panels" },
        ...figure.panels.map((panel) => drawPanel(figure, panel, looks, figure.panels.length === 1))
      )
    ]),
    data: dataOf(figure)
  }
}
