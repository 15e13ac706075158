/** The figures of trainings and of recovered attributes say what their tables hold. */
import { assert, describe, it } from "@effect/vitest"
import { recoveryFigure } from "../../../stages/figures/recovery.ts"
import { trainingFigure } from "../../../stages/figures/training.ts"

describe("figures/recovery", () => {
  it("gives the share of found attributes, the spread of |cos|, and chance", () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      attribute: `attribute${i}`,
      feature: i,
      cosine: 0.05 + i / 20,
      found: i >= 5,
      chance: 0.2
    }))
    const figure = recoveryFigure([{ name: "a", rows }])
    assert.isTrue(figure.type === "bars")
    if (figure.type !== "bars") return
    assert.deepStrictEqual(figure.panels[0]!.series[0]!.values, [0.75])
    assert.deepStrictEqual(figure.panels[1]!.series[0], {
      name: "nearest feature",
      values: [0.05 + 10 / 20],
      low: [0.05 + 1 / 20],
      high: [1]
    })
    assert.deepStrictEqual(figure.panels[1]!.series[1]!.values, [0.2])
    assert.include(figure.finding!, "75.0 %")
  })
})

describe("figures/training", () => {
  it("draws a panel a series and a line a training; a gap stays a gap", () => {
    const rows = [
      { series: "explained variance", step: 10, value: 0.25 },
      { series: "explained variance", step: 20, value: 0.5 },
      { series: "L0", step: 10, value: 4 },
      { series: "L0", step: 20, value: null }
    ]
    const figure = trainingFigure([{ name: "a", rows }], ["explained variance", "L0"], "Training")
    assert.isTrue(figure.type === "curves")
    if (figure.type !== "curves") return
    assert.deepStrictEqual(figure.series, [
      { name: "a", panel: "explained variance", x: [10, 20], y: [0.25, 0.5] },
      { name: "a", panel: "L0", x: [10, 20], y: [4, null] }
    ])
    assert.include(figure.finding!, "0.500")
  })
})
