/** Constructions and the dimension calculator as stages. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { construct } from "../../../stages/constellation/construct.ts"
import { dimension } from "../../../stages/constellation/dimension.ts"
import { measure } from "../../../stages/constellation/measure.ts"
import { runStage } from "../../support/runStage.ts"

const cases = [
  { construction: "pair", code: "icosahedron" },
  { construction: "one", code: "simplex", dims: 6, delta: 0.7, phi: 0.3 },
  { construction: "one", code: "crosspolytope", dims: 5, margin: 0.2, relativeBias: 0.3 },
  { construction: "one", code: "random", items: 30, dims: 6 },
  { construction: "one", code: "search", items: 20, dims: 4 },
  { construction: "two", code: "roots-d", dims: 4, modalities: 4 },
  { construction: "two", code: "roots-e8", modalities: 3, delta: 0.6 }
] as const

describe("constellation/construct", () => {
  it.effect.each(cases)("$construction of $code measures as promised", (params) =>
    Effect.gen(function* () {
      const { constellation, promised } = yield* runStage(construct, { params, inputs: {} })
      const { measures } = yield* runStage(measure, {
        params: { separation: false },
        inputs: { constellation }
      })
      for (const name of ["margin", "relativeBias", "fullGap"]) {
        const value = measures.find((row) => row.edge === "all" && row.measure === name)!.value!
        expect(value).toBeCloseTo(promised.find((row) => row.measure === name)!.value!, 12)
      }
      if ("margin" in params) expect(promised[0].value).toBeCloseTo(params.margin, 12)
    })
  )

  it.effect("says what a target needs when the code is too coarse", () =>
    Effect.gen(function* () {
      const params = { code: "roots-e8", margin: 0.4, relativeBias: 0.3 } as const
      const exit = yield* Effect.exit(runStage(construct, { params, inputs: {} }))
      expect(Exit.isFailure(exit) && String(exit.cause)).toContain("does not reach margin 0.4")
    })
  )
})

describe("constellation/dimension", () => {
  it.effect(
    "says where no dimension has such a constellation, and gives both kinds of number elsewhere",
    () =>
      Effect.gen(function* () {
        const { bounds } = yield* runStage(dimension, {
          params: { margins: [0.1, 0.5], relativeBiases: [0], pairs: [1e10] },
          inputs: {}
        })
        expect(bounds[0]).toMatchObject({ possible: true, necessaryDimension: 38, sufficientDimension: 81 })
        expect(bounds[0].asymptoticNecessaryDimension).toBeCloseTo(45.5236, 3)
        expect(bounds[1]).toMatchObject({ possible: false, necessaryDimension: null })
      })
  )
})
