import { describe, expect, it } from "vitest"
import { makeReference } from "../../../compute/backends/reference/engine.ts"
import { createState, numberOf } from "../../../compute/Engine.ts"
import { gradient } from "../../../compute/program/gradient.ts"
import * as Op from "../../../compute/program/ops.ts"
import { adam, cosineSchedule, finishedSteps } from "../../../compute/program/optimisers.ts"
import * as Program from "../../../compute/program/Program.ts"

const kinds = (program: Program.Program): Array<string> =>
  program.instructions.map(({ op }) =>
    "name" in op && op.kind !== "input" && op.kind !== "state" ? op.name : op.kind
  )

describe("shapes are checked when the graph is built, and the message names the operation", () => {
  const a = Op.state("a", [2, 3])
  const b = Op.state("b", [4, 5])
  it.each([
    ["matmul: inner sizes differ: [2, 3] × [4, 5] (3 and 4)", () => Op.matmul(a, b)],
    ["matmul: inner sizes differ: [2, 3]ᵀ × [4, 5] (2 and 4)", () => Op.matmul(a, b, { transposeA: true })],
    ["add: shapes [2, 3] and [4, 5] do not broadcast", () => Op.add(a, b)],
    ["sum: axis 2 is not an axis of [2, 3]", () => Op.sum(a, { axes: [2] })],
    ["reshape: [2, 3] has other entries than [5]", () => Op.reshape(a, [5])],
    ["topk: cannot keep 4 entries of the last axis of [2, 3]", () => Op.topk(a, 4)],
    ["gatherRows: the index is float, expected int; cast it", () => Op.gatherRows(a, b)],
    ["concat: float [4, 5] does not join float [2, 3] along axis 0", () => Op.concat([a, b], 0)],
    ["slice: 1 to 4 is not inside axis 1 of [2, 3]", () => Op.slice(a, 1, 1, 4)],
    ["where: the condition is float, expected bool; cast it", () => Op.where(a, a, a)],
    [
      "state 'a': is declared twice",
      () => Program.make("p", { outputs: { x: Op.add(a, Op.state("a", [3])) } })
    ],
    [
      "update of 'a': is float [4, 5], but the state is float [2, 3]",
      () => Program.make("p", { outputs: { x: a }, updates: { a: b } })
    ]
  ])("%s", (message, build) => {
    expect(build).toThrow(message)
  })
})

describe("gradients", () => {
  it("know a state by its name, however often it is mentioned", async () => {
    // The parameter is not the tensor that the loss was made of, nor the only mention of it there.
    const loss = Op.sum(Op.mul(Op.exp(Op.state("w", [3])), Op.state("w", [3])))
    const { w } = gradient(loss, { w: Op.state("w", [3]) })
    const engine = await makeReference()
    const state = await engine.upload({ shape: [3], data: Float64Array.of(-1, 0, 2) })
    const { slope } = await (
      await engine.compile(Program.make("p", { outputs: { slope: w } }))
    ).run({ w: state })
    const want = [-1, 0, 2].map((x) => Math.exp(x) * (x + 1))
    slope.data.forEach((x, i) => expect(x).toBeCloseTo(want[i]!, 12))
  })
})

describe("the optimiser", () => {
  it("shares common sub-expressions, also across mirrored operands", () => {
    const [x, y] = [Op.state("x", [2, 2]), Op.state("y", [2, 2])]
    const program = Program.make("p", {
      outputs: { u: Op.exp(Op.mul(x, y)), v: Op.neg(Op.exp(Op.mul(y, x))) }
    })
    expect(kinds(program).sort()).toEqual(["exp", "mul", "neg", "state", "state"])
  })

  it("reads a stretched number as the number", () => {
    const x = Op.state("x", [2, 3])
    const program = Program.make("p", {
      outputs: { y: Op.mul(x, Op.broadcastTo(Op.state("s", []), [2, 3])) }
    })
    expect(kinds(program).sort()).toEqual(["mul", "state", "state"])
  })

  it("sums the left side of a product before multiplying, also behind a sign and a transpose", async () => {
    const [x, y, z] = [Op.input("x", [7, 3]), Op.input("y", [3, 4]), Op.input("z", [3, 7])]
    const outputs = {
      plain: Op.sum(Op.neg(Op.matmul(x, y)), { axes: [0] }),
      transposed: Op.sum(Op.matmul(z, y, { transposeA: true }), { axes: [0] })
    }
    const program = Program.make("p", { outputs })
    const products = program.instructions.filter(({ op }) => op.kind === "matmul")
    expect(products.map(({ shape }) => shape)).toEqual([
      [1, 4],
      [1, 4]
    ])
    const entries = (count: number) => Float64Array.from({ length: count }, (_, i) => Math.sin(i + count))
    const given = { x: entries(21), y: entries(12), z: entries(21) }
    const run = await (await makeReference()).compile(program)
    const got = await run.run({
      x: { shape: [7, 3], data: given.x },
      y: { shape: [3, 4], data: given.y },
      z: { shape: [3, 7], data: given.z }
    })
    for (let column = 0; column < 4; column++) {
      let [plain, transposed] = [0, 0]
      for (let row = 0; row < 7; row++) {
        for (let inner = 0; inner < 3; inner++) {
          plain -= given.x[row * 3 + inner]! * given.y[inner * 4 + column]!
          transposed += given.z[inner * 7 + row]! * given.y[inner * 4 + column]!
        }
      }
      expect(got.plain.data[column]).toBeCloseTo(plain, 12)
      expect(got.transposed.data[column]).toBeCloseTo(transposed, 12)
    }
  })

  it("drops what no output or update needs", () => {
    const x = Op.state("x", [2])
    Op.exp(x)
    const program = Program.make("p", { outputs: { y: Op.mul(Op.add(x, 0), 1) } })
    expect(kinds(program)).toEqual(["state"])
  })

  it("turns products with kept entries into sparse ones, forwards and backwards", () => {
    const [x, encoder, decoder] = [Op.input("x", [8, 5]), Op.state("e", [16, 5]), Op.state("d", [16, 5])]
    const { values, indices } = Op.topk(
      Op.add(Op.matmul(x, encoder, { transposeB: true }), Op.state("b", [16])),
      3
    )
    const decoded = Op.matmul(Op.putAlong(Op.relu(values), indices, 16), decoder)
    const loss = Op.mean(Op.square(Op.sub(decoded, x)))
    const program = Program.make("p", { outputs: { loss, ...gradient(loss, { e: encoder, d: decoder }) } })
    const found = kinds(program)
    expect(found.filter((kind) => kind === "matmul")).toHaveLength(1)
    expect(found).toContain("sparseMatmul")
    expect(found).toContain("sampledDot")
    expect(found.filter((kind) => kind === "sparseOuter")).toHaveLength(2)
    expect(found).not.toContain("putAlong")
  })
})

describe("a training step is one program", () => {
  it("Adam with a schedule follows PyTorch", async () => {
    // torch 1.13: w = [1, -2], loss = ((w - [3, 1]) ** 2).sum(), AdamW(lr=0.1, weight_decay=0.01), cosine over 10 steps;
    // five steps: test/compute/program/adam.py prints these.
    const engine = await makeReference()
    const w = Op.state("w", [2])
    const loss = Op.sum(Op.square(Op.sub(w, Op.constant([3, 1]))))
    const learningRate = cosineSchedule(finishedSteps(), { peak: 0.1, total: 10, final: 0.05 })
    const updates = adam({ w }, gradient(loss, { w }), { learningRate, weightDecay: 0.01 })
    const program = Program.make("adam", { outputs: { loss }, updates })
    const state = await createState(engine, program, { w: { shape: [2], data: Float64Array.of(1, -2) } })
    const step = await engine.compile(program)
    const losses: Array<number> = []
    for (let i = 0; i < 5; i++) losses.push(numberOf((await step.run(state)).loss))
    const ended = await engine.read(state.w!)
    expect(losses.map((x) => x.toFixed(6))).toEqual([
      "13.000000",
      "12.012205",
      "11.088447",
      "10.265516",
      "9.567870"
    ])
    expect(Array.from(ended.data).map((x) => x.toFixed(6))).toEqual(["1.428991", "-1.557165"])
  })

  it("repeat stacks what single runs would return", async () => {
    const engine = await makeReference()
    const w = Op.state("w", [])
    const program = Program.make("halve", { outputs: { w }, updates: { w: Op.mul(w, 0.5) } })
    const state = await createState(engine, program, { w: { shape: [], data: Float64Array.of(8) } })
    const run = await engine.compile(program)
    const { w: series } = await run.repeat(4, state)
    expect(series.shape).toEqual([4])
    expect(Array.from(series.data)).toEqual([8, 4, 2, 1])
  })

  it("a state that is not given is named", async () => {
    const engine = await makeReference()
    const run = await engine.compile(Program.make("p", { outputs: { x: Op.state("x", [2]) } }))
    await expect(run.run({})).rejects.toThrow("p: state 'x' [2] is not given")
    await expect(run.run({ x: 1 })).rejects.toThrow("p: state 'x' is [], expected [2]")
  })
})
