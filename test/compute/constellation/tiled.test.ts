/** Tiled exact training of many pairs, and linear adapters: against the float64 program, and resumed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openBackend } from "../../../compute/backends/open.ts"
import { adapterTraining } from "../../../compute/constellation/linearAdapters.ts"
import { randomCode } from "../../../compute/constellation/optimisedCode.ts"
import { programTraining } from "../../../compute/constellation/programTraining.ts"
import { kernelPairs } from "../../../compute/constellation/kernelPairs.ts"
import type { PairSums } from "../../../compute/constellation/pairSums.ts"
import { programPairs } from "../../../compute/constellation/programPairs.ts"
import { tiledTraining } from "../../../compute/constellation/tiledTraining.ts"
import { recordFields } from "../../../compute/constellation/training.ts"
import type { Engine } from "../../../compute/Engine.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

let reference: Engine
let onnx: Engine
beforeAll(async () => {
  reference = await openBackend({ backend: "reference", device: "cpu" })
  onnx = await openBackend({ backend: "onnx", device: "cpu" })
})
afterAll(async () => {
  await reference.close()
  await onnx.close()
})

const [items, dims, steps] = [23, 4, 12]
const initial = Float32Array.from([
  ...randomCode(items, dims, makeRandom("tiled", "left")),
  ...randomCode(items, dims, makeRandom("tiled", "right"))
])
const settings = {
  items,
  dims,
  steps,
  learningRate: 1e-2,
  inverseTemperature: 10,
  relativeBias: -0.2,
  trainRelativeBias: true
}

const sums: ReadonlyArray<readonly [string, () => PairSums]> = [
  ...[5, 8, 23, 64].map(
    (tile) => [`onnx in tiles of ${tile}`, () => programPairs(onnx, items, dims, tile)] as const
  ),
  ["kernels in tiles of 8", () => kernelPairs(items, dims, { tile: 8 })],
  ["kernels in one tile", () => kernelPairs(items, dims)]
]

describe("tiled training", () => {
  it.each(sums)("%s: it is the whole-matrix program", async (_, open) => {
    const whole = await programTraining(
      reference,
      {
        modalities: 2,
        items,
        dims,
        edges: [{ left: 0, right: 1 }],
        locked: [false, false],
        adapter: undefined,
        gradient: "tangential",
        epsilon: 0,
        steps,
        learningRate: 1e-2,
        recordEvery: 1
      },
      [
        {
          form: "relative",
          inverseTemperature: 10,
          bias: -0.2,
          trainInverseTemperature: true,
          trainBias: true,
          guide: undefined
        }
      ],
      initial
    )
    await whole.advance(Infinity)
    const expected = await whole.result()
    const tiled = tiledTraining(open(), settings, initial)
    await tiled.advance(Infinity)
    const found = await tiled.result()
    await tiled.close()
    const furthest = found.vectors.reduce(
      (most, x, at) => Math.max(most, Math.abs(x - expected.vectors[at])),
      0
    )
    expect(furthest).toBeLessThan(1e-4)
    for (let step = 0; step < steps; step++) {
      const record = (field: (typeof recordFields)[number]) =>
        expected.records[step * recordFields.length + recordFields.indexOf(field)]
      const fields = ["loss", "inverseTemperature", "relativeBias", "minPositive", "maxNegative"] as const
      fields.forEach((field, at) => expect(found.records[step * 5 + at]).toBeCloseTo(record(field), 4))
    }
  })

  it.each([
    ["onnx", () => programPairs(onnx, items, dims, 8)],
    ["kernels", () => kernelPairs(items, dims, { tile: 8 })]
  ] as const)("%s, cut in the middle of a step and resumed: the same bytes", async (_, open) => {
    const whole = tiledTraining(open(), settings, initial)
    await whole.advance(Infinity)
    const before = tiledTraining(open(), settings, initial)
    await before.advance(31)
    const after = tiledTraining(open(), settings, initial)
    await after.restore(await before.save())
    await after.advance(Infinity)
    expect(await after.result()).toEqual(await whole.result())
    await Promise.all([whole, before, after].map(({ close }) => close()))
  })

  it("any number of threads gives the same bytes", async () => {
    const results = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const training = tiledTraining(kernelPairs(items, dims, { threads, tile: 8 }), settings, initial)
        await training.advance(Infinity)
        await training.close()
        return training.result()
      })
    )
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })
})

describe("linear adapters", () => {
  it("two rotated copies of one view are brought together, the same from a checkpoint", async () => {
    const random = makeRandom("adapters", "view")
    const data = Float32Array.from(randomCode(64, 6, random))
    const turned = Float32Array.from({ length: 64 * 8 }, (_, at) => {
      const [i, c] = [Math.floor(at / 8), at % 8]
      return c < 6 ? data[i * 6 + ((c + 1) % 6)] : 0
    })
    const views = [
      { dims: 6, data },
      { dims: 8, data: turned }
    ] as const
    const options = {
      dims: 6,
      batch: 32,
      steps: 400,
      learningRate: 1e-2,
      inverseTemperature: 10,
      relativeBias: 0.2
    }
    const training = await adapterTraining(onnx, views, options, "seed")
    await training.advance(150)
    const saved = await training.save()
    await training.advance(Infinity)
    const found = await training.result()
    expect(found.losses[399]).toBeLessThan(found.losses[0] / 5)
    const resumed = await adapterTraining(onnx, views, options, "seed")
    await resumed.restore(saved)
    await resumed.advance(Infinity)
    expect(await resumed.result()).toEqual(found)
    training.close()
    resumed.close()
  })
})
