/** How a mean over seeds compares with one published number. */

/** Half a unit of the last printed digit: numbers closer than that print alike. At least two decimals are assumed; 0 is 0.0000. */
const printedHalfUnit = (reference: number): number => {
  const text = String(Math.abs(reference))
  const decimals =
    reference === 0 ? 4 : text.includes("e") ? 12 : Math.max(2, (text.split(".")[1] ?? "").length)
  return 0.5 * 10 ** -decimals
}

/** Distance in deviations over seeds; 0 where the two print alike; null without a deviation. */
export const deviations = (mean: number, reference: number, sd: number | null): number | null =>
  Math.abs(mean - reference) <= printedHalfUnit(reference)
    ? 0
    : sd === null || sd === 0
      ? null
      : Math.abs(mean - reference) / sd
