/** The auxiliary loss for dead features: its value by hand, its gradient against finite differences, and what it leaves alone. */
import { describe, expect, it } from "vitest"
import { makeReference } from "../../../compute/backends/reference/engine.ts"
import type { HostTensor } from "../../../compute/Engine.ts"
import { createState, numberOf } from "../../../compute/Engine.ts"
import { gradient } from "../../../compute/program/gradient.ts"
import * as Op from "../../../compute/program/ops.ts"
import * as Program from "../../../compute/program/Program.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { auxiliaryLoss, auxiliarySize, nextSilence } from "../../../compute/sae/auxiliary.ts"
import { initialise } from "../../../compute/sae/initialise.ts"
import { trainingProgram } from "../../../compute/sae/trainingProgram.ts"
import { finiteDifferences } from "../program/finiteDifferences.ts"

const gaussian = (name: string, shape: ReadonlyArray<number>): HostTensor => {
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1))
  makeRandom("auxiliary", name).fillGaussian(data)
  return { shape, data }
}

const [batch, dims, features] = [5, 4, 12]
const states = {
  encoder: Op.state("encoder", [features, dims]),
  decoder: Op.state("decoder", [features, dims])
}
/** The loss as a function of encoder and decoder, for given rows and a given error. */
const lossOf = (weight: number) =>
  auxiliaryLoss(
    { k: 3, weight, after: 10 },
    Op.matmul(Op.state("rows", [batch, dims]), states.encoder, { transposeB: true }),
    states.decoder,
    Op.state("error", [batch, dims])
  )
/** Features 0 to 7 are dead. */
const initial = {
  encoder: gaussian("encoder", [features, dims]),
  decoder: gaussian("decoder", [features, dims]),
  rows: gaussian("rows", [batch, dims]),
  error: gaussian("error", [batch, dims]),
  silent: { shape: [features], data: Float64Array.from({ length: features }, (_, i) => (i < 8 ? 10 : 9)) }
}

describe("auxiliary loss", () => {
  it("is α · mean (e − ê)² over the k largest positive activations of dead features", async () => {
    const engine = await makeReference()
    const program = Program.make("loss", { outputs: { loss: lossOf(0.5) } })
    const run = await engine.compile(program)
    const got = numberOf((await run.run(await createState(engine, program, initial))).loss)
    const { decoder, encoder, error, rows } = initial
    let expected = 0
    for (let i = 0; i < batch; i++) {
      const activations = Array.from({ length: 8 }, (_, j) => {
        let sum = 0
        for (let c = 0; c < dims; c++) sum += rows.data[i * dims + c]! * encoder.data[j * dims + c]!
        return [j, sum] as const
      })
      const kept = activations.sort((a, b) => b[1] - a[1]).slice(0, 3)
      for (let c = 0; c < dims; c++) {
        const modelled = kept.reduce((sum, [j, z]) => sum + Math.max(z, 0) * decoder.data[j * dims + c]!, 0)
        expected += (0.5 * (-error.data[i * dims + c]! - modelled) ** 2) / (batch * dims)
      }
    }
    expect(got).toBeCloseTo(expected, 12)
  })

  it("has the gradient of finite differences, and none for features that are alive", async () => {
    const engine = await makeReference()
    const loss = lossOf(0.7)
    const program = Program.make("loss", { outputs: { loss } })
    const slopesProgram = Program.make("gradient", { outputs: gradient(loss, states) })
    const backward = await engine.compile(slopesProgram)
    const gradients = await backward.run(await createState(engine, slopesProgram, initial))
    for (const state of ["encoder", "decoder"] as const) {
      const slopes = await finiteDifferences(engine, program, initial, state)
      slopes.forEach((slope, at) => {
        expect(Math.abs(gradients[state].data[at]! - slope)).toBeLessThan(1e-6)
        if (at >= 8 * dims) expect(gradients[state].data[at]! + 0).toBe(0)
      })
      expect(slopes.some((slope) => Math.abs(slope) > 1e-3)).toBe(true)
    }
  })

  it("moves nothing without a dead feature: a step is the plain step, bit for bit", async () => {
    const engine = await makeReference()
    const sizes = { dims, features, batch }
    const recipe = { learningRate: 1e-2, finalRate: 0.1, steps: 5, weightDecay: 0, renormalise: true }
    const after = []
    for (const auxiliary of [undefined, { k: 3, weight: 1, after: 100 }]) {
      const program = trainingProgram(sizes, { type: "topk", k: 2 }, recipe, auxiliary)
      const start = initialise(makeRandom("auxiliary", "start"), new Float64Array(dims), features)
      const state = await createState(engine, program, start)
      const step = await engine.compile(program)
      for (let i = 0; i < 3; i++) await step.run({ ...state, batch: gaussian(`batch ${i}`, [batch, dims]) })
      after.push([(await engine.read(state.encoder!)).data, (await engine.read(state.decoder!)).data])
    }
    expect(after[1]).toEqual(after[0])
  })

  it("counts the steps of silence from the last activation on", async () => {
    const engine = await makeReference()
    const fired = Op.state("firing", [3])
    const program = Program.make("count", { outputs: {}, updates: { silent: nextSilence(fired) } })
    const state = await createState(engine, program, {
      firing: { shape: [3], data: Float32Array.of(0, 2, 0) },
      silent: { shape: [3], data: Float32Array.of(0, 7, 7) }
    })
    const step = await engine.compile(program)
    await step.run(state)
    expect([...(await engine.read(state.silent!)).data]).toEqual([1, 0, 8])
  })

  it.each([
    [768, 16_384, 512],
    [512, 8192, 256],
    [100, 1024, 64],
    [16, 4, 4],
    [1, 8, 1]
  ])("d = %i, D = %i: k_aux = %i, a power of two near d/2", (d, size, expected) => {
    expect(auxiliarySize(d, size)).toBe(expected)
  })
})
