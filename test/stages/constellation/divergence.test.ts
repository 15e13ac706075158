/** Trainings that are lost end with a sentence that names the step, the loss and what to change. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { divergence } from "../../../compute/constellation/training.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { adapt } from "../../../stages/constellation/adapt.ts"
import { initialise } from "../../../stages/constellation/initialise.ts"
import { train } from "../../../stages/constellation/train.ts"
import { trainLarge } from "../../../stages/constellation/trainLarge.ts"
import { trainProgram } from "../../../stages/constellation/trainProgram.ts"
import { infonce } from "../../../stages/retrieval/infonce.ts"
import { sigmoid } from "../../../stages/retrieval/sigmoid.ts"
import { completeRelevance } from "../../../stages/retrieval/complete.ts"
import { runStage } from "../../support/runStage.ts"

const backend = { backend: "onnx", device: "cpu" } as const
const sentence = /The training diverged: .* after step \d+.*Next: lower learningRate/

describe("a training that is lost", () => {
  it.effect.each([
    ["train", train],
    ["train-program", trainProgram]
  ] as const)("constellation/%s", ([, stage]) =>
    Effect.gen(function* () {
      const { constellation } = yield* runStage(initialise, {
        params: { items: 8, dims: 3, seeds: 1 },
        inputs: {}
      })
      const run = (params: object) =>
        runStage(stage, {
          params: { steps: 20, recordEvery: 5, ...params } as never,
          inputs: { initial: constellation },
          backend
        })
      const bias = { name: "p", form: "absolute", trainInverseTemperature: false }
      expect(String(yield* Effect.flip(run({ points: [bias], learningRate: 1e12 })))).toMatch(sentence)
      const hot = { name: "p", inverseTemperature: 1e308 }
      expect(String(yield* Effect.flip(run({ points: [hot] })))).toMatch(sentence)
      // A start that is bad, and no more: t = 200 on random vectors.
      yield* run({ points: [{ name: "p", inverseTemperature: 200 }], learningRate: 0.1 })
    })
  )

  it("a loss that is not finite or a million times the first; an inverse temperature of 0", () => {
    expect(divergence(5, 0.7, 2)).toBeUndefined()
    expect(divergence(5, 1e6, 2)).toBeUndefined()
    expect(divergence(5, 3e6, 2)).toBe("the loss is 3.00e+6 after step 5, from 2.00 at the start")
    expect(divergence(5, Number.NaN, 2)).toContain("the loss is NaN after step 5")
    // At t = 0 every score is the same and the loss is log 2: a number that says nothing.
    expect(divergence(5, Math.LN2, 2, 0)).toContain("the inverse temperature is 0 after step 5")
    expect(divergence(5, 1, 2, Infinity)).toContain("the inverse temperature is Infinity")
  })

  it.effect("constellation/train-large and constellation/adapt", () =>
    Effect.gen(function* () {
      const large = runStage(trainLarge, {
        params: { items: 50, dims: 4, steps: 2, inverseTemperature: 1e308 },
        inputs: {}
      })
      expect(String(yield* Effect.flip(Effect.scoped(large)))).toMatch(sentence)
      const view = (name: string) => {
        const data = new Float32Array(60 * 5)
        makeRandom("divergence", name).fillGaussian(data)
        return { keys: Array.from({ length: 60 }, (_, i) => `row ${i}`), dims: 5, data }
      }
      const adapters = runStage(adapt, {
        params: { dims: 3, batch: 16, steps: 30, learningRate: 1e30 },
        inputs: { left: view("left"), right: view("right") },
        backend
      })
      expect(String(yield* Effect.flip(Effect.scoped(adapters)))).toMatch(sentence)
    })
  )

  it.effect("contrastive/sigmoid and contrastive/infonce", () =>
    Effect.gen(function* () {
      const { relevance } = yield* runStage(completeRelevance, {
        params: { documents: 8, k: 2 },
        inputs: {}
      })
      for (const [stage, params] of [
        [sigmoid, { trainBias: true, parameterisation: "absolute" }],
        [infonce, { temperature: 1e-300, trainTemperature: false }]
      ] as const) {
        const run = runStage(stage, {
          params: { dims: 3, steps: 40, evaluateEvery: 5, learningRate: 1e30, ...params } as never,
          inputs: { relevance },
          backend
        })
        expect(String(yield* Effect.flip(Effect.scoped(run)))).toMatch(sentence)
      }
    })
  )

  it.effect("a learning rate that is not above 0 is refused", () =>
    Effect.gen(function* () {
      for (const learningRate of [0, -0.01]) {
        const given = { params: { dims: 3, learningRate }, inputs: {} as never }
        expect(String(yield* Effect.flip(runStage(sigmoid, given)))).toContain("greater than 0")
      }
    })
  )
})
