/**
 * Curves and scatter plots: series over two axes in one or several panels, intervals as bands (lines) or whiskers
 * (points), fitted lines, reference levels.
 *
 * A line of many points is thinned for drawing to the least and greatest value in each pixel column, which keeps its
 * outline exact; a cloud of many points is thinned evenly. The data that can be downloaded is never thinned.
 */
import type { Curves, Fit, Scatter, XySeries } from "../../schemas/Figure.ts"
import type { Cell } from "../csv.ts"
import { element, joined, px, type Markup } from "../markup.ts"
import { formatInterval, formatNumber, intervalColumns } from "../numbers.ts"
import type { Drawing } from "./Drawing.ts"
import {
  axes,
  legend,
  lookOf,
  marker,
  plotPanel,
  reference,
  textWidth,
  type Frame,
  type Look
} from "./parts.ts"
import { axisLabel, scaleFor, type Scale } from "./scale.ts"

/** The most points of a figure that are drawn as markers: more make a page slow and tell no more. */
const mostMarkers = 3000
/** The most points of a line without markers that answer to the pointer and the keyboard. */
const mostHits = 60

type Xy = Curves | Scatter
type Plot = { readonly x: Scale; readonly y: Scale; readonly frame: Frame }

const fitAt = (fit: Fit, x: number): number => {
  const y = fit.intercept + fit.slope * (fit.logX === true ? Math.log10(x) : x)
  return fit.logY === true ? 10 ** y : y
}

const drawsLine = (figure: Xy, series: XySeries): "line" | "points" | "both" =>
  series.marks ??
  (figure.type === "scatter" || series.fit !== undefined ? "points" : series.x.length <= 24 ? "both" : "line")

/** Indices to draw of a line: the first, last, least and greatest in each pixel column. */
const outline = (series: XySeries, scale: Scale): ReadonlyArray<number> => {
  const indices = series.x.map((_, index) => index)
  if (indices.length <= 1200) return indices
  const kept = new Set<number>()
  let column = Number.NaN
  let members: Array<number> = []
  const flush = () => {
    if (members.length === 0) return
    let [low, high] = [members[0]!, members[0]!]
    for (const index of members) {
      if ((series.y[index] ?? Infinity) < (series.y[low] ?? Infinity)) low = index
      if ((series.y[index] ?? -Infinity) > (series.y[high] ?? -Infinity)) high = index
    }
    for (const index of [members[0]!, low, high, members.at(-1)!]) kept.add(index)
    members = []
  }
  for (const index of indices) {
    const at = Math.floor(scale.at(series.x[index]!))
    if (at !== column) {
      flush()
      column = at
    }
    members.push(index)
  }
  flush()
  return [...kept].sort((a, b) => a - b)
}

/** An SVG path through the points, lifted where there is no number. */
const pathOf = (points: Iterable<readonly [number, number]>): string => {
  let path = ""
  let lifted = true
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      lifted = true
      continue
    }
    path += `${lifted ? "M" : "L"}${px(x)} ${px(y)}`
    lifted = false
  }
  return path
}

const band = (series: XySeries, indices: ReadonlyArray<number>, plot: Plot): Markup => {
  const { low, high } = series
  if (low === undefined || high === undefined) return ""
  const inside = indices.filter((index) => (low[index] ?? null) !== null && (high[index] ?? null) !== null)
  if (inside.length < 2) return ""
  const bottom = plot.frame.bottom
  const clamp = (y: number): number => (Number.isFinite(y) ? y : bottom)
  const points = [
    ...inside.map((index) => [plot.x.at(series.x[index]!), clamp(plot.y.at(high[index]!))] as const),
    ...inside.reverse().map((index) => [plot.x.at(series.x[index]!), clamp(plot.y.at(low[index]!))] as const)
  ]
  return element("path", { d: `${pathOf(points)}Z`, class: "band" })
}

const whisker = (series: XySeries, index: number, plot: Plot): Markup => {
  const [low, high] = [series.low?.[index] ?? null, series.high?.[index] ?? null]
  if (low === null || high === null) return ""
  const x = plot.x.at(series.x[index]!)
  return element("line", { x1: x, x2: x, y1: plot.y.at(low), y2: plot.y.at(high), class: "whisker" })
}

const tipOf = (figure: Xy, series: XySeries, index: number): string =>
  [
    series.name,
    series.labels?.[index],
    `${axisLabel(figure.x)}: ${formatNumber(series.x[index], 4)}`,
    `${axisLabel(figure.y)}: ${formatInterval(series.y[index] ?? null, series.low?.[index], series.high?.[index], 4, figure.interval)}`
  ]
    .filter((line) => line !== undefined && line !== "")
    .join("\n")

const fitText = (fit: Fit): string =>
  `slope ${formatInterval(fit.slope, fit.slopeLow, fit.slopeHigh)}${fit.r2 === null ? "" : `, R² ${formatNumber(fit.r2, 2)}`}`

const fitLine = (series: XySeries, plot: Plot): Markup => {
  const { fit } = series
  if (fit === undefined || series.x.length === 0) return ""
  const from = series.x.reduce((least, x) => Math.min(least, x), Infinity)
  const to = series.x.reduce((most, x) => Math.max(most, x), -Infinity)
  const points = Array.from({ length: 49 }, (_, index) => {
    const share = index / 48
    const x = plot.x.log && from > 0 ? from * (to / from) ** share : from + share * (to - from)
    return [plot.x.at(x), plot.y.at(fitAt(fit, x))] as const
  })
  return element("path", {
    d: pathOf(points),
    class: "fit mark",
    "data-tip": `${series.name}\nfit: ${fitText(fit)}`
  })
}

const drawSeries = (figure: Xy, series: XySeries, look: Look, plot: Plot, stride: number): Markup => {
  const draw = drawsLine(figure, series)
  const indices = outline(series, plot.x)
  const parts: Array<Markup> = []
  if (draw !== "points") {
    parts.push(band(series, [...indices], plot))
    const points = indices.map(
      (index) =>
        [
          plot.x.at(series.x[index]!),
          series.y[index] === null || series.y[index] === undefined ? Number.NaN : plot.y.at(series.y[index])
        ] as const
    )
    parts.push(
      element("path", { d: pathOf(points), class: "line", "stroke-dasharray": look.dash || undefined })
    )
  }
  parts.push(fitLine(series, plot))
  const many = series.x.length > 400
  const step = draw === "line" ? Math.max(stride, Math.ceil(series.x.length / mostHits)) : stride
  for (let index = 0; index < series.x.length; index += step) {
    const y = series.y[index]
    if (y === null || y === undefined) continue
    const [left, top] = [plot.x.at(series.x[index]!), plot.y.at(y)]
    if (!Number.isFinite(left) || !Number.isFinite(top)) continue
    if (draw === "points") parts.push(whisker(series, index, plot))
    parts.push(
      marker(look.shape, left, top, many && draw !== "line" ? 1.8 : 3.4, {
        class: draw === "line" ? "mark hit" : `mark point${many ? " dense" : ""}`,
        "data-tip": tipOf(figure, series, index)
      })
    )
  }
  return element("g", { class: look.className, "data-series": series.name }, ...parts)
}

const panelNames = (figure: Xy): ReadonlyArray<string> => [
  ...new Set(figure.series.map((series) => series.panel ?? ""))
]

const drawPanel = (
  figure: Xy,
  name: string,
  looks: ReadonlyMap<string, Look>,
  options: { readonly width: number; readonly height: number; readonly grow: number; readonly stride: number }
): Markup => {
  const own = figure.series.filter((series) => (series.panel ?? "") === name)
  const references = (figure.references ?? []).filter(({ panel }) => panel === undefined || panel === name)
  const forY = figure.sharedY === false ? own : figure.series
  const yValues = [
    ...forY.flatMap((series) => [...series.y, ...(series.low ?? []), ...(series.high ?? [])]),
    ...references.filter(({ axis }) => axis === "y").map(({ value }) => value)
  ]
  const xValues = [
    ...figure.series.flatMap((series) => series.x),
    ...references.filter(({ axis }) => axis === "x").map(({ value }) => value)
  ]
  const square = figure.type === "scatter" && figure.diagonal === true
  const both = square ? [...xValues, ...yValues] : undefined
  const top = 30
  const bottom = options.height - 42
  const y = scaleFor(figure.y, both ?? yValues, [bottom, top])
  const left = Math.max(30, 14 + Math.max(...y.ticks.map((tick) => textWidth(tick.label, 10.5))))
  const right = options.width - 12
  const x = scaleFor(
    figure.x,
    both ?? xValues,
    [left, right],
    square || options.width <= 400 ? 5 : 7,
    !square
  )
  const frame: Frame = { left, right, top, bottom }
  const plot = { x, y, frame }
  const count = own.reduce((sum, series) => sum + series.x.length, 0)
  return plotPanel(
    name,
    { width: options.width, height: options.height, grow: options.grow, least: 0.72 },
    `${name === "" ? "" : `${name}: `}${axisLabel(figure.y)} against ${axisLabel(figure.x)}, ${own.length} series, ${count} points. ${own
      .filter((series) => series.fit !== undefined)
      .slice(0, 6)
      .map((series) => `${series.name}: ${fitText(series.fit!)}.`)
      .join(" ")} Arrow keys read the points.`,
    axes(frame, { scale: x, axis: figure.x }, { scale: y, axis: figure.y }),
    square
      ? element("path", {
          d: pathOf([
            [x.at(x.domain[0]), y.at(x.domain[0])],
            [x.at(x.domain[1]), y.at(x.domain[1])]
          ]),
          class: "diagonal"
        })
      : "",
    ...own.map((series) => drawSeries(figure, series, looks.get(series.name)!, plot, options.stride)),
    ...references.map(({ axis, value, label }) => reference(frame, axis, axis === "x" ? x : y, value, label))
  )
}

const dataOf = (figure: Xy): Drawing["data"] => {
  const has = (field: "panel" | "low" | "high" | "labels"): boolean =>
    figure.series.some((series) => series[field] !== undefined)
  const [panels, lows, highs, labels] = [has("panel"), has("low"), has("high"), has("labels")]
  const [low, high] = intervalColumns(figure.interval)
  const rows: Array<ReadonlyArray<Cell>> = []
  for (const series of figure.series)
    for (const [index, x] of series.x.entries())
      rows.push([
        ...(panels ? [series.panel ?? ""] : []),
        series.name,
        ...(labels ? [series.labels?.[index] ?? null] : []),
        x,
        series.y[index] ?? null,
        ...(lows ? [series.low?.[index] ?? null] : []),
        ...(highs ? [series.high?.[index] ?? null] : [])
      ])
  return {
    columns: [
      ...(panels ? ["panel"] : []),
      "series",
      ...(labels ? ["label"] : []),
      axisLabel(figure.x),
      axisLabel(figure.y),
      ...(lows ? [low] : []),
      ...(highs ? [high] : [])
    ],
    rows
  }
}

const fitsOf = (figure: Xy): Drawing["fits"] => {
  const fitted = figure.series.filter((series) => series.fit !== undefined)
  if (fitted.length === 0) return undefined
  const panels = fitted.some((series) => series.panel !== undefined)
  const intervals = fitted.some(({ fit }) => fit!.slopeLow !== undefined)
  return {
    columns: [
      ...(panels ? ["panel"] : []),
      "series",
      "slope",
      ...(intervals ? ["slope low", "slope high"] : []),
      "intercept",
      "R²",
      "points"
    ],
    rows: fitted.map(({ name, panel, fit, y }) => [
      ...(panels ? [panel ?? ""] : []),
      name,
      fit!.slope,
      ...(intervals ? [fit!.slopeLow ?? null, fit!.slopeHigh ?? null] : []),
      fit!.intercept,
      fit!.r2,
      y.filter((value) => value !== null).length
    ])
  }
}

/** Draws curves or a scatter plot. */
export const drawXy = (figure: Xy): Drawing => {
  const names = [...new Set(figure.series.map((series) => series.name))]
  const muted = new Set(figure.series.filter((series) => series.muted === true).map((series) => series.name))
  let next = 0
  const looks = new Map(names.map((name) => [name, muted.has(name) ? lookOf(0, true) : lookOf(next++)]))
  const panels = panelNames(figure)
  const markers = figure.series
    .filter((series) => drawsLine(figure, series) !== "line")
    .reduce((sum, series) => sum + series.x.length, 0)
  const stride = Math.max(1, Math.ceil(markers / mostMarkers))
  const single = panels.length <= 1
  const size = single
    ? { width: 520, height: figure.type === "scatter" && figure.diagonal === true ? 500 : 320, grow: 1.2 }
    : panels.length === 2
      ? { width: 400, height: 290, grow: 1.15 }
      : { width: 320, height: 250, grow: 1.03 }
  const fits = fitsOf(figure)
  return {
    body: joined([
      legend(
        names.map((name) => ({
          name,
          look: looks.get(name)!,
          draw: drawsLine(
            figure,
            figure.series.find((series) => series.name === name)!
          )
        }))
      ),
      element(
        "div",
        { class: "panels" },
        ...panels.map((name) => drawPanel(figure, name, looks, { ...size, stride }))
      )
    ]),
    data: dataOf(figure),
    ...(fits === undefined ? {} : { fits }),
    ...(stride === 1
      ? {}
      : { note: `The picture shows one in ${stride} of ${formatNumber(markers)} points; the data has all.` })
  }
}
