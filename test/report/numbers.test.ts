import { describe, expect, it } from "vitest"
import {
  formatBytes,
  formatInterval,
  formatNumber,
  formatSeconds,
  formatShort,
  intervalColumns
} from "../../report/numbers.ts"

describe("numbers for readers", () => {
  it.each([
    [0.15432, "0.154"],
    [0.2, "0.200"],
    [-12.345, "\u221212.3"],
    [0.9996, "1.00"],
    [1234, "1,234"],
    [1234567, "1,234,567"],
    [1234.5, "1,235"],
    [0, "0"],
    [1.25e-7, "1.25 × 10⁻⁷"],
    [-3e12, "\u22123.00 × 10¹²"],
    [Number.NaN, "–"],
    [Infinity, "–"],
    [null, "–"]
  ])("%s reads %s", (value, expected) => {
    expect(formatNumber(value)).toBe(expected)
  })
  it("drops trailing zeros where it is told to", () => {
    expect(formatShort(0.01)).toBe("0.01")
    expect(formatShort(100)).toBe("100")
    expect(formatShort(12.5)).toBe("12.5")
    expect(formatShort(2e-8)).toBe("2 × 10⁻⁸")
  })
  it("shows intervals only where there is one", () => {
    expect(formatInterval(0.05, 0.04, 0.06)).toBe("0.0500 [0.0400, 0.0600]")
    expect(formatInterval(0.05, null, 0.06)).toBe("0.0500")
    expect(formatInterval(0.05, 0.04, 0.06, 2, "95 %, choice of rows")).toBe(
      "0.050 [0.040, 0.060] (95 %, choice of rows)"
    )
    expect(intervalColumns()).toEqual(["low", "high"])
    expect(intervalColumns("95 %, choice of rows")).toEqual([
      "low (95 %, choice of rows)",
      "high (95 %, choice of rows)"
    ])
  })
  it("says durations and sizes as a person does", () => {
    expect([0.0421, 3.14, 59.96, 252, 3599.7, 7500].map(formatSeconds)).toEqual([
      "42 ms",
      "3.1 s",
      "1 min 0 s",
      "4 min 12 s",
      "1 h 0 min",
      "2 h 5 min"
    ])
    expect([812, 1_230_000].map(formatBytes)).toEqual(["812 B", "1.23 MB"])
  })
})
