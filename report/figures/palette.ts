/**
 * Colours, for light and dark pages, chosen to be told apart with any kind of colour vision.
 *
 * Series: an adaptation of the palette of Okabe and Ito ("Color Universal Design", 2008), darkened on paper and
 * lightened on dark until each has a contrast of at least 3:1; every series also has its own marker and dash pattern.
 * Values: `levels` steps of a one-hue sequential and an orange–blue diverging scale whose lightness is monotone on each
 * side, interpolated in OKLab (Ottosson, 2020). A figure names a step by its class (`q17`, `d17`) and the style sheet
 * says what it looks like, so that one drawing serves light, dark and print.
 */

export const levels = 41

interface Theme {
  readonly series: ReadonlyArray<string>
  readonly sequential: ReadonlyArray<string>
  readonly diverging: ReadonlyArray<string>
}

const light: Theme = {
  series: ["#0b6cb0", "#c9510c", "#08825e", "#a8478c", "#a36b00", "#2e93c9", "#5a5f66"],
  sequential: ["#f1f4f6", "#c2d9e7", "#7fb1d0", "#3c7eb0", "#154a7d", "#0a2a4d"],
  diverging: ["#7d2f08", "#c4642a", "#ecb68c", "#f4f4f2", "#9dc4de", "#3f83b5", "#123f6e"]
}

const dark: Theme = {
  series: ["#5db4ec", "#ff8f52", "#2fc79b", "#e39bc8", "#efb73a", "#9fd0f5", "#b4bac2"],
  sequential: ["#1f262e", "#1c4561", "#23709c", "#4ba3cf", "#98d2ee", "#e4f6fd"],
  diverging: ["#ffd2ae", "#ea8c4d", "#8a4a20", "#262a2f", "#255a80", "#58a6d8", "#c9e9fb"]
}

export const seriesCount = light.series.length

/** SVG dash patterns that go with the series, the first one solid. */
export const dashes: ReadonlyArray<string> = ["", "6 3", "2 2.5", "8 3 2 3", "10 4", "4 2 1 2", "1 3"]

// --- colour arithmetic ---------------------------------------------------------------------------------------------

type Triple = readonly [number, number, number]

const toLinear = (channel: number): number =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
const fromLinear = (channel: number): number =>
  channel <= 0.0031308 ? channel * 12.92 : 1.055 * channel ** (1 / 2.4) - 0.055

const parse = (hex: string): Triple => [
  toLinear(Number.parseInt(hex.slice(1, 3), 16) / 255),
  toLinear(Number.parseInt(hex.slice(3, 5), 16) / 255),
  toLinear(Number.parseInt(hex.slice(5, 7), 16) / 255)
]

const format = (rgb: Triple): string =>
  `#${rgb
    .map((channel) =>
      Math.round(255 * Math.min(1, Math.max(0, fromLinear(channel))))
        .toString(16)
        .padStart(2, "0")
    )
    .join("")}`

const toOklab = ([r, g, b]: Triple): Triple => {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  ]
}

const fromOklab = ([lightness, a, b]: Triple): Triple => {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s
  ]
}

/** WCAG relative luminance of a colour such as `#0b6cb0`. */
const luminance = (hex: string): number => {
  const [r, g, b] = parse(hex)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** WCAG contrast ratio of two colours, 1 … 21. */
export const contrast = (a: string, b: string): number => {
  const [x, y] = [luminance(a), luminance(b)]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

/** `levels` colours through the given ones, evenly spaced in OKLab. */
export const ramp = (stops: ReadonlyArray<string>): ReadonlyArray<string> => {
  const labs = stops.map((stop) => toOklab(parse(stop)))
  return Array.from({ length: levels }, (_, index) => {
    const position = (index / (levels - 1)) * (labs.length - 1)
    const from = Math.min(labs.length - 2, Math.floor(position))
    const share = position - from
    const [a, b] = [labs[from]!, labs[from + 1]!]
    return format(
      fromOklab([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2])])
    )
  })
}

// --- style sheet ---------------------------------------------------------------------------------------------------

const ink = (colour: string): string =>
  contrast(colour, "#ffffff") >= contrast(colour, "#101418") ? "#ffffff" : "#101418"

const declarations = (theme: Theme): string => {
  const lines = theme.series.map((colour, index) => `--s${index}:${colour};`)
  for (const [prefix, stops] of [
    ["q", theme.sequential],
    ["d", theme.diverging]
  ] as const)
    for (const [index, colour] of ramp(stops).entries())
      lines.push(`--${prefix}${index}:${colour};--${prefix}t${index}:${ink(colour)};`)
  return lines.join("")
}

/** Custom properties for the series and the levels of both themes, and the classes that use them. */
export const paletteStyle = (): string => {
  const classes: Array<string> = []
  for (let index = 0; index < seriesCount; index++) classes.push(`.s${index}{--c:var(--s${index})}`)
  for (let index = 0; index < levels; index++)
    for (const prefix of ["q", "d"])
      classes.push(`.${prefix}${index}{fill:var(--${prefix}${index});color:var(--${prefix}t${index})}`)
  return [
    `:root{${declarations(light)}}`,
    `@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${declarations(dark)}}}`,
    `@media screen{:root[data-theme=dark]{${declarations(dark)}}}`,
    ...classes
  ].join("\n")
}

/** The step of a value on a scale from `low` to `high`. */
export const levelOf = (value: number, low: number, high: number): number =>
  high > low
    ? Math.min(levels - 1, Math.max(0, Math.round(((value - low) / (high - low)) * (levels - 1))))
    : Math.floor(levels / 2)
