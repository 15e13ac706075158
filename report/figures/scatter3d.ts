/**
 * Points in space. The picture is drawn once here, so that it prints and needs no script; the page's script redraws it
 * while the reader turns it, from the numbers in `live`.
 *
 * Projection: rotation by `yaw` about the vertical axis, then by `pitch` about the horizontal one, orthographic; depth
 * is shown by size and opacity. The third coordinate points up.
 */
import type { Scatter3d } from "../../schemas/Figure.ts"
import type { Cell } from "../csv.ts"
import { element, joined, px, text, type Markup } from "../markup.ts"
import { formatNumber } from "../numbers.ts"
import type { Drawing } from "./Drawing.ts"
import { legend, lookOf, marker, plotPanel } from "./parts.ts"

const size = 460
const start = { yaw: -0.6, pitch: 0.35 }
/** The most points drawn. */
const mostPoints = 4000

type Point = readonly [number, number, number]

/** Screen coordinates in units of the scene's radius, and depth (greater is nearer). */
const project = ([x, y, z]: Point): { readonly x: number; readonly y: number; readonly depth: number } => {
  const across = x * Math.cos(start.yaw) - y * Math.sin(start.yaw)
  const away = x * Math.sin(start.yaw) + y * Math.cos(start.yaw)
  return {
    x: across,
    y: z * Math.cos(start.pitch) + away * Math.sin(start.pitch),
    depth: z * Math.sin(start.pitch) - away * Math.cos(start.pitch)
  }
}

const circle = (of: (angle: number) => Point): ReadonlyArray<Point> =>
  Array.from({ length: 73 }, (_, index) => of((index / 72) * 2 * Math.PI))

/** Equator and two meridians of the unit sphere. */
const graticule: ReadonlyArray<ReadonlyArray<Point>> = [
  circle((angle) => [Math.cos(angle), Math.sin(angle), 0]),
  circle((angle) => [Math.cos(angle), 0, Math.sin(angle)]),
  circle((angle) => [0, Math.cos(angle), Math.sin(angle)])
]

/** Draws points in space. */
export const drawScatter3d = (figure: Scatter3d): Drawing => {
  const total = figure.series.reduce((sum, series) => sum + series.points.length, 0)
  const stride = Math.max(1, Math.ceil(total / mostPoints))
  const shown = figure.series.map((series) => series.points.filter((_, index) => index % stride === 0))
  const sphere = figure.sphere ?? false
  const radius = shown
    .flat()
    .reduce((most, point) => Math.max(most, Math.hypot(...point)), sphere ? 1 : 1e-12)
  const scale = (size / 2 - 26) / radius
  const at = (point: Point): { readonly x: number; readonly y: number; readonly depth: number } => {
    const seen = project(point)
    return { x: size / 2 + seen.x * scale, y: size / 2 - seen.y * scale, depth: seen.depth / radius }
  }
  const path = (points: ReadonlyArray<Point>): string =>
    points
      .map((point, index) => {
        const { x, y } = at(point)
        return `${index === 0 ? "M" : "L"}${px(x)} ${px(y)}`
      })
      .join("")
  const axes: ReadonlyArray<Point> = [
    [radius, 0, 0],
    [0, radius, 0],
    [0, 0, radius]
  ]
  const marks: Array<{ readonly depth: number; readonly markup: Markup }> = []
  for (const [index, points] of shown.entries()) {
    const series = figure.series[index]!
    const look = lookOf(index)
    for (const [row, point] of points.entries()) {
      const { x, y, depth } = at(point)
      const name = series.labels?.[row * stride] ?? String(row * stride)
      marks.push({
        depth,
        markup: marker(look.shape, x, y, 4 + 1.6 * depth, {
          class: `mark point ${look.className}`,
          "data-series": series.name,
          "data-point": `${index},${row}`,
          "data-tip": `${series.name}, ${name}\n(${point.map((value) => formatNumber(value)).join(", ")})`,
          "fill-opacity": px(0.72 + 0.28 * depth)
        })
      })
    }
  }
  marks.sort((a, b) => a.depth - b.depth)
  const links = (figure.links ?? []).flatMap(({ from, to }) => {
    const [a, b] = [figure.series[from[0]]?.points[from[1]], figure.series[to[0]]?.points[to[1]]]
    return a === undefined || b === undefined ? [] : [[a, b] as const]
  })
  const rows: Array<ReadonlyArray<Cell>> = figure.series.flatMap((series) =>
    series.points.map((point, index) => [series.name, series.labels?.[index] ?? String(index), ...point])
  )
  return {
    body: joined([
      legend(
        figure.series.map((series, index) => ({
          name: series.name,
          look: lookOf(index),
          draw: "points" as const
        }))
      ),
      element(
        "div",
        { class: "panels turnable" },
        plotPanel(
          "",
          { width: size, height: size, grow: 1.15, least: 0.7 },
          `${figure.series.length} sets of points in space, ${total} in all${
            links.length === 0 ? "" : `, ${links.length} pairs joined`
          }. Drag, or hold Shift and press arrow keys, to turn.`,
          sphere ? element("circle", { cx: size / 2, cy: size / 2, r: scale, class: "sphere" }) : "",
          ...(sphere ? graticule : []).map((line) => element("path", { d: path(line), class: "graticule" })),
          ...axes.map((end, index) => {
            const { x, y } = at(end)
            return element(
              "g",
              { class: "arm" },
              element("line", { x1: size / 2, y1: size / 2, x2: x, y2: y }),
              element(
                "text",
                { x, y: y - 4, "text-anchor": "middle", class: "tick" },
                text(figure.axes[index]!)
              )
            )
          }),
          ...links.map(([a, b]) => element("path", { d: path([a, b]), class: "link" })),
          element("g", { class: "points" }, ...marks.map(({ markup }) => markup))
        ),
        element("p", { class: "note hint" }, text("Drag to turn; Shift and arrow keys on the keyboard."))
      )
    ]),
    data: { columns: ["series", "label", ...figure.axes], rows },
    ...(stride === 1
      ? {}
      : { note: `The picture shows one in ${stride} of ${formatNumber(total)} points; the data has all.` }),
    live: { size, scale, radius, ...start, points: shown, axes, graticule: sphere ? graticule : [], links }
  }
}
