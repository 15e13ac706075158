import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { encodeSae } from "../../../stages/sae/encode.ts"
import { wholeSparse } from "../../support/readers.ts"
import { runStage } from "../../support/runStage.ts"

// A TopK forward pass worked out independently in numpy: W_e, b_e, b_dec and x, with h, z, x̂ and the loss.
const rows = Float32Array.of(1, 0, 0, 1, -1, 0, 0.6, 0.8)
const golden = {
  tensors: {
    encoder: { shape: [4, 2], data: rows },
    encoderBias: { shape: [4], data: Float32Array.of(0, 0.1, 0, -0.2) },
    decoder: { shape: [4, 2], data: rows },
    centre: { shape: [2], data: Float32Array.of(0.5, -0.5) }
  },
  metadata: { activation: "topk", k: "2" }
}

const close = (got: number, want: number, tolerance = 1e-6): void =>
  assert.isBelow(Math.abs(got - want), tolerance, `${got} is not ${want}`)

describe("sae/encode", () => {
  it.effect.each(["reference", "onnx"] as const)("has the golden TopK forward pass on %s", (backend) =>
    Effect.gen(function* () {
      const { codes, quality } = yield* runStage(encodeSae, {
        inputs: {
          embeddings: { keys: ["x"], dims: 2, data: Float32Array.of(1.5, 0.5) },
          dictionary: golden
        },
        backend: { backend, device: "cpu" }
      })
      const { indptr, indices, values } = yield* wholeSparse(codes)
      assert.deepStrictEqual([...indptr], [0, 2])
      assert.deepStrictEqual([...indices], [1, 3])
      close(values![0]!, 1.1)
      close(values![1]!, 1.2)
      // Residual norm 1.09635761 = √(2 · 0.601).
      close(quality.find(({ series }) => series === "residual norm")!.value!, 1.09635761, 1e-6)
    })
  )

  it.effect("does not depend on the block, and drops kept entries that are not positive", () =>
    Effect.gen(function* () {
      const data = Float32Array.from({ length: 2 * 23 }, (_, i) => Math.sin(3 * i))
      const keys = Array.from({ length: 23 }, (_, i) => `row ${i}`)
      const encoded = []
      for (const blockRows of [1, 5, 23, 64]) {
        const { codes } = yield* runStage(encodeSae, {
          params: { blockRows },
          inputs: { embeddings: { keys, dims: 2, data }, dictionary: golden }
        })
        encoded.push(yield* wholeSparse(codes))
      }
      for (const one of encoded.slice(1)) assert.deepStrictEqual(one, encoded[0])
      assert.isTrue(encoded[0]!.values!.every((value) => value > 0))
      assert.isBelow(encoded[0]!.indices.length, 46)
    })
  )

  it.effect("applies a threshold for each feature, and refuses to cut a row silently", () =>
    Effect.gen(function* () {
      const dictionary = {
        tensors: { ...golden.tensors, threshold: { shape: [4], data: Float32Array.of(0.5, 2, 0, 0.5) } },
        metadata: { activation: "jumprelu" }
      }
      const embeddings = { keys: ["x"], dims: 2, data: Float32Array.of(1.5, 0.5) }
      const { codes } = yield* runStage(encodeSae, { inputs: { embeddings, dictionary } })
      assert.deepStrictEqual([...(yield* wholeSparse(codes)).indices], [0, 3])
      const error = yield* Effect.flip(
        runStage(encodeSae, { params: { maxActive: 2 }, inputs: { embeddings, dictionary } })
      )
      assert.include(String(error), "Row 'x' has 2 active features or more.")
    })
  )

  it.effect(
    "what equals BatchTopK's threshold is active; a dictionary of which all is active is not cut",
    () =>
      Effect.gen(function* () {
        // h = [1, 1.1, 0, 1.2] at this row.
        const embeddings = { keys: ["x"], dims: 2, data: Float32Array.of(1.5, 0.5) }
        const active = (threshold: number) =>
          Effect.gen(function* () {
            const dictionary = {
              tensors: { ...golden.tensors, threshold: { shape: [1], data: Float32Array.of(threshold) } },
              metadata: { activation: "batchtopk", k: "2" }
            }
            const { codes } = yield* runStage(encodeSae, {
              params: { maxActive: 4 },
              inputs: { embeddings, dictionary }
            })
            return [...(yield* wholeSparse(codes)).indices]
          })
        assert.deepStrictEqual(yield* active(1), [0, 1, 3])
        assert.deepStrictEqual(yield* active(0), [0, 1, 3])
        const all = {
          tensors: {
            ...golden.tensors,
            encoderBias: { shape: [4], data: Float32Array.of(9, 9, 9, 9) },
            threshold: { shape: [1], data: Float32Array.of(0.5) }
          },
          metadata: { activation: "batchtopk" }
        }
        const { codes } = yield* runStage(encodeSae, { inputs: { embeddings, dictionary: all } })
        assert.deepStrictEqual([...(yield* wholeSparse(codes)).indices], [0, 1, 2, 3])
      })
  )

  it.effect("says what is wrong with a dictionary", () =>
    Effect.gen(function* () {
      const embeddings = { keys: ["x"], dims: 3, data: Float32Array.of(1, 2, 3) }
      const wrongDims = yield* Effect.flip(
        runStage(encodeSae, { inputs: { embeddings, dictionary: golden } })
      )
      assert.include(String(wrongDims), "The embeddings have 3 dimensions, the dictionary 2.")
      const { centre: _, ...tensors } = golden.tensors
      const incomplete = yield* Effect.flip(
        runStage(encodeSae, { inputs: { embeddings, dictionary: { ...golden, tensors } } })
      )
      assert.include(String(incomplete), "The dictionary has no tensor 'centre'.")
    })
  )
})
