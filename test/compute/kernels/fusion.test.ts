/** Fused kernels against the reference: every operation they know, in both tails, with sums and with comparisons. */
import { describe, expect, it } from "vitest"
import { makeOnnx } from "../../../compute/backends/onnx/engine.ts"
import { kernelPlan } from "../../../compute/backends/onnx/plan.ts"
import { makeReference } from "../../../compute/backends/reference/engine.ts"
import type { HostTensor } from "../../../compute/Engine.ts"
import { gradient } from "../../../compute/program/gradient.ts"
import * as Op from "../../../compute/program/ops.ts"
import * as Program from "../../../compute/program/Program.ts"
import type { Shape } from "../../../compute/program/Tensor.ts"
import { sizeOf } from "../../../compute/program/Tensor.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

// Rows do not divide a kernel's chunk of entries.
const shape = [260, 500]

const drawn = (name: string, low: number, high: number, itsShape: Shape = shape): HostTensor => {
  const data = new Float32Array(sizeOf(itsShape))
  makeRandom("fusion", name).fillUniform(data, low, high)
  return { shape: itsShape, data }
}

const programs = {
  "every operation": () => {
    const [x, y] = [Op.input("x", shape), Op.input("y", shape)]
    const s = Op.input("s", [])
    const outputs = {
      exp: Op.exp(x),
      softplus: Op.softplus(Op.mul(x, s)),
      sigmoid: Op.sigmoid(Op.sub(x, y)),
      where: Op.where(Op.greater(x, y), Op.neg(x), Op.sqrt(Op.abs(y))),
      bounded: Op.minimum(Op.maximum(x, -2), Op.relu(y)),
      quotient: Op.div(x, Op.add(Op.abs(y), 1)),
      total: Op.sum(Op.mul(x, y)),
      share: Op.div(x, Op.sum(Op.exp(Op.mul(y, 0.1))))
    }
    return Program.make("every operation", { outputs })
  },
  "rows repeated down a matrix": () => {
    const [x, y, row] = [Op.input("x", shape), Op.input("y", shape), Op.input("row", [500])]
    const centred = Op.sub(Op.mul(x, y), row)
    const scaled = Op.mul(Op.reshape(row, [1, 500]), Op.sigmoid(Op.mul(centred, 0.5)))
    return Program.make("rows", { outputs: { scaled, spread: Op.mean(Op.square(Op.sub(centred, scaled))) } })
  },
  "a logistic loss and its gradients": () => {
    const [x, y, t] = [Op.input("x", shape), Op.input("y", shape), Op.input("s", [])]
    const loss = Op.mean(Op.softplus(Op.neg(Op.mul(y, Op.mul(t, x)))))
    return Program.make("logistic", { outputs: { loss, ...gradient(loss, { x, t }) } })
  }
}

describe("fused element-wise kernels", () => {
  it.each(Object.entries(programs))("%s", async (_name, build) => {
    const program = build()
    const fused = kernelPlan(program).flatMap((step) => (step.type === "kernels" ? step.steps : []))
    expect(fused.some(({ type }) => type === "fused")).toBe(true)
    const given = { x: drawn("x", -30, 30), y: drawn("y", -3, 3), row: drawn("row", -2, 2, [500]), s: 2.5 }
    const inputs = Object.fromEntries(Object.entries(given).filter(([name]) => program.inputs.has(name)))
    const reference = await (await (await makeReference()).compile(program as Program.Program)).run(inputs)
    const runs = []
    for (const threads of [1, 2, 4]) {
      const engine = await makeOnnx({ device: "cpu", threads })
      runs.push(await (await engine.compile(program as Program.Program)).run(inputs))
      await engine.close()
    }
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).toEqual(runs[0])
    for (const [name, { data }] of Object.entries(reference)) {
      const got = runs[0]![name]!.data
      data.forEach((want, i) => {
        // Relative, down to the smallest normal float.
        const error = Math.abs(got[i]! - want) / Math.max(1e-36, Math.abs(want))
        if (!(error < (data.length === 1 ? 1e-4 : 1e-5)))
          throw new Error(`${name}[${i}] is ${got[i]}, expected ${want}`)
      })
    }
  })
})
