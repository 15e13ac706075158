/** Published numbers are compared only with measurements of their own recipe, whatever was changed on the way. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fieldNames } from "../../../engine/internal/building.ts"
import { publishedRecipe } from "../../../pipelines/constellation/recipe.ts"
import { experiments } from "../../../pipelines/constellation/experiments.ts"
import { differences } from "../../../stages/constellation/recipe.ts"
import { initialise } from "../../../stages/constellation/initialise.ts"
import { measure } from "../../../stages/constellation/measure.ts"
import { summary } from "../../../stages/constellation/summary.ts"
import { train } from "../../../stages/constellation/train.ts"
import { runStage } from "../../support/runStage.ts"

/** A part small enough to train here, with a published number. */
const part = {
  name: "small",
  start: { items: 6, dims: 3, modalities: 3 },
  train: { points: [{ name: "p", bias: 0.1 }], steps: 20, learningRate: 0.02, recordEvery: 10 },
  references: [
    { point: "p", measure: "margin", value: 0.1, source: "here" },
    { point: "p", measure: "loss@10", value: 0.1, source: "here" }
  ]
} as const

type Change = { readonly start?: object; readonly train?: object; readonly measure?: object }

/** The summary's rows of the two published numbers, where the stages' parameters are changed behind the pipeline's back. */
const summarise = Effect.fnUntraced(function* (change: Change) {
  const initial = yield* runStage(initialise, {
    params: { ...part.start, seeds: 2, ...change.start },
    inputs: {}
  })
  const trained = yield* runStage(train, {
    params: { ...part.train, ...change.train } as never,
    inputs: { initial: initial.constellation }
  })
  const measured = yield* runStage(measure, {
    params: { separation: false, ...change.measure },
    inputs: { constellation: trained.constellation }
  })
  const made = yield* runStage(summary, {
    params: { experiment: "e", references: part.references, ...publishedRecipe(part) },
    inputs: { measures: measured.measures, curves: trained.curves, constellation: trained.constellation }
  })
  return part.references.map(({ measure: name }) =>
    made.summary.find((row) => row.point === "p" && row.measure === name)!
  )
})

const point = { name: "p", bias: 0.1 }
const changes: ReadonlyArray<readonly [differs: string, change: Change]> = [
  ["items 7, published 6", { start: { items: 7 } }],
  ["dims 1, published 3", { start: { dims: 1 } }],
  ["modalities 2, published 3", { start: { modalities: 2 } }],
  ["shape hemispheres, published sphere", { start: { shape: "hemispheres" } }],
  ["steps 21, published 20", { train: { steps: 21 } }],
  ["learningRate 0.01, published 0.02", { train: { learningRate: 0.01 } }],
  ["gradient euclidean, published tangential", { train: { gradient: "euclidean" } }],
  ["graph star, published complete", { train: { graph: "star" } }],
  ["locked [0], published []", { train: { locked: [0] } }],
  ["epsilon 1e-8, published 0", { train: { epsilon: 1e-8 } }],
  ["adapter 0.5, published null", { train: { adapter: 0.5 } }],
  ["bias 0.2, published 0.1", { train: { points: [{ ...point, bias: 0.2 }] } }],
  ["form absolute, published relative", { train: { points: [{ ...point, form: "absolute" }] } }],
  ["inverseTemperature 9, published 10", { train: { points: [{ ...point, inverseTemperature: 9 }] } }],
  ["edges measured 2, published 3", { measure: { graph: "star" } }]
]

describe("published numbers", () => {
  it.effect("are comparable as the pipeline has them, with any number of seeds and any records", () =>
    Effect.gen(function* () {
      for (const change of [{}, { start: { seeds: 1 } }, { train: { recordEvery: 5 } }]) {
        for (const row of yield* summarise(change)) {
          expect(row).toMatchObject({ comparable: true, differs: null, reference: 0.1 })
        }
      }
    })
  )

  it.effect.each(changes)("%s: not comparable", ([differs, change]) =>
    Effect.gen(function* () {
      const [margin, onTheWay] = yield* summarise(change)
      expect(margin).toMatchObject({ comparable: false })
      expect(margin!.differs).toContain(differs)
      // What was recorded at step 10 does not know how many steps follow.
      expect(onTheWay!.comparable).toBe(differs.startsWith("steps"))
    })
  )

  it.effect("are not comparable with vectors that came from elsewhere", () =>
    Effect.gen(function* () {
      const { summary: rows } = yield* runStage(summary, {
        params: { experiment: "e", references: part.references, ...publishedRecipe(part) },
        inputs: { measures: [{ point: "p", seed: 0, edge: "all", measure: "margin", value: 0.1 }] }
      })
      expect(rows[0]).toMatchObject({ comparable: false })
      expect(rows[0]!.differs).toContain("made by a stage that does not say how")
    })
  )

  it("a recipe names every parameter of the stages that it passes through", () => {
    for (const { parts } of Object.values(experiments)) {
      for (const { recipe } of parts.map(publishedRecipe)) {
        expect(
          Object.keys(recipe.all)
            .filter((name) => name !== "seeds")
            .sort()
        ).toEqual(
          [
            ...fieldNames(initialise.params).filter((name) => name !== "seeds"),
            ...fieldNames(train.params).filter((name) => name !== "points" && name !== "recordEvery")
          ].sort()
        )
        for (const settings of Object.values(recipe.points)) {
          expect(Object.keys(settings)).toHaveLength(6)
        }
      }
    }
  })

  it("differences are none between equals", () => {
    const recipe = publishedRecipe(part).recipe
    expect(differences(recipe, structuredClone(recipe), "p", "margin")).toBeUndefined()
  })
})
