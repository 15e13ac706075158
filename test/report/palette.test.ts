import { describe, expect, it } from "vitest"
import { contrast, paletteStyle } from "../../report/figures/palette.ts"

const themes = paletteStyle().split("@media screen")
const coloursOf = (style: string): ReadonlyArray<string> =>
  [...style.matchAll(/--s\d+:(#[0-9a-f]{6})/g)].map((match) => match[1]!)

/** Brettel-style simulation is beyond a test; what must hold for any reader is contrast and difference in lightness. */
describe("series colours", () => {
  it.each([
    ["light", themes[0]!, "#ffffff"],
    ["dark", themes[1]!, "#14171b"]
  ])("of the %s page have a contrast of at least 3:1 with the paper", (_, style, paper) => {
    const colours = coloursOf(style)
    expect(colours.length).toBeGreaterThanOrEqual(7)
    for (const colour of colours) expect(contrast(colour, paper)).toBeGreaterThanOrEqual(3)
  })
  it("keep the ink on every cell of a heatmap readable", () => {
    for (const style of [themes[0]!, themes[1]!]) {
      const cells = [...style.matchAll(/--([qd])(\d+):(#[0-9a-f]{6});--[qd]t\d+:(#[0-9a-f]{6})/g)]
      expect(cells).toHaveLength(82)
      for (const [, , , cell, ink] of cells) expect(contrast(cell!, ink!)).toBeGreaterThanOrEqual(4.2)
    }
  })
})
