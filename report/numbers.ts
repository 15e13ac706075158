/**
 * Numbers as a reader wants them: enough digits to compare, no more; a true minus sign; durations and sizes in the unit
 * a person would say. The data that can be downloaded keeps every digit.
 */

const minus = (digits: string): string => digits.replace("-", "\u2212")

const superscripts: { readonly [digit: string]: string } = {
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
  "-": "⁻"
}

/** 10^exponent with a typographic exponent. */
export const powerOfTen = (exponent: number): string =>
  `10${[...String(exponent)].map((digit) => superscripts[digit] ?? digit).join("")}`

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",")

/**
 * A number with `digits` significant digits (default 3): 0.154, −12.3, 1,234, 1.2 × 10⁻⁷. Integers below 10⁷ keep all
 * their digits, and no digit before the point is ever rounded away. Null, undefined and non-finite numbers are an en dash.
 */
export const formatNumber = (value: number | null | undefined, digits = 3): string => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–"
  const size = Math.abs(value)
  if (size === 0) return "0"
  if (Number.isInteger(value) && size < 1e7) return minus(grouped(String(value)))
  if (size < 1e-4 || size >= 1e7) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string]
    return `${minus(mantissa)} × ${powerOfTen(Number(exponent))}`
  }
  const precise = Number(value.toPrecision(Math.max(digits, Math.floor(Math.log10(size)) + 1)))
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(precise))))
  const fixed = precise.toFixed(decimals)
  const point = fixed.indexOf(".")
  return point < 0 ? minus(grouped(fixed)) : minus(grouped(fixed.slice(0, point)) + fixed.slice(point))
}

/** As `formatNumber`, without trailing zeros after the point: for conditions and for cells of mixed tables. */
export const formatShort = (value: number | null | undefined, digits = 4): string =>
  formatNumber(value, digits)
    .replace(/(\.\d*?)0+(?=$| )/, "$1")
    .replace(/\.(?=$| )/, "")

/** The columns of an interval's ends, with what it covers where that is known. */
export const intervalColumns = (covers?: string): readonly [string, string] =>
  covers === undefined ? ["low", "high"] : [`low (${covers})`, `high (${covers})`]

/** A value with its interval, and what that covers: `0.052 [0.041, 0.063] (95 %, difference between populations)`. */
export const formatInterval = (
  value: number | null,
  low: number | null | undefined,
  high: number | null | undefined,
  digits = 3,
  covers?: string
): string =>
  low === null || low === undefined || high === null || high === undefined
    ? formatNumber(value, digits)
    : `${formatNumber(value, digits)} [${formatNumber(low, digits)}, ${formatNumber(high, digits)}]${covers === undefined ? "" : ` (${covers})`}`

/** Seconds as a person says them: 42 ms, 3.1 s, 4 min 12 s, 2 h 5 min. */
export const formatSeconds = (seconds: number): string => {
  if (!Number.isFinite(seconds) || seconds < 0) return "–"
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Bytes with a decimal unit: 812 B, 1.2 MB. */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1e6) return `${formatNumber(bytes / 1e3)} kB`
  if (bytes < 1e9) return `${formatNumber(bytes / 1e6)} MB`
  return `${formatNumber(bytes / 1e9)} GB`
}

/** `1 row`, `2,000 rows`. */
export const count = (n: number, singular: string, plural = `${singular}s`): string =>
  `${formatNumber(n)} ${n === 1 ? singular : plural}`
