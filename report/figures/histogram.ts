/** Histograms: the counts of each series between the same edges, overlaid, with a linear or logarithmic count axis. */
import type { Axis, Histogram } from "../../schemas/Figure.ts"
import type { Cell } from "../csv.ts"
import { element, joined, px, type Markup } from "../markup.ts"
import { formatNumber } from "../numbers.ts"
import type { Drawing } from "./Drawing.ts"
import { axes, legend, lookOf, plotPanel, reference, textWidth, type Frame, type Look } from "./parts.ts"
import { axisLabel, scaleFor } from "./scale.ts"

type Panel = Histogram["panels"][number]

const drawPanel = (
  figure: Histogram,
  panel: Panel,
  looks: ReadonlyMap<string, Look>,
  alone: boolean
): Markup => {
  const width = alone ? 520 : 320
  const height = alone ? 300 : 240
  const top = 30
  const bottom = height - 42
  const log = figure.logCount ?? false
  const counts = panel.series.flatMap((series) => series.counts)
  const countAxis: Axis = { name: "count", log, integer: true }
  const most = counts.reduce((most, count) => Math.max(most, count), 1)
  const y = scaleFor(
    log ? { ...countAxis, domain: [0.7, Math.max(2, most * 1.3)] } : countAxis,
    [0, most],
    [bottom, top]
  )
  const left = Math.max(30, 14 + Math.max(...y.ticks.map((tick) => textWidth(tick.label, 10.5))))
  const right = width - 12
  const x = scaleFor(
    figure.x,
    [...panel.edges, ...(panel.references ?? []).map(({ value }) => value)],
    [left, right],
    alone ? 7 : 4
  )
  const frame: Frame = { left, right, top, bottom }
  const heightOf = (count: number): number => (count <= 0 ? bottom : Math.min(bottom, y.at(count)))
  const drawn = panel.series.map((series) => {
    // One outline for each stretch of bins that hold anything.
    let path = ""
    for (const [bin, count] of series.counts.entries()) {
      if (count <= 0) continue
      const [from, to] = [panel.edges[bin]!, panel.edges[bin + 1]!]
      if (!(series.counts[bin - 1]! > 0)) path += `M${px(x.at(from))} ${px(bottom)}`
      path += `V${px(heightOf(count))}H${px(x.at(to))}`
      if (!(series.counts[bin + 1]! > 0)) path += `V${px(bottom)}Z`
    }
    const hits = series.counts.map((count, bin) =>
      count === 0
        ? ""
        : element("rect", {
            x: x.at(panel.edges[bin]!),
            y: heightOf(count),
            width: Math.max(0.5, x.at(panel.edges[bin + 1]!) - x.at(panel.edges[bin]!)),
            height: bottom - heightOf(count),
            class: "mark hit",
            "data-tip": `${series.name}\n${axisLabel(figure.x)}: ${formatNumber(panel.edges[bin])} to ${formatNumber(panel.edges[bin + 1])}\ncount: ${formatNumber(count)}`
          })
    )
    return element(
      "g",
      { class: looks.get(series.name)!.className, "data-series": series.name },
      element("path", { d: path, class: "area" }),
      ...hits
    )
  })
  return plotPanel(
    panel.name,
    { width, height, grow: alone ? 1.2 : 1.12, least: 0.72 },
    `${panel.name === "" ? "Histogram" : `${panel.name}: histogram`} of ${axisLabel(figure.x)}: ${panel.series
      .map((series) => `${series.name}, ${formatNumber(series.counts.reduce((a, b) => a + b, 0))} in all`)
      .join("; ")}.`,
    axes(frame, { scale: x, axis: figure.x }, { scale: y, axis: countAxis }),
    ...drawn,
    ...(panel.references ?? []).map(({ value, label }) => reference(frame, "x", x, value, label))
  )
}

/** Draws a histogram. */
export const drawHistogram = (figure: Histogram): Drawing => {
  const names = [...new Set(figure.panels.flatMap((panel) => panel.series.map((series) => series.name)))]
  const looks = new Map(names.map((name, index) => [name, lookOf(index)]))
  const rows: Array<ReadonlyArray<Cell>> = []
  for (const panel of figure.panels)
    for (const series of panel.series)
      for (const [bin, count] of series.counts.entries())
        rows.push([panel.name, series.name, panel.edges[bin] ?? null, panel.edges[bin + 1] ?? null, count])
  return {
    body: joined([
      legend(names.map((name) => ({ name, look: looks.get(name)!, draw: "area" as const }))),
      element(
        "div",
        { class: "panels" },
        ...figure.panels.map((panel) => drawPanel(figure, panel, looks, figure.panels.length === 1))
      )
    ]),
    data: { columns: ["panel", "series", "from", "to", "count"], rows }
  }
}
