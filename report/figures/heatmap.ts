/**
 * Heatmaps: panels side by side, grouped where there are many, each with a colour scale that marks chance.
 *
 * Sequential panels of a group that measure the same thing share one colour scale, so that their colours can be
 * compared; a diverging panel is symmetric about 0.
 */
import type { Heatmap, HeatmapPanel } from "../../schemas/Figure.ts"
import type { Cell } from "../csv.ts"
import { element, joined, text, type Markup } from "../markup.ts"
import { formatNumber } from "../numbers.ts"
import type { Drawing } from "./Drawing.ts"
import { levelOf, levels } from "./palette.ts"
import { fitted, plotPanel, textWidth } from "./parts.ts"
import { axisLabel, extent, linear } from "./scale.ts"

type Domain = readonly [number, number]

/** A panel of more cells is drawn in runs of one colour, without values on hover. */
const mostCells = 10_000

const isLarge = (figure: Heatmap): boolean => figure.rows.length * figure.columns.length > mostCells

const numbersOf = (panel: HeatmapPanel): ReadonlyArray<number | null> => panel.values.flat()

const domainOf = (panel: HeatmapPanel, siblings: ReadonlyArray<HeatmapPanel>): Domain => {
  if (panel.value.domain !== undefined) return panel.value.domain
  if (panel.scale === "diverging") {
    const [low, high] = extent(numbersOf(panel))
    const size = Math.max(Math.abs(low), Math.abs(high)) || 1
    return [-size, size]
  }
  const alike = siblings.filter(
    (other) => other.scale === "sequential" && axisLabel(other.value) === axisLabel(panel.value)
  )
  const shown = alike.flatMap((other) => [
    ...numbersOf(other),
    ...(other.references ?? []).map((reference) => reference.value)
  ])
  return linear(extent(shown), [0, 1], { count: 6 }).domain
}

interface Shape {
  readonly cell: number
  readonly left: number
  readonly top: number
  readonly labelSize: number
  readonly slanted: boolean
}

const shapeOf = (figure: Heatmap): Shape => {
  const columns = figure.columns.length
  const many = Math.max(columns, figure.rows.length)
  const cell =
    many <= 6
      ? 50
      : many <= 9
        ? 42
        : many <= 14
          ? 34
          : many <= 24
            ? 22
            : many <= 60
              ? 14
              : many <= 140
                ? 7
                : Math.max(1, 980 / many)
  const labelSize = cell >= 22 ? 11 : cell >= 14 ? 9.5 : 7
  const widest = (names: ReadonlyArray<string>): number =>
    names.reduce((widest, name) => Math.max(widest, textWidth(name, labelSize)), 0)
  const across = widest(figure.columns)
  const slanted = across > cell - 4
  return {
    cell,
    left: Math.min(130, widest(figure.rows)) + 10,
    top: slanted ? Math.min(130, across) * 0.72 + 18 : 22,
    labelSize,
    slanted
  }
}

const label = (figure: Heatmap, shape: Shape): Markup => {
  if (shape.cell < 14) return ""
  const rows = figure.rows.map((name, row) =>
    element(
      "text",
      {
        x: shape.left - 7,
        y: shape.top + (row + 0.5) * shape.cell + shape.labelSize * 0.35,
        "text-anchor": "end",
        class: "tick",
        "font-size": shape.labelSize
      },
      text(fitted(name, 130, shape.labelSize))
    )
  )
  const columns = figure.columns.map((name, column) => {
    const x = shape.left + (column + 0.5) * shape.cell
    const y = shape.top - 7
    return element(
      "text",
      {
        x,
        y,
        "text-anchor": shape.slanted ? "start" : "middle",
        class: "tick",
        "font-size": shape.labelSize,
        transform: shape.slanted ? `rotate(-42 ${x} ${y})` : undefined
      },
      text(fitted(name, 130, shape.labelSize))
    )
  })
  return joined([...rows, ...columns])
}

const cells = (figure: Heatmap, panel: HeatmapPanel, shape: Shape, [low, high]: Domain): Markup => {
  const prefix = panel.scale === "diverging" ? "d" : "q"
  const gap = shape.cell >= 14 ? 1 : 0
  const parts: Array<Markup> = []
  for (const [row, rowName] of figure.rows.entries())
    for (const [column, columnName] of figure.columns.entries()) {
      const value = panel.values[row]?.[column] ?? null
      const note = panel.notes?.[row]?.[column] ?? null
      if (value === null && note === null) continue
      const x = shape.left + column * shape.cell
      const y = shape.top + row * shape.cell
      parts.push(
        element(
          "g",
          {
            class: `mark cell ${value === null ? "empty" : `${prefix}${levelOf(value, low, high)}`}`,
            "data-tip": `${rowName} × ${columnName}\n${panel.name === "" ? "" : `${panel.name}: `}${value === null ? "no value" : formatNumber(value, 4)}${note === null ? "" : `\n${note}`}`,
            "data-row": row,
            "data-column": column
          },
          element("rect", { x, y, width: shape.cell - gap, height: shape.cell - gap }),
          value !== null && shape.cell >= 34
            ? element(
                "text",
                {
                  x: x + (shape.cell - gap) / 2,
                  y: y + shape.cell / 2 + 3.5,
                  "text-anchor": "middle",
                  "font-size": shape.cell >= 42 ? 11 : 9.5
                },
                text(cellNumber(value, high - low))
              )
            : ""
        )
      )
    }
  return joined(parts)
}

/** The cells of a large panel: each run of one colour along a row is one rectangle. */
const runs = (figure: Heatmap, panel: HeatmapPanel, shape: Shape, [low, high]: Domain): Markup => {
  const prefix = panel.scale === "diverging" ? "d" : "q"
  const parts: Array<Markup> = []
  for (const row of figure.rows.keys()) {
    const levelAt = (column: number): number | undefined => {
      const value = panel.values[row]?.[column] ?? null
      return value === null ? undefined : levelOf(value, low, high)
    }
    for (let column = 0; column < figure.columns.length;) {
      const level = levelAt(column)
      let end = column + 1
      while (end < figure.columns.length && levelAt(end) === level) end++
      if (level !== undefined)
        parts.push(
          element("rect", {
            x: shape.left + column * shape.cell,
            y: shape.top + row * shape.cell,
            width: (end - column) * shape.cell,
            height: shape.cell,
            class: `${prefix}${level}`
          })
        )
      column = end
    }
  }
  return element("g", { "shape-rendering": "crispEdges" }, ...parts)
}

/** Enough decimals to tell a hundredth of the range apart, at most three. */
const cellNumber = (value: number, range: number): string => {
  const decimals = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(range || 1))))
  const fixed = Math.abs(value).toFixed(decimals)
  const digits = fixed.startsWith("0.") ? fixed.slice(1) : fixed
  return Number(fixed) === 0 ? "0" : `${value < 0 ? "\u2212" : ""}${digits}`
}

const colourBar = (panel: HeatmapPanel, x: number, y: number, width: number, [low, high]: Domain): Markup => {
  const prefix = panel.scale === "diverging" ? "d" : "q"
  const step = width / levels
  const scale = linear([low, high], [x, x + width], {
    count: Math.max(2, Math.floor(width / 55)),
    nice: false
  })
  const marks = (panel.references ?? []).filter(({ value }) => value >= low && value <= high)
  return joined([
    ...Array.from({ length: levels }, (_, level) =>
      element("rect", { x: x + level * step, y, width: step + 0.4, height: 9, class: `${prefix}${level}` })
    ),
    ...scale.ticks.map((tick) =>
      element(
        "text",
        { x: scale.at(tick.value), y: y + 21, "text-anchor": "middle", class: "tick", "font-size": 10 },
        text(tick.label)
      )
    ),
    ...marks.map(({ value, label: name }) => {
      const at = scale.at(value)
      return element(
        "g",
        { class: "reference" },
        element("path", { d: `M${at} ${y + 9}l-4.5 -7h9z`, class: "pointer" }),
        element(
          "text",
          {
            x: at < x + width / 2 ? at + 7 : at - 7,
            y: y - 3,
            "text-anchor": at < x + width / 2 ? "start" : "end",
            "font-size": 10
          },
          text(name)
        )
      )
    }),
    element(
      "text",
      { x: x + width / 2, y: y + 36, "text-anchor": "middle", class: "name", "font-size": 10.5 },
      text(axisLabel(panel.value))
    )
  ])
}

const drawPanel = (figure: Heatmap, panel: HeatmapPanel, siblings: ReadonlyArray<HeatmapPanel>): Markup => {
  const shape = shapeOf(figure)
  const domain = domainOf(panel, siblings)
  const across = figure.columns.length * shape.cell
  const down = figure.rows.length * shape.cell
  const overhang = shape.slanted
    ? Math.max(
        0,
        ...figure.columns.map(
          (name, column) =>
            (column + 0.5) * shape.cell + Math.min(130, textWidth(name, shape.labelSize)) * 0.75 - across
        )
      )
    : 0
  const barWidth = Math.max(150, Math.min(across, 260))
  const width = shape.left + Math.max(across, barWidth) + Math.max(14, overhang)
  const shownNumbers = numbersOf(panel).filter((value) => value !== null)
  const [least, greatest] = extent(shownNumbers)
  return plotPanel(
    panel.name,
    { width, height: shape.top + down + 66, grow: 1.02, least: 0.75 },
    `Heatmap of ${axisLabel(panel.value)}${panel.name === "" ? "" : `, ${panel.name}`}: ${figure.rows.length} by ${figure.columns.length} cells, ${
      shownNumbers.length === 0 ? "all empty" : `from ${formatNumber(least)} to ${formatNumber(greatest)}`
    }. Arrow keys read the cells.`,
    label(figure, shape),
    (isLarge(figure) ? runs : cells)(figure, panel, shape, domain),
    colourBar(panel, shape.left, shape.top + down + 24, barWidth, domain)
  )
}

const dataOf = (figure: Heatmap): Drawing["data"] => {
  const grouped = figure.panels.some((panel) => panel.group !== undefined)
  const noted = figure.panels.some((panel) => panel.notes !== undefined)
  const rows: Array<ReadonlyArray<Cell>> = []
  for (const panel of figure.panels)
    for (const [row, rowName] of figure.rows.entries())
      for (const [column, columnName] of figure.columns.entries()) {
        const value = panel.values[row]?.[column] ?? null
        const note = panel.notes?.[row]?.[column] ?? null
        if (value === null && note === null) continue
        rows.push([
          ...(grouped ? [panel.group ?? ""] : []),
          panel.name,
          rowName,
          columnName,
          value,
          ...(noted ? [note] : [])
        ])
      }
  return {
    columns: [...(grouped ? ["group"] : []), "panel", "row", "column", "value", ...(noted ? ["note"] : [])],
    rows
  }
}

/** Draws a heatmap; groups become tabs, all of them shown in print and without scripts. */
export const drawHeatmap = (figure: Heatmap): Drawing => {
  const groups = [...new Set(figure.panels.map((panel) => panel.group ?? ""))]
  const sections = groups.map((group) => {
    const siblings = figure.panels.filter((panel) => (panel.group ?? "") === group)
    const panels = siblings.map((panel) => drawPanel(figure, panel, siblings))
    return groups.length === 1
      ? element("div", { class: "panels" }, ...panels)
      : element(
          "section",
          { class: "group", "data-group": group },
          element("h4", {}, text(group)),
          element("div", { class: "panels" }, ...panels)
        )
  })
  return {
    body:
      groups.length === 1
        ? joined(sections)
        : element("div", { class: "groups", "data-label": "Shown" }, ...sections),
    data: dataOf(figure),
    ...(isLarge(figure) ? { note: "Too many cells to read one by one here; the data has all." } : {})
  }
}
