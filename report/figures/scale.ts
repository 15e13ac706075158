/**
 * Scales map data to pixels and choose ticks on round numbers: linear (steps 1, 2, 2.5, 5 × 10^k) and logarithmic
 * (powers of ten; 1, 2, 5 within less than two decades).
 */
import type { Axis } from "../../schemas/Figure.ts"
import { formatNumber, powerOfTen } from "../numbers.ts"

export interface Tick {
  readonly value: number
  readonly label: string
}

export interface Scale {
  readonly domain: readonly [number, number]
  readonly log: boolean
  /** Position in pixels; NaN where a log scale has none. */
  readonly at: (value: number) => number
  readonly ticks: ReadonlyArray<Tick>
  /** Small ticks without a label: the multiples between the powers of ten. */
  readonly minor: ReadonlyArray<number>
}

/** The least and greatest finite value (positive ones only for a log axis); [0, 1] where there is none. */
export const extent = (values: Iterable<number | null | undefined>, log = false): [number, number] => {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (value === null || value === undefined || !Number.isFinite(value) || (log && value <= 0)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? [low, high] : log ? [1, 10] : [0, 1]
}

/** The round step that splits `span` into about `count` parts. */
const roundStep = (span: number, count: number, integer: boolean): number => {
  const raw = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(raw))
  const fraction = raw / power
  const step =
    (fraction <= 1.2 ? 1 : fraction <= 2.2 ? 2 : fraction <= 3.2 ? 2.5 : fraction <= 7 ? 5 : 10) * power
  return integer ? Math.max(1, Math.round(step)) : step
}

const decimalsOf = (step: number): number => {
  for (let decimals = 0; decimals <= 12; decimals++)
    if (Math.abs(Number(step.toFixed(decimals)) - step) < step * 1e-6) return decimals
  return 12
}

/** Tick labels that share their number of decimals, and a power of ten where digits would pile up. */
const linearTicks = (low: number, high: number, step: number): ReadonlyArray<Tick> => {
  const ticks: Array<Tick> = []
  const decimals = decimalsOf(step)
  const large = Math.max(Math.abs(low), Math.abs(high))
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) {
    const value = Number((index * step).toPrecision(12))
    const label =
      value === 0 ? "0" : large >= 1e6 || decimals > 5 ? formatNumber(value, 2) : formatFixed(value, decimals)
    ticks.push({ value, label })
  }
  return ticks
}

const formatFixed = (value: number, decimals: number): string => {
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split(".") as [string, string | undefined]
  return `${value < 0 ? "\u2212" : ""}${formatNumber(Number(whole))}${fraction === undefined ? "" : `.${fraction}`}`
}

/** A linear scale; `nice` widens the domain to whole steps. */
export const linear = (
  domain: readonly [number, number],
  range: readonly [number, number],
  options: { readonly count?: number; readonly nice?: boolean; readonly integer?: boolean } = {}
): Scale => {
  let [low, high] = domain
  if (!(high > low)) {
    const pad = Math.abs(low) > 0 ? Math.abs(low) * 0.1 : 0.5
    low -= pad
    high += pad
  }
  const step = roundStep(high - low, options.count ?? 5, options.integer ?? false)
  if (options.nice ?? true) {
    low = Math.floor(low / step + 1e-9) * step
    high = Math.ceil(high / step - 1e-9) * step
  }
  const slope = (range[1] - range[0]) / (high - low)
  return {
    domain: [low, high],
    log: false,
    at: (value) => range[0] + (value - low) * slope,
    ticks: linearTicks(low, high, step),
    minor: []
  }
}

/** A logarithmic scale over positive values. */
export const logarithmic = (
  domain: readonly [number, number],
  range: readonly [number, number],
  options: { readonly count?: number } = {}
): Scale => {
  let [low, high] = domain
  if (!(high > low)) {
    low /= 2
    high *= 2
  }
  const from = Math.log10(low)
  const to = Math.log10(high)
  const slope = (range[1] - range[0]) / (to - from)
  const ticks: Array<Tick> = []
  const stride = Math.max(1, Math.ceil((to - from) / ((options.count ?? 5) + 1)))
  const multiples = to - from < 2 ? [1, 2, 5] : [1]
  for (let exponent = Math.floor(from); exponent <= Math.ceil(to); exponent++) {
    if (exponent % stride !== 0) continue
    for (const multiple of multiples) {
      const value = multiple * 10 ** exponent
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue
      ticks.push({
        value,
        label: Math.abs(exponent) <= 3 ? formatNumber(value, 1) : multiple === 1 ? powerOfTen(exponent) : ""
      })
    }
  }
  const minor: Array<number> = []
  if (to - from <= 5)
    for (let exponent = Math.floor(from); exponent <= Math.ceil(to); exponent++)
      for (let multiple = 2; multiple <= 9; multiple++) {
        const value = multiple * 10 ** exponent
        if (value >= low && value <= high) minor.push(value)
      }
  return {
    domain: [low, high],
    log: true,
    at: (value) => (value > 0 ? range[0] + (Math.log10(value) - from) * slope : Number.NaN),
    ticks,
    minor
  }
}

/** The scale that an axis asks for, over the values it must show; `tight` ends it near them, not on a round number. */
export const scaleFor = (
  axis: Axis,
  values: Iterable<number | null | undefined>,
  range: readonly [number, number],
  count = 5,
  tight = false
): Scale => {
  const log = axis.log ?? false
  const domain = axis.domain ?? extent(values, log)
  if (!log) {
    const pad = tight && axis.domain === undefined ? (domain[1] - domain[0]) * 0.03 : 0
    return linear([domain[0] - pad, domain[1] + pad], range, {
      count,
      nice: axis.domain === undefined && !tight,
      integer: axis.integer ?? false
    })
  }
  if (axis.domain !== undefined) return logarithmic(domain, range, { count })
  const pad = (domain[1] / domain[0]) ** 0.04
  return logarithmic([domain[0] / pad, domain[1] * pad], range, { count })
}

/** `name (unit)`. */
export const axisLabel = (axis: Axis): string =>
  axis.unit === undefined ? axis.name : `${axis.name} (${axis.unit})`
