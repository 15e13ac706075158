/** Whole trainings end to end on every backend that loads: the same losses as the reference. */
import { describe, expect, it } from "vitest"
import { openBackend } from "../../../compute/backends/open.ts"
import { makeReference } from "../../../compute/backends/reference/engine.ts"
import { makeTfjs } from "../../../compute/backends/tfjs/engine.ts"
import type { Engine, HostTensor } from "../../../compute/Engine.ts"
import { createState } from "../../../compute/Engine.ts"
import { gradient } from "../../../compute/program/gradient.ts"
import * as Op from "../../../compute/program/ops.ts"
import { adam } from "../../../compute/program/optimisers.ts"
import * as Program from "../../../compute/program/Program.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"
import type { Activation } from "../../../compute/sae/activation.ts"
import type { Auxiliary } from "../../../compute/sae/auxiliary.ts"
import { initialise } from "../../../compute/sae/initialise.ts"
import { trainingProgram } from "../../../compute/sae/trainingProgram.ts"

const backends: ReadonlyArray<readonly [name: string, open: () => Promise<Engine>]> = [
  ["onnx on cpu", () => openBackend({ backend: "onnx", device: "cpu" })],
  ["tfjs on cpu (wasm)", () => openBackend({ backend: "tfjs", device: "cpu" })],
  ["tfjs on cpu (plain)", () => makeTfjs("cpu")]
]

const gaussian = (name: string, shape: ReadonlyArray<number>): HostTensor => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
  makeRandom("training", name).fillGaussian(data)
  return { shape, data }
}

const sae = async (
  engine: Engine,
  activation: Activation,
  auxiliary?: Auxiliary
): Promise<ReadonlyArray<number>> => {
  const sizes = { dims: 12, features: 40, batch: 32 }
  const recipe = { learningRate: 5e-3, finalRate: 0.05, steps: 30, weightDecay: 0, renormalise: true }
  const program = trainingProgram(sizes, activation, recipe, auxiliary)
  const threshold = activation.type === "jumprelu" ? 0.3 : undefined
  const start = initialise(makeRandom("training", "sae"), new Float64Array(12), 40, threshold)
  const state = await createState(engine, program, start)
  const step = await engine.compile(program)
  const { loss } = await step.repeat(30, { ...state, batch: gaussian("batch", [32, 12]) })
  return Array.from(loss.data)
}

const contrastive = async (engine: Engine): Promise<ReadonlyArray<number>> => {
  const [n, d] = [24, 6]
  const parameters = {
    u: Op.state("u", [n, d]),
    v: Op.state("v", [n, d]),
    t: Op.state("t", []),
    b: Op.state("b", [])
  }
  const scores = Op.matmul(Op.normaliseRows(parameters.u), Op.normaliseRows(parameters.v), {
    transposeB: true
  })
  const z = Op.mul(Op.exp(parameters.t), Op.sub(scores, parameters.b))
  const labels = Op.constant(
    Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : -1)),
    [n, n]
  )
  const loss = Op.mean(Op.softplus(Op.neg(Op.mul(labels, z))))
  const updates = adam(parameters, gradient(loss, parameters), { learningRate: 0.05 })
  const program = Program.make("contrastive", { outputs: { loss }, updates })
  const state = await createState(engine, program, {
    u: gaussian("u", [n, d]),
    v: gaussian("v", [n, d]),
    t: { shape: [], data: Float32Array.of(Math.log(10)) }
  })
  const { loss: losses } = await (await engine.compile(program)).repeat(60, state)
  return Array.from(losses.data)
}

const trainings = [
  ["TopK autoencoder", (engine: Engine) => sae(engine, { type: "topk", k: 4 })],
  [
    "TopK autoencoder with an auxiliary loss",
    (engine: Engine) => sae(engine, { type: "topk", k: 4 }, { k: 6, weight: 1 / 32, after: 3 })
  ],
  ["BatchTopK autoencoder", (engine: Engine) => sae(engine, { type: "batchtopk", k: 4 })],
  [
    "JumpReLU autoencoder",
    (engine: Engine) => sae(engine, { type: "jumprelu", sparsity: 0.01, bandwidth: 0.1 })
  ],
  ["sigmoid contrastive loss", contrastive]
] as const

describe.each(trainings)("%s", (_name, train) => {
  it.each(backends)("has the reference's losses on %s", async (_backend, open) => {
    const expected = await train(await makeReference())
    const engine = await open()
    const got = await train(engine)
    await engine.close()
    expect(expected.at(-1)!).toBeLessThan(0.8 * expected[0]!)
    got.forEach((loss, i) => {
      const error = Math.abs(loss - expected[i]!) / expected[i]!
      if (!(error < 1e-4)) throw new Error(`loss ${i} is ${loss}, expected ${expected[i]} (${error})`)
    })
  })
})
