/** Numbers for readers, as report/numbers.ts writes them (a test holds the two together). */
/* oxlint-disable no-unused-vars -- the files of the script share one scope */

/** @type {{ [digit: string]: string }} */
const superscripts = {
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
  "-": "⁻"
}

/** @param {string} digits */
const withMinus = (digits) => digits.replace("-", "\u2212")

/** @param {string} digits */
const withGroups = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",")

/** @param {number} value @param {number} digits */
function formatNumber(value, digits = 4) {
  if (!Number.isFinite(value)) return "–"
  const size = Math.abs(value)
  if (size === 0) return "0"
  if (Number.isInteger(value) && size < 1e7) return withMinus(withGroups(String(value)))
  if (size < 1e-4 || size >= 1e7) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e")
    const power = [...String(Number(exponent))].map((digit) => superscripts[digit] ?? digit).join("")
    return `${withMinus(mantissa ?? "")} × 10${power}`
  }
  const precise = Number(value.toPrecision(Math.max(digits, Math.floor(Math.log10(size)) + 1)))
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(precise))))
  const fixed = precise.toFixed(decimals)
  const point = fixed.indexOf(".")
  return point < 0
    ? withMinus(withGroups(fixed))
    : withMinus(withGroups(fixed.slice(0, point)) + fixed.slice(point))
}

/** @param {number} value */
function formatShort(value) {
  return formatNumber(value, 4)
    .replace(/(\.\d*?)0+(?=$| )/, "$1")
    .replace(/\.(?=$| )/, "")
}
