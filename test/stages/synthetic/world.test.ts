/** The three effects of the statistical model (after arXiv 2605.28870), at a size for every test run. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { recoverDirections } from "../../../compute/sae/recovery.ts"
import { drawModel, drawSignal, zipf } from "../../../compute/sae/world.ts"
import type { Matrix, SparseRows } from "../../../schemas/Matrix.ts"
import { align } from "../../../stages/align.ts"
import { centre } from "../../../stages/centre.ts"
import { trainSae } from "../../../stages/sae/train.ts"
import { syntheticObjects } from "../../../stages/synthetic/objects.ts"
import { syntheticView } from "../../../stages/synthetic/view.ts"
import { windows } from "../../../stages/windows.ts"
import { wholeMatrix } from "../../support/readers.ts"
import { runStage } from "../../support/runStage.ts"

const models = ["a", "b", "c"] as const
const seedOf = (name: string): string => name.repeat(32).slice(0, 32)

const views = (params: { readonly bias?: number; readonly noise?: number }) =>
  Effect.gen(function* () {
    const world = yield* runStage(syntheticObjects, { inputs: {}, seed: seedOf("0") })
    const raw: { [model: string]: Matrix } = {}
    const centred: { [model: string]: Matrix } = {}
    for (const model of models) {
      const { embeddings } = yield* runStage(syntheticView, { params, inputs: world, seed: seedOf(model) })
      raw[model] = yield* wholeMatrix(embeddings)
      centred[model] = yield* wholeMatrix(
        (yield* runStage(centre, { inputs: { embeddings: raw[model] } })).embeddings
      )
    }
    return { world, raw, centred }
  })

const kNearest = { metrics: ["mutual_knn"], permutations: 0, subsamples: 1, all: false } as const

/** Centred − raw mutual kNN of each pair, where every model has a bias of this length. */
const changes = Effect.fn("changes")(function* (bias: number) {
  const { raw, centred } = yield* views({ bias })
  const { scores } = yield* runStage(align, { params: kNearest, inputs: { raw, centred, sparse: {} } })
  const value = (setting: string, a: string, b: string): number =>
    scores.find((row) => row.setting === setting && row.a === a && row.b === b)!.value!
  return [
    ["a", "b"],
    ["a", "c"],
    ["b", "c"]
  ].map(([a, b]) => value("centred", a!, b!) - value("raw", a!, b!))
})

describe("the synthetic world", () => {
  it("is what the model says: x ∝ Σ s·a + b, with noise of mean square (τ·f^(−1/2) / mean f^(−1/2))²", () => {
    const random = makeRandom("world", "test")
    const world = { objects: 400, attributes: 30, active: 3, spread: 0.2 }
    const drawn = drawSignal(random, world)
    const signal: SparseRows = {
      keys: Array.from({ length: 400 }, (_, i) => String(i)),
      dims: 30,
      indptr: Float64Array.from({ length: 401 }, (_, i) => 3 * i),
      ...drawn
    }
    const shares = zipf(400, 10)
    assert.isBelow(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1), 1e-12)
    const still = drawModel(random.stream("m"), signal, shares, { dims: 24, bias: 0, noise: 0 })
    const [row] = [7]
    const sum = new Float64Array(24)
    for (let at = 21; at < 24; at++) {
      for (let j = 0; j < 24; j++)
        sum[j]! += drawn.values[at]! * still.directions[drawn.indices[at]! * 24 + j]!
    }
    const norm = Math.hypot(...sum)
    sum.forEach((x, j) => assert.isBelow(Math.abs(still.view[row * 24 + j]! - x / norm), 1e-6))
    assert.strictEqual(new Set(drawn.indices.subarray(0, 3)).size, 3)
  })

  it.effect(
    "bias: centring raises mutual kNN in every pair where β > 0, and changes nothing where β = 0",
    () =>
      Effect.gen(function* () {
        for (const change of yield* changes(3)) assert.isAbove(change, 0)
        for (const change of yield* changes(0)) assert.isBelow(Math.abs(change), 0.01)
      })
  )

  it.effect("noise: mutual kNN falls with f^(−1/2), R² > 0.8", () =>
    Effect.gen(function* () {
      const { world, centred } = yield* views({ noise: 2 })
      const { fits } = yield* runStage(windows, {
        params: { metrics: ["mutual_knn"] },
        inputs: { frequencies: world.frequencies, views: centred }
      })
      assert.isAtLeast(fits.length, 3)
      for (const fit of fits) {
        assert.isBelow(fit.slope!, 0)
        assert.isAbove(fit.rSquared!, 0.8)
      }
    })
  )

  it.effect("signal: an autoencoder finds nine in ten attributes of a small noise-free world", () =>
    Effect.gen(function* () {
      const world = yield* runStage(syntheticObjects, {
        params: { objects: 1000, attributes: 96, active: 4 },
        inputs: {},
        seed: seedOf("0")
      })
      const { embeddings, directions } = yield* runStage(syntheticView, {
        params: { dims: 192 },
        inputs: world,
        seed: seedOf("1")
      })
      const { dictionary } = yield* runStage(trainSae, {
        params: {
          k: 4,
          dictionarySize: 192,
          steps: 1500,
          batchSize: 128,
          learningRate: 1e-2,
          resetEvery: 100,
          evaluateEvery: 1500,
          validationFraction: 0
        },
        inputs: { embeddings },
        backend: { backend: "onnx", device: "cpu" }
      })
      const found = recoverDirections(yield* wholeMatrix(directions), dictionary.tensors.decoder!.data)
      assert.isAtLeast(found.filter(({ cosine }) => cosine > 0.9).length, 0.9 * 96)
    })
  )
})
