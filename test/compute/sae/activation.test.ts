/** What BatchTopK keeps where values tie. */
import { describe, expect, it } from "vitest"
import { openBackend } from "../../../compute/backends/open.ts"
import { makeReference } from "../../../compute/backends/reference/engine.ts"
import { makeTfjs } from "../../../compute/backends/tfjs/engine.ts"
import type { Engine } from "../../../compute/Engine.ts"
import { createState } from "../../../compute/Engine.ts"
import { trainingProgram } from "../../../compute/sae/trainingProgram.ts"

const backends: ReadonlyArray<readonly [name: string, open: () => Promise<Engine>]> = [
  ["reference", makeReference],
  ["onnx", () => openBackend({ backend: "onnx", device: "cpu" })],
  ["tfjs (wasm)", () => openBackend({ backend: "tfjs", device: "cpu" })],
  ["tfjs (plain)", () => makeTfjs("cpu")]
]

const sizes = { dims: 3, features: 20, batch: 7 }
const recipe = { learningRate: 1e-2, finalRate: 0.1, steps: 5, weightDecay: 0, renormalise: true }

/** How often features were active in one step, where every activation is the feature's bias. */
const fire = async (engine: Engine, bias: Float32Array, k: number): Promise<ReadonlyArray<number>> => {
  const program = trainingProgram(sizes, { type: "batchtopk", k }, recipe)
  const state = await createState(engine, program, {
    encoderBias: { shape: [sizes.features], data: bias },
    decoder: { shape: [sizes.features, sizes.dims], data: new Float32Array(60).fill(0.5) }
  })
  const step = await engine.compile(program)
  await step.run({ ...state, batch: { shape: [7, 3], data: new Float32Array(21).fill(1) } })
  const { data } = await engine.read(state.fired!)
  await engine.close()
  return Array.from(data)
}

const total = (counts: ReadonlyArray<number>): number => counts.reduce((sum, n) => sum + n, 0)

describe.each(backends)("BatchTopK on %s", (_, open) => {
  it("keeps k·B where all activations are equal", async () => {
    expect(total(await fire(await open(), new Float32Array(20).fill(0.25), 4))).toBe(28)
  })

  it("keeps k·B where the smallest kept value ties with others", async () => {
    // Feature 0 is in all rows (7 entries); of 19 · 7 equal ones, 7 more.
    const counts = await fire(await open(), new Float32Array(20).fill(0.25).fill(2, 0, 1), 2)
    expect(counts[0]).toBe(7)
    expect(total(counts)).toBe(14)
  })

  it("keeps what is positive where that is fewer: zeros are not active", async () => {
    const counts = await fire(await open(), new Float32Array(20).fill(-1).fill(2, 0, 1).fill(0, 1, 5), 4)
    expect(counts.slice(0, 2)).toEqual([7, 0])
    expect(total(counts)).toBe(7)
  })
})
