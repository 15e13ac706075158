/** The kernels against the programs they stand for: the same training in the engine alone, and with any number of threads. */
import { describe, expect, it } from "vitest"
import { makeOnnx } from "../../../compute/backends/onnx/engine.ts"
import { chainLength } from "../../../compute/backends/onnx/chain.ts"
import { kernelPlan } from "../../../compute/backends/onnx/plan.ts"
import { makeReference } from "../../../compute/backends/reference/engine.ts"
import type { Engine, HostTensor } from "../../../compute/Engine.ts"
import { createState, numberOf } from "../../../compute/Engine.ts"
import { sparseAdams } from "../../../compute/kernels/adamPattern.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import { initialise } from "../../../compute/sae/initialise.ts"
import { trainingProgram } from "../../../compute/sae/trainingProgram.ts"

const sizes = { dims: 20, features: 150, batch: 33 }
/** Large enough for element-wise kernels, and so for the chain around them. */
const large = { dims: 64, features: 300, batch: 1030 }
const recipe = { learningRate: 3e-3, finalRate: 0.05, steps: 40, weightDecay: 0, renormalise: true }

/** Ten steps; the losses and every state at the end. */
const trainWith = async (engine: Engine, weightDecay = 0, size = sizes) => {
  const program = trainingProgram(size, { type: "topk", k: 6 }, { ...recipe, weightDecay })
  const random = makeRandom("kernels", "test")
  const mean = new Float64Array(size.dims).fill(0.125)
  const state = await createState(engine, program, initialise(random, mean, size.features))
  const step = await engine.compile(program)
  const losses: Array<number> = []
  for (let i = 0; i < 10; i++) {
    const data = new Float32Array(size.batch * size.dims)
    random.fillGaussian(data)
    losses.push(
      numberOf((await step.run({ ...state, batch: { shape: [size.batch, size.dims], data } })).loss)
    )
  }
  const states: { [name: string]: HostTensor } = {}
  for (const [name, handle] of Object.entries(state)) states[name] = await engine.read(handle)
  step.dispose()
  await engine.close()
  return { losses, states }
}

describe("the TopK autoencoder's step", () => {
  // The centre's gradient is a product summed over the batch: the values are added up by feature first.
  it("is recognised: one sparse product, sampled ones, and Adam on both weight matrices", () => {
    const program = trainingProgram(sizes, { type: "topk", k: 6 }, recipe)
    expect(sparseAdams(program).map(({ state, floor, decay }) => [state, floor, decay])).toEqual([
      ["encoder", undefined, undefined],
      ["decoder", 1e-12, undefined]
    ])
    const kernels = kernelPlan(program).flatMap((step) => (step.type === "kernels" ? step.steps : []))
    expect(kernels.map(({ type }) => type).sort()).toEqual([
      "sampledDot",
      "sparseAdam",
      "sparseAdam",
      "sparseMatmul"
    ])
  })

  it("decodes, compares and goes back row by row, in one chain", () => {
    const program = trainingProgram(large, { type: "topk", k: 8 }, recipe)
    const chains = kernelPlan(program).flatMap((step) =>
      step.type === "kernels" ? step.steps.map((_, at) => chainLength(program, step.steps, at)) : []
    )
    expect(chains.filter((length) => length === 3)).toHaveLength(1)
  })

  it.each([0, 0.01])(
    "agrees with the reference and with the engine alone (weight decay %d)",
    async (decay) => {
      const reference = await trainWith(await makeReference(), decay)
      const alone = await trainWith(await makeOnnx({ device: "cpu", kernels: false }), decay)
      const kernels = await trainWith(await makeOnnx({ device: "cpu", threads: 2 }), decay)
      for (const got of [alone, kernels]) {
        got.losses.forEach((loss, i) => expect(loss).toBeCloseTo(reference.losses[i]!, 5))
        for (const [name, { data }] of Object.entries(reference.states)) {
          data.forEach((want, i) => {
            if (Math.abs(got.states[name]!.data[i]! - want) > 2e-4) {
              throw new Error(`${name}[${i}] is ${got.states[name]!.data[i]}, expected ${want}`)
            }
          })
        }
      }
    }
  )

  it("gives the same bytes for any number of threads", async () => {
    const runs = []
    for (const threads of [1, 2, 3, 5]) runs.push(await trainWith(await makeOnnx({ device: "cpu", threads })))
    for (const run of runs.slice(1)) expect(run).toEqual(runs[0])
    const one = await trainWith(await makeOnnx({ device: "cpu", threads: 1 }), 0, large)
    expect(await trainWith(await makeOnnx({ device: "cpu", threads: 3 }), 0, large)).toEqual(one)
  })

  it("agrees with the engine alone where kernels form a chain", async () => {
    const alone = await trainWith(await makeOnnx({ device: "cpu", kernels: false }), 0, large)
    const kernels = await trainWith(await makeOnnx({ device: "cpu", threads: 2 }), 0, large)
    kernels.losses.forEach((loss, i) => expect(loss).toBeCloseTo(alone.losses[i]!, 5))
  })
})
