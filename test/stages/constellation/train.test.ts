/** The training stage end to end on small problems: batches, checkpoints, engines, refusals. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { State } from "../../../engine/services/Checkpoint.ts"
import { initialise } from "../../../stages/constellation/initialise.ts"
import { measure } from "../../../stages/constellation/measure.ts"
import { summary } from "../../../stages/constellation/summary.ts"
import { train } from "../../../stages/constellation/train.ts"
import { trainProgram } from "../../../stages/constellation/trainProgram.ts"
import { runStage } from "../../support/runStage.ts"

const small = { items: 12, dims: 4, seeds: 2 }
const points = [{ name: "a" }, { name: "b", form: "absolute", trainBias: false, bias: -3 }] as const

const initial = (params: object = {}) =>
  runStage(initialise, { params: { ...small, ...params }, inputs: {} }).pipe(
    Effect.map((out) => out.constellation)
  )

describe("constellation/initialise", () => {
  it.effect("more seeds leave the first ones as they were, and hemispheres start apart", () =>
    Effect.gen(function* () {
      const two = (yield* initial()).tensors.vectors
      const three = (yield* initial({ seeds: 3 })).tensors.vectors
      expect(two.shape).toEqual([2, 2, 12, 4])
      expect(three.data.slice(0, two.data.length)).toEqual(two.data)
      const apart = (yield* initial({ shape: "hemispheres" })).tensors.vectors.data
      for (let i = 0; i < 12; i++) {
        expect(apart[4 * i]).toBeGreaterThan(0)
        expect(apart[4 * (12 + i)]).toBeLessThan(0)
      }
    })
  )
})

describe("constellation/train", () => {
  it.effect("names every run, and resumes from every checkpoint to the same bytes", () =>
    Effect.gen(function* () {
      const given = {
        params: { points: [...points], steps: 40, recordEvery: 20 },
        inputs: { initial: yield* initial() }
      }
      const whole = yield* runStage(train, given)
      expect(JSON.parse(whole.constellation.metadata!.runs)).toEqual([
        { point: "a", seed: 0 },
        { point: "a", seed: 1 },
        { point: "b", seed: 0 },
        { point: "b", seed: 1 }
      ])
      expect(whole.curves.map(({ step }) => step)).toEqual([0, 1, 2, 3].flatMap(() => [0, 20, 40]))
      for (const stage of [train, trainProgram]) {
        const saved: Array<Required<State>> = []
        const expected = yield* runStage(stage, { ...given, saved })
        expect(saved.length).toBeGreaterThan(0)
        for (const resume of saved) {
          const resumed = yield* runStage(stage, { ...given, resume })
          expect(resumed.constellation.tensors.vectors.data).toEqual(
            expected.constellation.tensors.vectors.data
          )
          expect(resumed.curves).toEqual(expected.curves)
        }
        const last = expected.curves.at(-1)!
        expect(Math.abs(last.loss - whole.curves.at(-1)!.loss)).toBeLessThan(1e-4)
      }
    })
  )

  it.effect("refuses a modality that is not there, and a single one", () =>
    Effect.gen(function* () {
      const inputs = { initial: yield* initial() }
      const locked = yield* Effect.exit(
        runStage(train, { params: { points: [...points], locked: [2] }, inputs })
      )
      expect(Exit.isFailure(locked) && String(locked.cause)).toContain("Modality 2 cannot be locked")
      const alone = yield* Effect.exit(
        runStage(train, {
          params: { points: [...points] },
          inputs: { initial: yield* initial({ modalities: 1 }) }
        })
      )
      expect(Exit.isFailure(alone) && String(alone.cause)).toContain("no pairs")
    })
  )

  it.effect("measures and summary agree with the curves", () =>
    Effect.gen(function* () {
      const trained = yield* runStage(train, {
        params: { points: [...points], steps: 300 },
        inputs: { initial: yield* initial({ modalities: 3 }) }
      })
      const measured = yield* runStage(measure, { inputs: { constellation: trained.constellation } })
      const last = trained.curves.filter(({ step }) => step === 300)
      for (const { margin, point, seed } of last) {
        const row = measured.measures.find(
          (found) =>
            found.point === point && found.seed === seed && found.edge === "all" && found.measure === "margin"
        )
        expect(row!.value).toBeCloseTo(margin, 6)
      }
      const slack = measured.measures.filter((row) => row.measure === "slack")
      expect(slack.every((row) => row.value! >= -1e-6)).toBe(true)
      expect(measured.histogram.reduce((sum, row) => sum + row.count, 0)).toBe(4 * 3 * 12 * 12)
      const { summary: table } = yield* runStage(summary, {
        params: {
          experiment: "test",
          references: [{ point: "a", measure: "loss@100", value: 1, source: "here" }]
        },
        inputs: { measures: measured.measures, curves: trained.curves }
      })
      const found = table.find((row) => row.point === "a" && row.measure === "loss@100")!
      const at100 = trained.curves
        .filter((row) => row.point === "a" && row.step === 100)
        .map((row) => row.loss)
      expect(found.mean).toBeCloseTo((at100[0] + at100[1]) / 2, 12)
      expect(found).toMatchObject({ seeds: 2, reference: 1, source: "here" })
      const fixed = table.find((row) => row.point === "b" && row.measure === "bias")!
      expect(fixed).toMatchObject({ mean: -3, sd: 0 })
    })
  )
})
