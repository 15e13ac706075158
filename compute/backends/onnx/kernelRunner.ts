/**
 * Runs the kernel steps of one program, in room of its own that is kept between runs. Indices are in range: the engine has
 * looked at those that a run is given and those that sessions computed.
 */
import * as Calls from "../../kernels/calls.ts"
import type { Block, KernelPool } from "../../kernels/KernelPool.ts"
import type { SparseAdamMatch } from "../../kernels/adamPattern.ts"
import type { FusedKernel } from "../../kernels/fusion.ts"
import { chunkEntries, fuse } from "../../kernels/fusion.ts"
import type { Program } from "../../program/Program.ts"
import { sizeOf } from "../../program/Tensor.ts"
import { chainLength } from "./chain.ts"
import type { KernelStep, Step } from "./plan.ts"
import type { Values } from "./values.ts"
import { ordinary, share } from "./values.ts"

type AdamStep = Extract<KernelStep, { readonly type: "sparseAdam" }>
type FusedStep = Extract<KernelStep, { readonly type: "fused" }>
type ProductStep = Exclude<KernelStep, AdamStep | FusedStep>

/** Steps that run chunk by chunk together. */
type Chain = ReadonlyArray<ProductStep | FusedStep>

/** A kernel made for a group of element-wise instructions, and how its entries are cut. */
interface Fused {
  readonly made: FusedKernel
  readonly number: number
  readonly entriesAChunk: number
}

/** A call whose blocks are written; what it will have made, and sums as lanes a chunk. */
interface Prepared extends Calls.Call {
  readonly outputs: ReadonlyArray<readonly [place: number, block: Block]>
  readonly sums: ReadonlyArray<readonly [place: number, block: Block]>
}

export class KernelRunner {
  /** States that kernels update in place. */
  readonly updates = new Set<string>()
  /** Places of the arrays that kernels write. */
  readonly results: Array<number> = []
  private readonly pool: KernelPool
  private readonly program: Program
  private readonly rooms = new Map<string, Block>()
  private readonly fused = new Map<FusedStep, Fused>()
  /** What each list of steps comes down to, in order. */
  private readonly work = new Map<ReadonlyArray<KernelStep>, ReadonlyArray<AdamStep | Chain>>()
  private readonly sessionStates: ReadonlySet<string>

  /** @param sessionStates states that a session of the plan reads */
  constructor(
    pool: KernelPool,
    program: Program,
    plan: ReadonlyArray<Step>,
    sessionStates: ReadonlySet<string>
  ) {
    this.pool = pool
    this.program = program
    this.sessionStates = sessionStates
    for (const step of plan) if (step.type === "kernels") this.work.set(step.steps, this.workOf(step.steps))
  }

  private workOf(steps: ReadonlyArray<KernelStep>): ReadonlyArray<AdamStep | Chain> {
    const work: Array<AdamStep | Chain> = []
    for (let at = 0; at < steps.length;) {
      const step = steps[at]!
      const length = chainLength(this.program, steps, at)
      if (step.type === "sparseAdam") {
        for (const part of ["", "/m", "/v"]) this.updates.add(step.match.state + part)
        work.push(step)
      } else {
        const chain = steps.slice(at, at + length) as Chain
        for (const link of chain) {
          if (link.type === "fused") this.prepare(link, length > 1)
          else this.results.push(link.at)
        }
        work.push(chain)
      }
      at += length
    }
    return work
  }

  /** Makes the kernel of a group; in a chain its chunks are those of the products beside it. */
  private prepare(step: FusedStep, chained: boolean): void {
    const made = fuse(this.program, step.members, step.outputs)
    const rowLength = this.program.instructions[step.members[0]!]!.shape.at(-1)!
    const entriesAChunk = chained ? Calls.productRows * rowLength : chunkEntries
    this.fused.set(step, { made, number: this.pool.add(made.bytes), entriesAChunk })
    this.results.push(...made.outputs)
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

  async run(steps: ReadonlyArray<KernelStep>, values: Values): Promise<void> {
    // Entries by feature are shared by all updates that have the same indices.
    const bucketed = new Set<number>()
    // What a session will read of an updated state is copied while the next update has begun.
    let meanwhile: (() => void) | undefined
    for (const item of this.work.get(steps)!) {
      if ("type" in item) {
        const { state } = item.match
        const { link, chunks } = await this.adam(item.match, values, bucketed)
        await this.pool.run([link], chunks, meanwhile)
        for (const part of ["", "/m", "/v"]) values.held(state + part).data = undefined
        meanwhile = this.sessionStates.has(state) ? () => void ordinary(values.held(state)) : undefined
      } else await this.chain(item, values)
    }
  }

  private async chain(chain: Chain, values: Values): Promise<void> {
    const calls = chain.map((step) => {
      const call = step.type === "fused" ? this.elementwise(step, values) : this.product(step, values)
      for (const [at, block] of call.outputs) values.setShared(at, block)
      return call
    })
    const links = calls.map(({ link }) => link)
    await this.pool.run(links, calls[0]!.chunks)
    for (const [at, block] of calls.flatMap(({ sums }) => sums)) {
      values.set(at, Float32Array.of(this.pool.floats(block).reduce((sum, lane) => sum + lane, 0)))
    }
  }

  private elementwise(step: FusedStep, values: Values): Prepared {
    const { made, number, entriesAChunk } = this.fused.get(step)!
    const { pool } = this
    const chunks = Math.ceil(made.entries / entriesAChunk)
    const outputs = made.outputs.map((at) => [at, this.room(`value ${at}`, made.entries)] as const)
    const sums = made.sums.map((at) => [at, this.room(`sum ${at}`, 4 * chunks)] as const)
    const blocks = [
      ...made.arrays.map((at) => this.value(at, values)),
      ...[...outputs, ...sums].map(([, block]) => block)
    ]
    const room = this.room(`arguments ${number}`, 2 + blocks.length + made.scalars.length)
    const [integers, floats] = [pool.integers(room), pool.floats(room)]
    integers[0] = made.entries * 4
    integers[1] = entriesAChunk * 4
    blocks.forEach(({ address }, at) => (integers[2 + at] = address))
    made.scalars.forEach((at, i) => (floats[2 + blocks.length + i] = values.number(at)))
    return { link: { which: number, arguments: room }, chunks, outputs, sums }
  }

  private product({ at, type }: ProductStep, values: Values): Prepared {
    const { inputs, shape } = this.program.instructions[at]!
    const [a, b, c] = inputs.map((input) => this.value(input, values)) as [Block, Block, Block]
    const out = this.room(`value ${at}`, sizeOf(shape))
    const operandShape = this.program.instructions[inputs[0]!]!.shape as readonly [number, number]
    // The shapes are (values [rows, k], indices, weights) → [rows, d], and (x [rows, d], weights, indices) → [rows, k].
    const matmul = type === "sparseMatmul"
    const [indices, weights] = matmul ? [b, c] : [c, b]
    const [k, d] = matmul ? [operandShape[1], shape[1]!] : [shape[1]!, operandShape[1]]
    const call = Calls.sparseProduct(
      this.pool,
      this.room(`arguments of ${at}`, 64),
      type,
      { operand: a, indices, weights, out, inRange: true },
      { rows: operandShape[0], k, d }
    )
    return { ...call, outputs: [[at, out]], sums: [] }
  }

  private async adam(match: SparseAdamMatch, values: Values, bucketed: Set<number>): Promise<Calls.Call> {
    const { pool } = this
    const { features, dims: d, gradient, state } = match
    const room = this.room("arguments", 64)
    const [given, indices, x] = gradient.map((at) => this.value(at, values)) as [Block, Block, Block]
    const starts = this.room(`starts ${gradient[1]}`, features + 1)
    const entries = this.room(`entries ${gradient[1]}`, indices.length)
    if (!bucketed.has(gradient[1])) {
      const { link, chunks } = Calls.buckets(
        pool,
        room,
        { indices, starts, entries, inRange: true },
        features
      )
      await pool.run([link], chunks)
      bucketed.add(gradient[1])
    }
    const held = ["", "/m", "/v"].map((part) => values.held(state + part))
    const [w, m, v] = held.map((each) => share(each, pool)) as [Block, Block, Block]
    const scratch = this.room(`scratch ${d}`, Calls.adamScratch(features, d))
    return Calls.sparseAdam(
      pool,
      room,
      { values: given, x, starts, entries, w, m, v, scratch, inRange: true },
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
  }

  dispose(): void {
    for (const block of this.rooms.values()) this.pool.release(block)
    this.rooms.clear()
  }
}
