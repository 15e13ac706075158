/**
 * Parts that figures share: one picture in a frame with axes, markers, reference lines, legends.
 *
 * Coordinates are those of the picture's view box; 1 unit is 1 CSS pixel at natural size.
 */
import type { Axis } from "../../schemas/Figure.ts"
import { element, joined, px, text, type Markup } from "../markup.ts"
import { dashes, seriesCount } from "./palette.ts"
import { axisLabel, type Scale } from "./scale.ts"

/** About how wide a text is, in pixels: no font is measured on the server. */
export const textWidth = (value: string, size = 11): number => {
  let width = 0
  for (const character of value)
    width += /[il.,:;'|![\]() ]/.test(character) ? 0.32 : /[mwMW@%—]/.test(character) ? 0.86 : 0.56
  return width * size
}

/** Shortens a text to fit a width, with an ellipsis in the middle. */
export const fitted = (value: string, width: number, size = 11): string => {
  if (textWidth(value, size) <= width) return value
  const characters = [...value]
  for (let keep = characters.length - 1; keep > 2; keep--) {
    const head = Math.ceil(keep / 2)
    const shorter = `${characters.slice(0, head).join("")}…${characters.slice(characters.length - (keep - head)).join("")}`
    if (textWidth(shorter, size) <= width) return shorter
  }
  return "…"
}

/** How large a picture is: it scales with its container between `least` and `grow` times its natural size. */
export interface PictureSize {
  readonly width: number
  readonly height: number
  readonly grow?: number
  readonly least?: number
}

/** One panel of a figure: its name, and a picture with a text alternative. */
export const plotPanel = (
  name: string,
  size: PictureSize,
  alternative: string,
  ...children: ReadonlyArray<Markup>
): Markup =>
  element(
    "figure",
    { class: "panel", style: `width:${px(size.width * (size.grow ?? 1))}px` },
    name === "" ? "" : element("figcaption", {}, text(name)),
    element(
      "svg",
      {
        xmlns: "http://www.w3.org/2000/svg",
        viewBox: `0 0 ${px(size.width)} ${px(size.height)}`,
        width: size.width,
        height: size.height,
        class: "plot",
        role: "img",
        tabindex: 0,
        "aria-label": alternative,
        style: `min-width:${px(size.width * (size.least ?? 0.7))}px`
      },
      ...children
    )
  )

export interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const label = (
  x: number,
  y: number,
  anchor: "start" | "middle" | "end",
  content: string,
  kind: string
): Markup => element("text", { x, y, "text-anchor": anchor, class: kind }, text(content))

/** Grid lines, tick labels and axis names. The y axis is named above its upper end, where it reads level. */
export const axes = (
  frame: Frame,
  x: { readonly scale: Scale; readonly axis: Axis },
  y: { readonly scale: Scale; readonly axis: Axis }
): Markup => {
  const parts: Array<Markup> = []
  for (const tick of y.scale.ticks) {
    const at = y.scale.at(tick.value)
    parts.push(
      element("line", { x1: frame.left, x2: frame.right, y1: at, y2: at, class: "grid" }),
      label(frame.left - 6, at + 3.5, "end", tick.label, "tick")
    )
  }
  for (const value of x.scale.minor) {
    const at = x.scale.at(value)
    parts.push(
      element("line", { x1: at, x2: at, y1: frame.bottom, y2: frame.bottom + 2.5, class: "axis minor" })
    )
  }
  for (const tick of x.scale.ticks) {
    const at = x.scale.at(tick.value)
    parts.push(
      element("line", { x1: at, x2: at, y1: frame.bottom, y2: frame.bottom + 4, class: "axis" }),
      label(at, frame.bottom + 16, "middle", tick.label, "tick")
    )
  }
  parts.push(
    element("line", { x1: frame.left, x2: frame.right, y1: frame.bottom, y2: frame.bottom, class: "axis" }),
    label((frame.left + frame.right) / 2, frame.bottom + 33, "middle", axisLabel(x.axis), "name"),
    label(frame.left - 6, frame.top - 10, "start", axisLabel(y.axis), "name")
  )
  return joined(parts)
}

/** A dashed line at a level with its name: chance, a null, a bound. */
export const reference = (
  frame: Frame,
  axis: "x" | "y",
  scale: Scale,
  value: number,
  name: string
): Markup => {
  const at = scale.at(value)
  const inside =
    axis === "y"
      ? at >= frame.top - 1 && at <= frame.bottom + 1
      : at >= frame.left - 1 && at <= frame.right + 1
  if (!Number.isFinite(at) || !inside) return ""
  if (axis === "y")
    return element(
      "g",
      { class: "reference" },
      element("line", { x1: frame.left, x2: frame.right, y1: at, y2: at }),
      element(
        "text",
        { x: frame.right - 2, y: at < frame.top + 14 ? at + 12 : at - 4, "text-anchor": "end" },
        text(name)
      )
    )
  const left = at > (frame.left + frame.right) / 2
  return element(
    "g",
    { class: "reference" },
    element("line", { x1: at, x2: at, y1: frame.top, y2: frame.bottom }),
    element(
      "text",
      { x: left ? at - 4 : at + 4, y: frame.top + 9, "text-anchor": left ? "end" : "start" },
      text(name)
    )
  )
}

// --- series --------------------------------------------------------------------------------------------------------

/** How one series looks: its colour class, dash pattern and marker, by its position among the series of the figure. */
export interface Look {
  readonly className: string
  readonly dash: string
  readonly shape: number
}

export const lookOf = (index: number, muted = false): Look =>
  muted
    ? { className: "muted", dash: "4 3", shape: 0 }
    : {
        className: `s${index % seriesCount}`,
        dash: dashes[Math.floor(index / seriesCount) % dashes.length]!,
        shape: index % 7
      }

const polygon = (x: number, y: number, r: number, corners: number, turn: number): string =>
  Array.from({ length: corners }, (_, corner) => {
    const angle = turn + (2 * Math.PI * corner) / corners
    return `${px(x + r * Math.cos(angle))},${px(y + r * Math.sin(angle))}`
  }).join(" ")

/** A marker of about radius r: circle, square, triangle, diamond, inverted triangle, pentagon, hexagon. */
export const marker = (
  shape: number,
  x: number,
  y: number,
  r: number,
  attributes: { readonly [name: string]: string | number | undefined } = {}
): Markup => {
  if (shape === 0) return element("circle", { cx: x, cy: y, r, ...attributes })
  const [corners, turn, grow] = [
    [4, Math.PI / 4, 1.25],
    [3, -Math.PI / 2, 1.35],
    [4, 0, 1.3],
    [3, Math.PI / 2, 1.35],
    [5, -Math.PI / 2, 1.2],
    [6, 0, 1.15]
  ][shape - 1] as [number, number, number]
  return element("polygon", { points: polygon(x, y, r * grow, corners, turn), ...attributes })
}

/** The legend of a figure, in HTML: a sample of each series' line and marker, then its name. */
export const legend = (
  entries: ReadonlyArray<{
    readonly name: string
    readonly look: Look
    readonly draw: "line" | "points" | "both" | "area"
  }>
): Markup =>
  entries.length < 2
    ? ""
    : element(
        "ul",
        { class: "legend" },
        ...entries.map(({ name, look, draw }) =>
          element(
            "li",
            {},
            element(
              "button",
              { type: "button", class: look.className, "data-series": name, "aria-pressed": "false" },
              element(
                "svg",
                { width: 26, height: 12, viewBox: "0 0 26 12", "aria-hidden": "true" },
                draw === "area" ? element("rect", { x: 3, y: 1, width: 20, height: 10, class: "area" }) : "",
                draw === "line" || draw === "both"
                  ? element("line", {
                      x1: 1,
                      x2: 25,
                      y1: 6,
                      y2: 6,
                      class: "line",
                      "stroke-dasharray": look.dash
                    })
                  : "",
                draw === "points" || draw === "both" ? marker(look.shape, 13, 6, 3.6, { class: "point" }) : ""
              ),
              text(name)
            )
          )
        )
      )
