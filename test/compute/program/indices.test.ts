/** Indices out of range, negative, broken or missing are refused on every backend, whatever they come from; good ones are not. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeOnnx } from "../../../compute/backends/onnx/engine.ts"
import { kernelPlan } from "../../../compute/backends/onnx/plan.ts"
import { openBackend } from "../../../compute/backends/open.ts"
import type { Bindings, Engine, HostTensor } from "../../../compute/Engine.ts"
import * as Op from "../../../compute/program/ops.ts"
import * as Program from "../../../compute/program/Program.ts"
import type { Tensor } from "../../../compute/program/Tensor.ts"

const engines = {
  onnx: () => openBackend({ backend: "onnx", device: "cpu" }),
  "onnx without kernels": () => makeOnnx({ device: "cpu", kernels: false }),
  tfjs: () => openBackend({ backend: "tfjs", device: "cpu" }),
  reference: () => openBackend({ backend: "reference", device: "cpu" })
}

const [rows, k, d, n] = [3, 2, 4, 5]
const shape = [rows, k]
const good = [0, 4, 2, 1, 3, 0]
const filled = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => 1 + i / 8)
const given: { readonly [name: string]: HostTensor } = {
  values: { shape, data: filled(rows * k) },
  wide: { shape: [rows, n], data: filled(rows * n) },
  x: { shape: [rows, d], data: filled(rows * d) },
  weights: { shape: [n, d], data: filled(n * d) }
}
const leaf = (name: string): Tensor => Op.input(name, given[name]!.shape)

/** Every operation that follows indices, all of them below 5. */
const operations: { readonly [name: string]: (indices: Tensor) => Tensor } = {
  gatherRows: (indices) => Op.gatherRows(leaf("weights"), indices),
  scatterAddRows: (indices) => Op.scatterAddRows(indices, leaf("values"), n),
  takeAlong: (indices) => Op.takeAlong(leaf("wide"), indices),
  putAlong: (indices) => Op.putAlong(leaf("values"), indices, n),
  sparseMatmul: (indices) => Op.matmul(Op.putAlong(leaf("values"), indices, n), leaf("weights")),
  sampledDot: (indices) => Op.takeAlong(Op.matmul(leaf("x"), leaf("weights"), { transposeB: true }), indices),
  sparseOuter: (indices) =>
    Op.matmul(Op.putAlong(leaf("values"), indices, n), leaf("x"), { transposeA: true })
}

/** Where indices come from: the tensor, and what a run is given. */
const sources: {
  readonly [name: string]: (
    engine: Engine,
    entries: ReadonlyArray<number>
  ) => Promise<{ readonly indices: Tensor; readonly bindings: Bindings; readonly whole: boolean }>
} = {
  "an input": async (_engine, entries) => ({
    indices: Op.input("indices", shape, "int"),
    bindings: { indices: { shape, data: Float64Array.from(entries) } },
    whole: false
  }),
  "an input, reshaped": async (_engine, entries) => ({
    indices: Op.reshape(Op.input("indices", [rows * k], "int"), shape),
    bindings: { indices: { shape: [rows * k], data: Int32Array.from(entries) } },
    whole: true
  }),
  "a state": async (engine, entries) => ({
    indices: Op.state("indices", shape, "int"),
    bindings: { indices: await engine.upload({ shape, data: Float32Array.from(entries) }, "int") },
    whole: false
  }),
  "a constant": async (_engine, entries) => ({
    indices: Op.constant(entries, shape, "int"),
    bindings: {},
    whole: false
  }),
  "a computation": async (_engine, entries) => ({
    indices: Op.cast(Op.add(Op.input("indices", shape), 0), "int"),
    bindings: { indices: { shape, data: Float32Array.from(entries) } },
    whole: true
  }),
  "a computation, reshaped": async (_engine, entries) => ({
    indices: Op.reshape(Op.cast(Op.mul(Op.input("indices", [rows * k]), 1), "int"), shape),
    bindings: { indices: { shape: [rows * k], data: Float32Array.from(entries) } },
    whole: true
  })
}

describe.each(Object.entries(engines))("on %s", (_name, open) => {
  let engine: Engine
  let reference: Engine
  beforeAll(async () => {
    engine = await open()
    reference = await engines.reference()
  })
  afterAll(() => engine.close())

  const runWith = async (
    on: Engine,
    operation: (indices: Tensor) => Tensor,
    source: (typeof sources)[string],
    entries: ReadonlyArray<number>
  ) => {
    const { bindings, indices } = await source(on, entries)
    const program = Program.make("indices", { outputs: { value: operation(indices) } })
    const needed = Object.entries(given).filter(([name]) => program.inputs.has(name))
    return (await on.compile(program)).run({ ...bindings, ...Object.fromEntries(needed) })
  }

  describe.each(Object.entries(operations))("%s", (_operation, operation) => {
    it.each(Object.entries(sources))("from %s", async (_source, source) => {
      const { value } = await runWith(engine, operation, source, good)
      const want = (await runWith(reference, operation, source, good)).value
      value.data.forEach((x, i) => expect(x).toBeCloseTo(want.data[i]!, 4))
      const { whole } = await source(reference, good)
      for (const bad of [5, -1, 2 ** 30, ...(whole ? [] : [1.5, NaN, 2 ** 32])]) {
        const entries = good.with(3, bad)
        await expect(runWith(engine, operation, source, entries)).rejects.toThrow(
          /is (5|-1|1073741824|1\.5|NaN|4294967296) at (row (1, entry 1|3)|entry 3);/
        )
      }
    })
  })

  it("a state that was good is looked at again once it was replaced", async () => {
    const indices = Op.state("indices", [2], "int")
    const program = Program.make("replaced", { outputs: { value: Op.gatherRows(leaf("weights"), indices) } })
    const run = await engine.compile(program)
    const state = await engine.upload({ shape: [2], data: Int32Array.of(0, 4) }, "int")
    const bindings = { indices: state, weights: given.weights! }
    expect((await run.run(bindings)).value.shape).toEqual([2, d])
    await engine.write(state, { shape: [2], data: Int32Array.of(0, 5) })
    await expect(run.run(bindings)).rejects.toThrow("state 'indices' is 5 at row 1; gatherRows takes")
  })

  it("ints that no operation follows are whole numbers too", async () => {
    const counts = Op.input("counts", [2], "int")
    const run = await engine.compile(Program.make("counts", { outputs: { value: Op.cast(counts, "float") } }))
    expect(
      Array.from((await run.run({ counts: { shape: [2], data: Float32Array.of(-7, 3) } })).value.data)
    ).toEqual([-7, 3])
    await expect(run.run({ counts: { shape: [2], data: Float32Array.of(1, 0.5) } })).rejects.toThrow(
      "input 'counts' is 0.5 at entry 1; ints are whole numbers of 32 bits"
    )
  })

  it("a top-k of NaN still names places in range", async () => {
    const x = Op.input("x", [2, 6])
    const { indices, values } = Op.topk(x, 3)
    const program = Program.make("nan", {
      outputs: { places: Op.cast(indices, "float"), put: Op.putAlong(values, indices, 6) }
    })
    const data = Float32Array.of(NaN, 1, NaN, NaN, 2, NaN, NaN, NaN, NaN, NaN, NaN, NaN)
    const { places } = await (await engine.compile(program)).run({ x: { shape: [2, 6], data } })
    for (const place of places.data) expect(place >= 0 && place < 6).toBe(true)
  })
})

it("sparse products with widths of whole vectors are kernels, so the above is of kernels", () => {
  for (const name of ["sparseMatmul", "sampledDot"]) {
    const program = Program.make(name, { outputs: { value: operations[name]!(Op.input("i", shape, "int")) } })
    const steps = kernelPlan(program).flatMap((step) => (step.type === "kernels" ? step.steps : []))
    expect(steps.map(({ type }) => type)).toEqual([name])
  }
})
