/**
 * The two implementations of the training step: the tensor program on float64 reference and on onnx, and the fused
 * kernels; batches against runs alone; cutting and resuming.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openBackend } from "../../../compute/backends/open.ts"
import { fusedTraining } from "../../../compute/constellation/fusedTraining.ts"
import { openKernel } from "../../../compute/constellation/kernel/contrastive.ts"
import { sigmoidLoss } from "../../../compute/constellation/loss.ts"
import { measureMargins } from "../../../compute/constellation/margins.ts"
import { randomCode } from "../../../compute/constellation/optimisedCode.ts"
import { pairRows } from "../../../compute/constellation/Pairing.ts"
import { programTraining } from "../../../compute/constellation/programTraining.ts"
import { edgesOf } from "../../../compute/constellation/synchronisation.ts"
import {
  recordFields,
  type RunSettings,
  type Training,
  type TrainingShape
} from "../../../compute/constellation/training.ts"
import type { Engine } from "../../../compute/Engine.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

const base: TrainingShape = {
  modalities: 2,
  items: 13,
  dims: 5,
  edges: edgesOf("complete", 2),
  locked: [false, false],
  adapter: undefined,
  gradient: "tangential",
  epsilon: 0,
  steps: 60,
  learningRate: 1e-2,
  recordEvery: 25
}

const run = (change: Partial<RunSettings> = {}): RunSettings => ({
  form: "relative",
  inverseTemperature: 10,
  bias: -0.3,
  trainInverseTemperature: true,
  trainBias: true,
  guide: undefined,
  ...change
})

const initialOf = (shape: TrainingShape, runs: number): Float32Array => {
  const random = makeRandom("training", "initial")
  const sets = Array.from({ length: runs * shape.modalities }, () =>
    randomCode(shape.items, shape.dims, random)
  )
  return Float32Array.from(sets.flatMap((set) => Array.from(set)))
}

/** Largest difference, relative to 1. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length)
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(a[i])))
  }
  return largest
}

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

const cases: ReadonlyArray<{
  readonly name: string
  readonly shape: TrainingShape
  readonly runs: ReadonlyArray<RunSettings>
}> = [
  {
    name: "both forms, trained and fixed t and bias, in one batch",
    shape: base,
    runs: [
      run(),
      run({ form: "absolute", bias: -2 }),
      run({ trainBias: false }),
      run({ trainInverseTemperature: false })
    ]
  },
  {
    name: "euclidean gradient, 16 items",
    shape: { ...base, gradient: "euclidean", items: 16 },
    runs: [run(), run({ bias: 0.5 })]
  },
  {
    name: "a locked modality with the adapter",
    shape: { ...base, locked: [true, false], adapter: 0.5 },
    runs: [run(), run({ form: "absolute", bias: 1 })]
  },
  {
    name: "the reference's adapter",
    shape: { ...base, locked: [true, false], adapter: 0.5, gradient: "extended" },
    runs: [run(), run({ form: "absolute", bias: 1 })]
  },
  {
    name: "the reference's logarithms",
    shape: { ...base, epsilon: 1e-2 },
    runs: [run(), run({ form: "absolute", bias: 1 })]
  },
  {
    name: "four modalities on a star, one locked, adapter",
    shape: {
      ...base,
      modalities: 4,
      edges: edgesOf("star", 4),
      locked: [false, true, false, false],
      adapter: 0
    },
    runs: [run()]
  },
  {
    name: "three modalities on a path, guided",
    shape: { ...base, modalities: 3, edges: edgesOf("path", 3), locked: [false, false, false] },
    runs: [
      run({ guide: { towards: 0.5, weight: 2 } }),
      run({ form: "absolute", guide: { towards: 0.2, weight: 1 } })
    ]
  }
]

describe.each(cases)("$name", ({ runs, shape }) => {
  const initial = initialOf(shape, runs.length)

  it("fused kernels and onnx follow the float64 program", async () => {
    const judge = await programTraining(reference, shape, runs, initial)
    await judge.advance(Infinity)
    const expected = await judge.result()
    judge.close()

    const fused = fusedTraining(shape, runs, initial)
    await fused.advance(Infinity)
    const kernels = await fused.result()
    expect(distance(expected.vectors, kernels.vectors)).toBeLessThan(2e-4)
    expect(distance(expected.records, kernels.records)).toBeLessThan(2e-4)

    const program = await programTraining(onnx, shape, runs, initial)
    await program.advance(Infinity)
    const engine = await program.result()
    program.close()
    expect(distance(expected.vectors, engine.vectors)).toBeLessThan(2e-4)
    expect(distance(expected.records, engine.records)).toBeLessThan(2e-4)
    // The training did something: the last loss is below the first.
    for (let r = 0; r < runs.length; r++) {
      const fields = recordFields.length
      const perRun = expected.records.length / runs.length
      expect(expected.records[(r + 1) * perRun - fields]).toBeLessThan(expected.records[r * perRun])
    }
  })

  it("a run in a batch is the run alone: bit for bit, on onnx to rounding", async () => {
    // onnxruntime's vector loops run across the batch axis, and their tails round differently from their bodies.
    type Open = (of: ReadonlyArray<RunSettings>, start: Float32Array) => Promise<Training>
    const cases: ReadonlyArray<{ readonly tolerance: number; readonly open: Open }> = [
      { tolerance: 0, open: async (of, start) => fusedTraining(shape, of, start) },
      { tolerance: 0, open: (of, start) => programTraining(reference, shape, of, start) },
      { tolerance: 2e-4, open: (of, start) => programTraining(onnx, shape, of, start) }
    ]
    for (const { open, tolerance } of cases) {
      const batch = await open(runs, initial)
      await batch.advance(Infinity)
      const all = await batch.result()
      const each = initial.length / runs.length
      const kept = all.records.length / runs.length
      for (let r = 0; r < runs.length; r++) {
        const alone = await open([runs[r]], initial.slice(r * each, (r + 1) * each))
        await alone.advance(Infinity)
        const one = await alone.result()
        expect(distance(one.vectors, all.vectors.slice(r * each, (r + 1) * each))).toBeLessThanOrEqual(
          tolerance
        )
        expect(distance(one.records, all.records.slice(r * kept, (r + 1) * kept))).toBeLessThanOrEqual(
          tolerance
        )
      }
    }
  })

  it("cut anywhere and resumed, it ends with the same bytes", async () => {
    const whole = fusedTraining(shape, runs, initial)
    await whole.advance(Infinity)
    const expected = await whole.result()
    for (const cut of [1, 25, 59, 60]) {
      const before = fusedTraining(shape, runs, initial)
      await before.advance(cut)
      const after = fusedTraining(shape, runs, initial)
      await after.restore(await before.save())
      while (after.done() < after.total) await after.advance(17)
      expect(await after.result()).toEqual(expected)
    }
    const before = await programTraining(onnx, shape, runs, initial)
    await before.advance(23 * runs.length)
    const after = await programTraining(onnx, shape, runs, initial)
    await after.restore(await before.save())
    await after.advance(Infinity)
    await before.advance(Infinity)
    expect(await after.result()).toEqual(await before.result())
  })
})

describe("records", () => {
  it("loss and scores of the last record are those of the vectors, in float64", async () => {
    const fused = fusedTraining(base, [run()], initialOf(base, 1))
    await fused.advance(Infinity)
    const { records, vectors } = await fused.result()
    const last = records.subarray(records.length - recordFields.length)
    const at = (field: (typeof recordFields)[number]) => last[recordFields.indexOf(field)]
    const pairing = pairRows(vectors.subarray(0, 65), vectors.subarray(65), 5)
    const loss = sigmoidLoss(pairing, {
      form: "relative",
      inverseTemperature: at("inverseTemperature"),
      bias: at("relativeBias")
    })
    expect(Math.abs(at("loss") / loss - 1)).toBeLessThan(1e-12)
    const margins = measureMargins(pairing)
    expect(at("minPositive")).toBeCloseTo(margins.minPositive, 14)
    expect(at("maxNegative")).toBeCloseTo(margins.maxNegative, 14)
  })

  it("the recorded loss is exact far out in both tails", () => {
    const kernel = openKernel()
    const [u, v] = [kernel.floats(8), kernel.floats(8)]
    const [scores, out] = [kernel.doubles(2), kernel.doubles(3)]
    u.view().set([1, -1, 0, 0, 0, 0, 0, 0])
    v.view().set([1, -1, 0, 0, 0, 0, 0, 0])
    for (const t of [0.01, 1, 30, 300, 700, 1e4]) {
      kernel.run.measure(u.at, v.at, scores.at, out.at, 2, 8, 1, t, 0, 0, 0)
      const expected = 4 * Math.log1p(Math.exp(-t))
      expect(Math.abs(out.view()[0] - expected)).toBeLessThanOrEqual(1e-13 * expected + 1e-320)
      kernel.run.measure(u.at, v.at, scores.at, out.at, 2, 8, 1, -t, 0, 0, 0)
      expect(Math.abs(out.view()[0] / (4 * (t + Math.log1p(Math.exp(-t)))) - 1)).toBeLessThan(1e-13)
    }
  })
})
