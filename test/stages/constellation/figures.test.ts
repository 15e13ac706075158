/** Figures of the constellation studies: valid values, and what they say is counted from the data. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { FigureSchema } from "../../../schemas/Figure.ts"
import { deviations } from "../../../stages/constellation/agreement.ts"
import { curvesFigure } from "../../../stages/constellation/figures/curves.ts"
import { histogramFigure } from "../../../stages/constellation/figures/histogram.ts"
import { referencesFigure } from "../../../stages/constellation/figures/references.ts"
import { regionFigure } from "../../../stages/constellation/figures/region.ts"
import { spaceFigure } from "../../../stages/constellation/figures/space.ts"
import { initialise } from "../../../stages/constellation/initialise.ts"
import { measure } from "../../../stages/constellation/measure.ts"
import { train } from "../../../stages/constellation/train.ts"
import { runStage } from "../../support/runStage.ts"

const valid = (figure: unknown) => Exit.isSuccess(Schema.decodeUnknownExit(FigureSchema)(figure))

const measured = (measure: string, value: number) => ({ point: "p", seed: 0, edge: "all", measure, value })
const summarised = (mean: number, reference: number | null, comparable = true) => ({
  experiment: "e",
  point: "p",
  measure: "margin",
  seeds: 5,
  mean,
  sd: 0.01,
  min: mean,
  max: mean,
  reference,
  source: "s",
  comparable,
  differs: comparable ? null : "steps 5, published 7"
})

describe("figures of constellations", () => {
  it.effect("curves, histogram, region and space of a small training", () =>
    Effect.gen(function* () {
      const initial = yield* runStage(initialise, { params: { items: 8, dims: 3, seeds: 2 }, inputs: {} })
      const trained = yield* runStage(train, {
        params: { points: [{ name: "a" }, { name: "b", bias: 0.4 }], steps: 50, recordEvery: 25 },
        inputs: { initial: initial.constellation }
      })
      const measures = yield* runStage(measure, { inputs: { constellation: trained.constellation } })
      const curves = yield* runStage(curvesFigure, {
        params: { title: "t", measure: "loss" },
        inputs: { curves: trained.curves }
      })
      expect(valid(curves.figure)).toBe(true)
      expect(curves.figure.type === "curves" && curves.figure.series.map((series) => series.name)).toEqual([
        "a",
        "b"
      ])
      const histogram = yield* runStage(histogramFigure, {
        params: { title: "t" },
        inputs: { histogram: measures.histogram }
      })
      expect(valid(histogram.figure)).toBe(true)
      const region = yield* runStage(regionFigure, {
        params: { title: "t", pairs: 8 },
        inputs: { measures: { small: measures.measures } }
      })
      expect(valid(region.figure)).toBe(true)
      expect(region.figure.finding).toBe("4 runs, 0 outside the feasible region.")
      const space = yield* runStage(spaceFigure, {
        params: { title: "t", run: 1 },
        inputs: { constellation: trained.constellation }
      })
      expect(valid(space.figure)).toBe(true)
      const none = yield* Effect.exit(
        runStage(spaceFigure, {
          params: { title: "t", run: 9 },
          inputs: { constellation: trained.constellation }
        })
      )
      expect(Exit.isFailure(none) && String(none.cause)).toContain("There is no run 9; there are 4")
    })
  )

  it.effect("a run outside the region is counted: a full gap taken for a margin, say", () =>
    Effect.gen(function* () {
      const region = yield* runStage(regionFigure, {
        params: { title: "t" },
        inputs: { measures: { wrong: [measured("margin", 0.5278), measured("relativeBias", 0.7)] } }
      })
      expect(region.figure.finding).toBe("1 runs, 1 outside the feasible region.")
    })
  )

  it.effect("the table counts what lies within three deviations or prints alike", () =>
    Effect.gen(function* () {
      const { figure } = yield* runStage(referencesFigure, {
        params: { title: "t" },
        inputs: {
          summaries: {
            one: [
              summarised(0.1, 0.12),
              summarised(0.1, 0.2),
              summarised(0.5, null),
              summarised(0.1, 0.1, false)
            ]
          }
        }
      })
      expect(valid(figure)).toBe(true)
      expect(figure.finding).toContain("1 of 2 published numbers of the same recipe")
      expect(figure.type === "table" && figure.rows.at(-1)!.at(-1)).toBe(
        "s, another recipe: steps 5, published 7"
      )
      const { figure: single } = yield* runStage(referencesFigure, {
        params: { title: "t" },
        inputs: { summaries: { one: [{ ...summarised(0.1, 0.2), sd: null }] } }
      })
      expect(single.finding).toContain("0 of 0 published numbers")
      expect(single.finding).toContain("1 more cannot be judged, for want of a deviation.")
    })
  )

  it("what prints alike is no distance", () => {
    expect(deviations(0.01238, 0.012, 1e-6)).toBe(0)
    expect(deviations(3e-7, 0, 1e-9)).toBe(0)
    expect(deviations(74.6, 74.5701, 0.5)).toBeCloseTo(0.06, 2)
    expect(deviations(68.4, 68, 0.1)).toBeCloseTo(4, 6)
    expect(deviations(1, 2, null)).toBeNull()
  })
})
