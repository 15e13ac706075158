import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Compute } from "../../../compute/Compute.ts"
import { contrastiveInputs, contrastiveProgram } from "../../../compute/margin/contrastiveProgram.ts"
import { fromLists } from "../../../compute/margin/Relevance.ts"

const settings = {
  dims: 2,
  steps: 10,
  learningRate: 1e-2,
  schedule: "constant",
  parameterisation: "relative",
  trainTemperature: false,
  trainBias: false,
  features: 0,
  gradient: "euclidean"
} as const

/** One step on one query and one document with score 1, t = 30: Adam's first moment of the query, 0.1 · gradient. */
const firstMoment = Effect.fnUntraced(function* () {
  const a = fromLists(1, [[0]])
  const compute = yield* Compute
  const program = contrastiveProgram(a, { ...settings, loss: "sigmoid" })
  const axis = { shape: [1, 2], data: Float32Array.of(1, 0) }
  const state = yield* compute.state(program, {
    queries: axis,
    documents: axis,
    temperature: { shape: [], data: Float64Array.of(30) },
    bias: { shape: [], data: Float64Array.of(0) }
  })
  const step = yield* compute.compile(program)
  yield* step.run({ ...state, ...contrastiveInputs(a, "sigmoid") })
  return (yield* compute.read(state["queries/m"]!)).data[0]!
})

describe("the sigmoid loss in float32", () => {
  for (const backend of ["onnx", "reference"] as const) {
    it.effect(`a relevant pair with t s = 30 keeps its gradient −t σ(−30) (${backend})`, () =>
      Effect.gen(function* () {
        const moment = yield* firstMoment()
        const expected = (-0.1 * 30) / (1 + Math.exp(30))
        expect(Math.abs(moment / expected - 1)).toBeLessThan(1e-4)
      }).pipe(Effect.scoped, Effect.provide(Compute.layer({ backend, device: "cpu" })))
    )
  }
})
