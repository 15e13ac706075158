/**
 * Decimal numbers in bytes of text: `[+-] digits [. digits] [e [+-] digits]`, spaces around them allowed. Nothing else is
 * a number: no hexadecimal, no separators, no NaN.
 *
 * Up to 15 digits and a power of ten up to 22 are one exact division or product (Clinger, How to read floating point
 * numbers accurately, PLDI 1990). Up to 24 digits and a power up to 60 go by a product of two pairs of doubles with a
 * relative error below 2⁻⁹⁸ (Dekker, Numer. Math. 18, 1971); it is taken only where the whole interval of error rounds to
 * one double, so that the result is always the nearest one. The rest is the engine's. About 20 ns a number.
 */

/** What `syntaxOf` finds. */
export const noNumber = 0
export const integer = 1
export const decimal = 2

const exact = Float64Array.from({ length: 23 }, (_, e) => Number(`1e${e}`))
const reach = 60
const upper = new Float64Array(2 * reach + 1)
const lower = new Float64Array(2 * reach + 1)
for (let e = -reach; e <= reach; e++) {
  // 10^e · 2^s as a whole number of more than 200 bits, its nearest double, and the nearest double to what is left.
  const s = e < 0 ? -e * 4 + 200 : 0
  const whole = e < 0 ? (1n << BigInt(s)) / 10n ** BigInt(-e) : 10n ** BigInt(e)
  const high = Number(whole)
  upper[e + reach] = high * 2 ** -s
  lower[e + reach] = Number(whole - BigInt(high)) * 2 ** -s
}

/** `integer`, `decimal` or `noNumber`, in one pass over the bytes. */
export const syntaxOf = (bytes: Uint8Array, start: number, end: number): 0 | 1 | 2 => {
  let i = start
  while (i < end && (bytes[i] === 32 || bytes[i] === 9)) i++
  while (end > i && (bytes[end - 1] === 32 || bytes[end - 1] === 9)) end--
  if (i < end && (bytes[i] === 45 || bytes[i] === 43)) i++
  const whole = i
  while (i < end && (bytes[i]! - 48) >>> 0 <= 9) i++
  let digits = i - whole
  if (i === end) return digits > 0 ? integer : noNumber
  if (bytes[i] === 46) {
    const from = ++i
    while (i < end && (bytes[i]! - 48) >>> 0 <= 9) i++
    digits += i - from
  }
  if (digits === 0) return noNumber
  if (i < end && (bytes[i]! | 32) === 101) {
    i++
    if (i < end && (bytes[i] === 45 || bytes[i] === 43)) i++
    const from = i
    while (i < end && (bytes[i]! - 48) >>> 0 <= 9) i++
    if (i === from) return noNumber
  }
  return i === end ? decimal : noNumber
}

/** The nearest double to the number in `bytes`; NaN where there is none, infinite where it is out of range. */
export const parseDecimal = (bytes: Buffer, start: number, end: number): number => {
  let i = start
  while (i < end && (bytes[i] === 32 || bytes[i] === 9)) i++
  while (end > i && (bytes[end - 1] === 32 || bytes[end - 1] === 9)) end--
  const first = i
  let negative = false
  if (i < end && (bytes[i] === 45 || bytes[i] === 43)) negative = bytes[i++] === 45
  // The number is (high · 10^more + low) · 10^exponent, high of at most 15 digits and low of at most 9.
  let high = 0
  let low = 0
  let more = 0
  let digits = 0
  let exponent = 0
  const whole = i
  for (; i < end; i++) {
    const d = bytes[i]! - 48
    if (d >>> 0 > 9) break
    if (digits < 15) {
      high = high * 10 + d
      if (high !== 0) digits++
    } else {
      low = low * 10 + d
      more++
    }
  }
  let seen = i - whole
  if (i < end && bytes[i] === 46) {
    const from = ++i
    for (; i < end; i++) {
      const d = bytes[i]! - 48
      if (d >>> 0 > 9) break
      exponent--
      if (digits < 15) {
        high = high * 10 + d
        if (high !== 0) digits++
      } else {
        low = low * 10 + d
        more++
      }
    }
    seen += i - from
  }
  if (seen === 0) return Number.NaN
  if (i < end && (bytes[i]! | 32) === 101) {
    i++
    let down = false
    if (i < end && (bytes[i] === 45 || bytes[i] === 43)) down = bytes[i++] === 45
    const from = i
    let power = 0
    for (; i < end; i++) {
      const d = bytes[i]! - 48
      if (d >>> 0 > 9) break
      if (power < 100_000_000) power = power * 10 + d
    }
    if (i === from) return Number.NaN
    exponent += down ? -power : power
  }
  if (i !== end) return Number.NaN
  if (more === 0) {
    if (exponent === 0 || high === 0) return negative ? -high : high
    if (exponent < 0 && exponent >= -22) return (negative ? -high : high) / exact[-exponent]!
    if (exponent > 0 && exponent <= 22) return (negative ? -high : high) * exact[exponent]!
  }
  if (more <= 9 && exponent >= -reach && exponent <= reach) {
    const value = byPairs(high, more, low, exponent)
    if (value !== undefined) return negative ? -value : value
  }
  return Number(bytes.toString("latin1", first, end))
}

const splitter = 2 ** 27 + 1

/** (high · 10^more + low) · 10^exponent, rounded to nearest; undefined where the error leaves two doubles to choose from. */
const byPairs = (high: number, more: number, low: number, exponent: number): number | undefined => {
  let a = high
  let b = 0
  if (more > 0) {
    const ten = exact[more]!
    const product = high * ten
    const sum = product + low
    const back = sum - product
    b = product - (sum - back) + (low - back) + errorOf(high, ten, product)
    a = sum + b
    b -= a - sum
  }
  const c = upper[exponent + reach]!
  const product = a * c
  const error = errorOf(a, c, product) + (a * lower[exponent + reach]! + b * c)
  const value = product + error
  const rest = error - (value - product)
  const bound = value * 2 ** -98
  const above = value + (rest + bound)
  return above === value + (rest - bound) ? above : undefined
}

/** x · y − product, exactly (Dekker's product, Veltkamp's splitting). */
const errorOf = (x: number, y: number, product: number): number => {
  const xs = splitter * x
  const xh = xs - (xs - x)
  const xl = x - xh
  const ys = splitter * y
  const yh = ys - (ys - y)
  const yl = y - yh
  return xl * yl - (product - xh * yh - xl * yh - xh * yl)
}

/** Whether a whole number past 2⁵³ in text is held exactly, or is what the engine itself writes for its double. */
export const isExactInteger = (text: string): boolean => {
  const plain = text
    .trim()
    .replace(/^\+/, "")
    .replace(/^(-?)0+(?=\d)/, "$1")
  const value = Number(plain)
  return Number.isFinite(value) && (String(value) === plain || BigInt(value) === BigInt(plain))
}

const decimalText = /^[ \t]*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[ \t]*$/i

/** The number that `text` spells in the same grammar; NaN where it spells none. */
export const decimalOf = (text: string): number => (decimalText.test(text) ? Number(text) : Number.NaN)
