/**
 * Values at run time. The engine reads ordinary typed arrays in place, kernels read shared memory; a value is copied from
 * one to the other when somebody asks for it there, and not before.
 */
import type { Binding, Bindings, Handle, HostTensor } from "../../Engine.ts"
import { floats, integers, isHandle } from "../../Engine.ts"
import type { Block, KernelPool } from "../../kernels/KernelPool.ts"
import type { Program } from "../../program/Program.ts"
import type { DType, Shape } from "../../program/Tensor.ts"
import { sizeOf } from "../../program/Tensor.ts"

/** Entries of a value: float32, int32, or one byte for a bool. */
export type Entries = Float32Array | Int32Array | Uint8Array

/** A state. Once `shared` is there it holds the entries; `data` is then a copy, and undefined where it is out of date. */
export interface Held extends Handle {
  data: Entries | undefined
  shared: { readonly pool: KernelPool; readonly block: Block; readonly copy: Float32Array } | undefined
}

export const entriesOf = (data: HostTensor["data"], dtype: DType): Entries =>
  dtype === "float"
    ? floats(data)
    : dtype === "int"
      ? integers(data)
      : Uint8Array.from(data, (x) => Number(x !== 0))

/** What leaves the backend: bools as 0 and 1. */
export const hostOf = (shape: Shape, data: Entries): HostTensor => ({
  shape,
  data: data instanceof Uint8Array ? Int32Array.from(data) : data
})

export const tensorTypes = { float: "float32", int: "int32", bool: "bool" } as const

/** A state's entries as an array the engine can read. */
export const ordinary = (held: Held): Entries => {
  if (held.data === undefined) {
    const { pool, block, copy } = held.shared!
    copy.set(pool.floats(block))
    held.data = copy
  }
  return held.data
}

/** Moves a float state into shared memory, for good. */
export const share = (held: Held, pool: KernelPool): Block => {
  if (held.shared === undefined) {
    const block = pool.allocate(sizeOf(held.shape))
    pool.floats(block).set(held.data as Float32Array)
    held.shared = { pool, block, copy: new Float32Array(block.length) }
  }
  return held.shared.block
}

/** The values of one run, by place. */
export class Values {
  private readonly arrays = new Map<number, Entries>()
  private readonly blocks = new Map<number, Block>()
  private readonly program: Program
  private readonly bindings: Bindings
  private readonly pool: KernelPool | undefined

  /** Arrays kept between runs, for what kernels hand to the engine and nobody else sees. */
  private readonly staging: Map<number, Float32Array>

  constructor(
    program: Program,
    bindings: Bindings,
    pool: KernelPool | undefined,
    staging: Map<number, Float32Array>
  ) {
    this.staging = staging
    this.program = program
    this.bindings = bindings
    this.pool = pool
  }

  private binding(at: number): Binding | undefined {
    const { op } = this.program.instructions[at]!
    return op.kind === "input" || op.kind === "state" ? this.bindings[op.name] : undefined
  }

  /** The state at a place, or of a name. */
  held(of: number | string): Held {
    return (typeof of === "string" ? this.bindings[of] : this.binding(of)) as Held
  }

  set(at: number, data: Entries): void {
    this.arrays.set(at, data)
  }

  /** A kernel has written the value at `at` to this block. */
  setShared(at: number, block: Block): void {
    this.blocks.set(at, block)
  }

  /** The value as an array the engine can read. */
  ordinary(at: number): Entries {
    const known = this.arrays.get(at)
    if (known !== undefined) return known
    const data = this.read(at)
    this.arrays.set(at, data)
    return data
  }

  private read(at: number): Entries {
    const block = this.blocks.get(at)
    if (block !== undefined) {
      const stage = this.staging.get(at)
      if (stage === undefined) return this.pool!.floats(block).slice()
      stage.set(this.pool!.floats(block))
      return stage
    }
    const { op, dtype, shape } = this.program.instructions[at]!
    if (op.kind === "constant")
      return entriesOf(
        Float64Array.from({ length: sizeOf(shape) }, (_, i) => op.data[i]!),
        dtype
      )
    const binding = this.binding(at)!
    if (typeof binding === "number") return entriesOf(Float64Array.of(binding), dtype)
    return isHandle(binding) ? ordinary(binding as Held) : entriesOf(binding.data, dtype)
  }

  /** The value in shared memory; `room` is where to put a copy of it if it is not there yet. */
  shared(at: number, room: () => Block): Block {
    const known = this.blocks.get(at)
    if (known !== undefined) return known
    const binding = this.binding(at)
    if (binding !== undefined && typeof binding === "object" && isHandle(binding)) {
      const held = binding as Held
      if (held.shared !== undefined || held.dtype === "float") return share(held, this.pool!)
    }
    const block = room()
    const data = this.ordinary(at)
    if (data instanceof Float32Array) this.pool!.floats(block).set(data)
    else this.pool!.integers(block).set(data)
    this.blocks.set(at, block)
    return block
  }

  number(at: number): number {
    return this.ordinary(at)[0]!
  }

  /** Gives a state the value at `at`. */
  replaceState(held: Held, at: number): void {
    const data = this.ordinary(at)
    held.data = data
    if (held.shared !== undefined) held.shared.pool.floats(held.shared.block).set(data)
  }
}
