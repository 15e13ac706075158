/** Any number of threads gives the same bytes, at sizes that the engine and the kernels do split among threads. */
import { expect, it } from "vitest"
import { makeOnnx } from "../../../compute/backends/onnx/engine.ts"
import type { HostTensor } from "../../../compute/Engine.ts"
import { createState } from "../../../compute/Engine.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import type { Activation } from "../../../compute/sae/activation.ts"
import { initialise } from "../../../compute/sae/initialise.ts"
import { trainingProgram } from "../../../compute/sae/trainingProgram.ts"

const sizes = { dims: 256, features: 1024, batch: 192 }
const recipe = { learningRate: 1e-3, finalRate: 0.05, steps: 40, weightDecay: 0, renormalise: true }
const bandwidth = 0.05

/** Three steps; every state at the end. */
const trained = async (activation: Activation, threads: number) => {
  const engine = await makeOnnx({ device: "cpu", threads })
  const random = makeRandom("threads", "test")
  const program = trainingProgram(sizes, activation, recipe)
  const threshold = activation.type === "jumprelu" ? bandwidth : undefined
  const initial = initialise(random, new Float64Array(sizes.dims), sizes.features, threshold)
  const state = await createState(engine, program, initial)
  const step = await engine.compile(program)
  for (let i = 0; i < 3; i++) {
    const data = new Float32Array(sizes.batch * sizes.dims)
    random.fillGaussian(data)
    await step.run({ ...state, batch: { shape: [sizes.batch, sizes.dims], data } })
  }
  const states: { [name: string]: HostTensor } = {}
  for (const [name, handle] of Object.entries(state)) states[name] = await engine.read(handle)
  await engine.close()
  return states
}

it.each([
  { type: "topk", k: 16 },
  { type: "batchtopk", k: 16 },
  { type: "jumprelu", sparsity: 1e-3, bandwidth }
] as const)("$type autoencoder", async (activation) => {
  const one = await trained(activation, 1)
  expect(Object.keys(one)).toContain("decoder/m")
  for (const threads of [2, 3]) expect(await trained(activation, threads)).toEqual(one)
})
