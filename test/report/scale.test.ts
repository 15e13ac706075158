import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { contrast, levelOf, levels, ramp } from "../../report/figures/palette.ts"
import { extent, linear, logarithmic, scaleFor } from "../../report/figures/scale.ts"

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true })

describe("scales", () => {
  it("put ticks on round numbers inside the domain, and ends at the ends", () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        fc.pre(Math.abs(a - b) > 1e-6 * Math.max(1, Math.abs(a), Math.abs(b)))
        const scale = linear([Math.min(a, b), Math.max(a, b)], [0, 100])
        expect(scale.at(scale.domain[0])).toBeCloseTo(0, 6)
        expect(scale.at(scale.domain[1])).toBeCloseTo(100, 6)
        expect(scale.ticks.length).toBeGreaterThanOrEqual(2)
        expect(scale.ticks.length).toBeLessThanOrEqual(13)
        for (const { value } of scale.ticks) {
          expect(scale.at(value)).toBeGreaterThanOrEqual(-1e-3)
          expect(scale.at(value)).toBeLessThanOrEqual(100.001)
        }
        expect(new Set(scale.ticks.map(({ label }) => label)).size).toBe(scale.ticks.length)
      })
    )
  })
  it("label steps with equal decimals", () => {
    expect(linear([0, 0.4], [0, 1]).ticks.map(({ label }) => label)).toEqual([
      "0",
      "0.1",
      "0.2",
      "0.3",
      "0.4"
    ])
    expect(linear([-1, 1], [0, 1], { count: 4 }).ticks.map(({ label }) => label)).toEqual([
      "\u22121.0",
      "\u22120.5",
      "0",
      "0.5",
      "1.0"
    ])
  })
  it("have no place for what is not positive on a log axis", () => {
    const scale = logarithmic([1, 1000], [0, 300])
    expect(scale.at(10)).toBeCloseTo(100, 9)
    expect(scale.at(0)).toBeNaN()
    expect(scale.ticks.map(({ value }) => value)).toEqual([1, 10, 100, 1000])
    expect(extent([0, -3, 5, 2, null], true)).toEqual([2, 5])
  })
  it("survive a single value and no value at all", () => {
    for (const values of [[], [3], [0], [null]])
      for (const log of [false, true]) {
        const scale = scaleFor({ name: "x", log }, values, [0, 100])
        expect(scale.domain[1]).toBeGreaterThan(scale.domain[0])
        expect(Number.isFinite(scale.at(scale.domain[0]))).toBe(true)
      }
  })
})

describe("colours", () => {
  it("interpolate through their stops with falling luminance", () => {
    const colours = ramp(["#ffffff", "#3c7eb0", "#000000"])
    expect(colours).toHaveLength(levels)
    expect([colours[0], colours[(levels - 1) / 2], colours.at(-1)]).toEqual(["#ffffff", "#3c7eb0", "#000000"])
    const againstBlack = colours.map((colour) => contrast(colour, "#000000"))
    expect(againstBlack).toEqual(againstBlack.toSorted((a, b) => b - a))
  })
  it("know contrast as WCAG defines it", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 9)
    // #767676 on white is the well-known boundary case of 4.54:1.
    expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2)
  })
  it("give the ends of a scale to its least and greatest value", () => {
    expect([levelOf(0, 0, 1), levelOf(1, 0, 1), levelOf(0.5, 0, 1), levelOf(7, 0, 1)]).toEqual([
      0,
      levels - 1,
      (levels - 1) / 2,
      levels - 1
    ])
  })
})
