/** Runs the kernel steps of one program, in room of its own that is kept between runs. */
import * as Calls from "../../kernels/calls.ts"
import type { Block, KernelPool } from "../../kernels/KernelPool.ts"
import type { SparseAdamMatch } from "../../kernels/adamPattern.ts"
import type { FusedKernel } from "../../kernels/fusion.ts"
import { chunkEntries, fuse } from "../../kernels/fusion.ts"
import type { Program } from "../../program/Program.ts"
import { sizeOf } from "../../program/Tensor.ts"
import type { KernelStep, Step } from "./plan.ts"
import type { Values } from "./values.ts"
import { share } from "./values.ts"

export class KernelRunner {
  /** States that kernels update in place. */
  readonly updates = new Set<string>()
  /** Places of the arrays that kernels write. */
  readonly results: Array<number> = []
  private readonly pool: KernelPool
  private readonly program: Program
  private readonly rooms = new Map<string, Block>()
  private readonly fused = new Map<KernelStep, { readonly made: FusedKernel; readonly number: number }>()

  constructor(pool: KernelPool, program: Program, plan: ReadonlyArray<Step>) {
    this.pool = pool
    this.program = program
    for (const step of plan) {
      if (step.type !== "kernels") continue
      for (const kernel of step.steps) {
        if (kernel.type === "sparseAdam") {
          for (const part of ["", "/m", "/v"]) this.updates.add(kernel.match.state + part)
        } else if (kernel.type === "fused") {
          const made = fuse(program, kernel.members, kernel.outputs)
          this.fused.set(kernel, { made, number: pool.add(made.bytes) })
          this.results.push(...made.outputs)
        } else this.results.push(kernel.at)
      }
    }
  }

  private room(name: string, length: number): Block {
    const known = this.rooms.get(name)
    if (known !== undefined) return known
    const block = this.pool.allocate(length)
    this.rooms.set(name, block)
    return block
  }

  /** The value of an instruction in shared memory. */
  private value(at: number, values: Values): Block {
    return values.shared(at, () => this.room(`value ${at}`, sizeOf(this.program.instructions[at]!.shape)))
  }

  run(steps: ReadonlyArray<KernelStep>, values: Values): void {
    // Entries by feature are shared by all updates that have the same indices.
    const bucketed = new Set<number>()
    for (const step of steps) {
      if (step.type === "sparseAdam") this.adam(step.match, values, bucketed)
      else if (step.type === "fused") this.elementwise(step, values)
      else this.product(step.type, step.at, values)
    }
  }

  private elementwise(step: KernelStep, values: Values): void {
    const { made, number } = this.fused.get(step)!
    const { pool } = this
    const chunks = Math.ceil(made.entries / chunkEntries)
    const outputs = made.outputs.map((at) => [at, this.room(`value ${at}`, made.entries)] as const)
    const sums = made.sums.map((at) => [at, this.room(`sum ${at}`, 4 * chunks)] as const)
    const blocks = [
      ...made.arrays.map((at) => this.value(at, values)),
      ...[...outputs, ...sums].map(([, block]) => block)
    ]
    const room = this.room(`arguments ${number}`, 2 + blocks.length + made.scalars.length)
    const [integers, floats] = [pool.integers(room), pool.floats(room)]
    integers[0] = made.entries * 4
    blocks.forEach(({ address }, at) => (integers[2 + at] = address))
    made.scalars.forEach((at, i) => (floats[2 + blocks.length + i] = values.number(at)))
    pool.run(number, room, chunks)
    for (const [at, block] of outputs) values.setShared(at, block)
    for (const [at, block] of sums) {
      values.set(at, Float32Array.of(pool.floats(block).reduce((sum, lane) => sum + lane, 0)))
    }
  }

  private product(type: "sparseMatmul" | "sampledDot", at: number, values: Values): void {
    const { inputs, shape } = this.program.instructions[at]!
    const [a, b, c] = inputs.map((input) => this.value(input, values)) as [Block, Block, Block]
    const out = this.room(`value ${at}`, sizeOf(shape))
    const operandShape = this.program.instructions[inputs[0]!]!.shape as readonly [number, number]
    // The shapes are (values [rows, k], indices, weights) → [rows, d], and (x [rows, d], weights, indices) → [rows, k].
    const matmul = type === "sparseMatmul"
    const [indices, weights] = matmul ? [b, c] : [c, b]
    const [k, d] = matmul ? [operandShape[1], shape[1]!] : [shape[1]!, operandShape[1]]
    const room = this.room("arguments", 64)
    Calls.sparseProduct(
      this.pool,
      room,
      type,
      { operand: a, indices, weights, out },
      { rows: operandShape[0], k, d }
    )
    values.setShared(at, out)
  }

  private adam(match: SparseAdamMatch, values: Values, bucketed: Set<number>): void {
    const { pool } = this
    const { features, dims: d, gradient, state } = match
    const room = this.room("arguments", 64)
    const [given, indices, x] = gradient.map((at) => this.value(at, values)) as [Block, Block, Block]
    const starts = this.room(`starts ${gradient[1]}`, features + 1)
    const entries = this.room(`entries ${gradient[1]}`, indices.length)
    if (!bucketed.has(gradient[1])) {
      Calls.buckets(pool, room, { indices, starts, entries }, features)
      bucketed.add(gradient[1])
    }
    const held = ["", "/m", "/v"].map((part) => values.held(state + part))
    const [w, m, v] = held.map((each) => share(each, pool)) as [Block, Block, Block]
    const scratch = this.room(`scratch ${d}`, Calls.adamScratch(features, d))
    Calls.sparseAdam(
      pool,
      room,
      { values: given, x, starts, entries, w, m, v, scratch },
      { features, k: this.program.instructions[gradient[0]]!.shape[1]!, d },
      {
        beta1: match.beta1,
        beta2: match.beta2,
        epsilon: match.epsilon,
        rate: values.number(match.rate),
        root: values.number(match.root),
        decay: match.decay === undefined ? 1 : values.number(match.decay),
        floor: match.floor
      }
    )
    for (const each of held) each.data = undefined
  }

  dispose(): void {
    for (const block of this.rooms.values()) this.pool.release(block)
    this.rooms.clear()
  }
}
