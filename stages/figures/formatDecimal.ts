/** Numbers inside the sentences that figures carry: three significant digits, a true minus sign. */
export const formatDecimal = (value: number | null): string => {
  if (value === null || !Number.isFinite(value)) return "–"
  if (value === 0) return "0"
  const size = Math.abs(value)
  const text =
    size >= 1e6 || size < 1e-4
      ? value.toExponential(1)
      : Number(value.toPrecision(3)).toFixed(Math.max(0, 2 - Math.floor(Math.log10(size) + 1e-12)))
  return text.replace("-", "\u2212")
}
