/**
 * Element-wise instructions of one shape, and the sums of their values, as one pass over memory: a WebAssembly SIMD kernel
 * made for the group when a program is compiled. What an engine would do in one pass an instruction costs one load an
 * input and one store an output.
 *
 * Exponentials: e^x = 2^n·e^r with |r| ≤ ln2/2 and a polynomial, about 2 units in the last place. log1p(u) for u in [0, 1] is
 * 2·artanh(u/(2 + u)) by its series. Sums: float32 lanes within a chunk (16,384 entries, or rows that a chain of kernels
 * shares), then float64 over the chunks in order, so that the result does not depend on the number of threads.
 */
import type { Instruction, Program } from "../program/Program.ts"
import type { Shape, UnaryName } from "../program/Tensor.ts"
import { sizeOf } from "../program/Tensor.ts"
import type { Simd } from "./wasmModule.ts"
import { FunctionBuilder } from "./wasmModule.ts"

/** Entries a chunk has, where nothing else decides it. */
export const chunkEntries = 16_384

const unaries: ReadonlySet<UnaryName> = new Set(["abs", "exp", "neg", "relu", "sigmoid", "softplus", "sqrt"])

const isElementwise = ({ op }: Instruction): boolean =>
  op.kind === "binary" || op.kind === "where" || (op.kind === "unary" && unaries.has(op.name))

const isSum = ({ op, shape }: Instruction): boolean =>
  op.kind === "reduce" && op.name === "sum" && sizeOf(shape) === 1

/** Whether a value is one row [n] that is repeated down a matrix [m, n]. */
const isRow = (row: Shape, matrix: Shape): boolean =>
  matrix.length === 2 && row.at(-1) === matrix[1] && sizeOf(row) === matrix[1] && matrix[1] % 4 === 0

/**
 * The instructions worth fusing: many of one large shape. Comparisons join where only fused ones read them, rows that are
 * repeated down a matrix where the other operand comes from a kernel.
 */
export const fusible = (program: Program, taken: ReadonlySet<number>): ReadonlySet<number> => {
  const { instructions } = program
  const chosen = new Set<number>()
  const full = (at: number, size: number): boolean => {
    const own = sizeOf(instructions[at]!.shape)
    return own === size || own === 1
  }
  const operandsFit = ({ op, shape, inputs }: Instruction, size: number): boolean => {
    const read = op.kind === "where" ? inputs.slice(1) : inputs
    const rows = read.filter((at) => !full(at, size))
    if (rows.length === 0) return true
    const made = read.some((at) => full(at, size) && (chosen.has(at) || taken.has(at)))
    return made && rows.every((at) => isRow(instructions[at]!.shape, shape))
  }
  instructions.forEach((instruction, at) => {
    const size = sizeOf(instruction.shape)
    const large = size >= 1 << 16 && size % 4 === 0
    if (taken.has(at) || instruction.dtype !== "float") return
    if (isSum(instruction)) {
      if (chosen.has(instruction.inputs[0]!)) chosen.add(at)
    } else if (large && isElementwise(instruction) && operandsFit(instruction, size)) {
      if (instruction.op.kind === "where") {
        const condition = instructions[instruction.inputs[0]!]!
        const simple = condition.op.kind === "compare" && sizeOf(condition.shape) === size
        if (
          !simple ||
          !condition.inputs.every((input) => full(input, size) && instructions[input]!.dtype === "float")
        )
          return
      }
      chosen.add(at)
    }
  })
  const counts = new Map<number, number>()
  const sizeFor = (at: number): number =>
    sizeOf(instructions[isSum(instructions[at]!) ? instructions[at]!.inputs[0]! : at]!.shape)
  for (const at of chosen) counts.set(sizeFor(at), (counts.get(sizeFor(at)) ?? 0) + 1)
  return new Set([...chosen].filter((at) => counts.get(sizeFor(at))! >= 6))
}

/** A kernel for one group, and what to put in its argument block. */
export interface FusedKernel {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly entries: number
  /** In the block's order: values read in full or as a row, values written in full, sums (one partial a chunk), numbers. */
  readonly arrays: ReadonlyArray<number>
  readonly outputs: ReadonlyArray<number>
  readonly sums: ReadonlyArray<number>
  readonly scalars: ReadonlyArray<number>
}

/** Where a word of the argument block is, in bytes. */
const word = (at: number): number => 4 * at

/** Makes the kernel of `members` (in order), of which `outputs` are needed outside. */
export const fuse = (
  program: Program,
  members: ReadonlyArray<number>,
  needed: ReadonlySet<number>
): FusedKernel => {
  const { instructions } = program
  const inside = new Set(members)
  const sums = members.filter((at) => isSum(instructions[at]!))
  const plain = members.filter((at) => !isSum(instructions[at]!))
  const outputs = plain.filter((at) => needed.has(at))
  const entries = sizeOf(instructions[plain[0]!]!.shape)
  const arrays: Array<number> = []
  const scalars: Array<number> = []
  const scan = (at: number): void => {
    if (inside.has(at)) return
    const { op, shape, inputs } = instructions[at]!
    if (op.kind === "compare" && sizeOf(shape) === entries) inputs.forEach(scan)
    else if (sizeOf(shape) === 1) {
      if (op.kind !== "constant" && !scalars.includes(at)) scalars.push(at)
    } else if (!arrays.includes(at)) arrays.push(at)
  }
  for (const at of members) instructions[at]!.inputs.forEach(scan)

  const f = new FunctionBuilder()
  const [position, end] = [f.local("i32"), f.local("i32")]
  const pointers = new Map<number, number>()
  const values = new Map<number, number>()
  // Where repeated rows are read, by their length in bytes.
  const offsets = new Map<number, number>()
  const bytesOf = (at: number): number => 4 * sizeOf(instructions[at]!.shape)
  let next = 2
  // Bytes of all and of a chunk come first. position = chunk · size; end = min(position + size, all)
  f.get(1).get(0).loadInteger(word(1)).integer("mul").set(position)
  f.get(position).get(0).loadInteger(word(1)).integer("add").set(end)
  f.get(end)
    .get(0)
    .loadInteger(word(0))
    .get(end)
    .get(0)
    .loadInteger(word(0))
    .integer("lt_u")
    .integer("select")
    .set(end)
  for (const at of [...arrays, ...outputs, ...sums]) {
    const pointer = f.local("i32")
    f.get(0).loadInteger(word(next)).set(pointer)
    pointers.set(at, pointer)
    next += 1
  }
  for (const at of scalars) {
    const value = f.local("v128")
    f.get(0).loadSplat(word(next)).set(value)
    values.set(at, value)
    next += 1
  }
  for (const bytes of new Set(arrays.map(bytesOf))) {
    if (bytes === 4 * entries) continue
    const offset = f.local("i32")
    f.get(position).i32(bytes).integer("rem_u").set(offset)
    offsets.set(bytes, offset)
  }
  const accumulators = new Map(sums.map((at) => [at, f.local("v128")]))
  const emit = new Emitter(f, program, values)
  f.whileBelow(position, end, () => {
    for (const at of arrays) {
      const value = f.local("v128")
      f.get(pointers.get(at)!)
        .get(offsets.get(bytesOf(at)) ?? position)
        .integer("add")
        .load()
        .set(value)
      values.set(at, value)
    }
    for (const at of members) {
      const accumulator = accumulators.get(at)
      if (accumulator === undefined) emit.instruction(at)
      else {
        f.get(accumulator)
        emit.push(instructions[at]!.inputs[0]!)
        f.op("f32x4_add").set(accumulator)
      }
    }
    for (const at of outputs) {
      f.get(pointers.get(at)!).get(position).integer("add").get(values.get(at)!).store()
    }
    f.get(position).i32(16).integer("add").set(position)
    for (const [bytes, offset] of offsets) {
      f.get(offset).i32(16).integer("add").set(offset)
      f.get(offset).i32(0).get(offset).i32(bytes).integer("lt_u").integer("select").set(offset)
    }
  })
  // Four lanes a chunk; the caller adds them up.
  for (const [at, accumulator] of accumulators) {
    f.get(pointers.get(at)!).get(1).i32(16).integer("mul").integer("add").get(accumulator).store()
  }
  return { bytes: f.build(), entries, arrays, outputs, sums, scalars }
}

const compares: { readonly [name: string]: Simd } = {
  equal: "f32x4_eq",
  greater: "f32x4_gt",
  greaterEqual: "f32x4_ge",
  less: "f32x4_lt",
  lessEqual: "f32x4_le"
}

const binaries: { readonly [name: string]: Simd } = {
  add: "f32x4_add",
  sub: "f32x4_sub",
  mul: "f32x4_mul",
  div: "f32x4_div",
  maximum: "f32x4_max",
  minimum: "f32x4_min"
}

/** Emits the code of single instructions; every value has a local. */
class Emitter {
  private readonly f: FunctionBuilder
  private readonly program: Program
  private readonly values: Map<number, number>
  /** e^−|x| by x, shared by sigmoid and softplus. */
  private readonly decays = new Map<number, number>()

  constructor(f: FunctionBuilder, program: Program, values: Map<number, number>) {
    this.f = f
    this.program = program
    this.values = values
  }

  /** Pushes a value: a local, a constant, or a comparison made on the spot. */
  push(at: number): void {
    const local = this.values.get(at)
    const { op, inputs } = this.program.instructions[at]!
    if (local !== undefined) this.f.get(local)
    else if (op.kind === "constant") this.f.floats(op.data[0]!)
    else if (op.kind === "compare") {
      inputs.forEach((input) => this.push(input))
      this.f.op(compares[op.name]!)
    } else throw new Error(`no value for instruction ${at}`)
  }

  private kept(): number {
    const local = this.f.local("v128")
    this.f.set(local)
    return local
  }

  instruction(at: number): void {
    const { op, inputs } = this.program.instructions[at]!
    const { f } = this
    if (op.kind === "binary") {
      inputs.forEach((input) => this.push(input))
      f.op(binaries[op.name]!)
    } else if (op.kind === "where") {
      this.push(inputs[1]!)
      this.push(inputs[2]!)
      this.push(inputs[0]!)
      f.op("bitselect")
    } else if (op.kind === "unary") this.unary(op.name, inputs[0]!)
    this.values.set(at, this.kept())
  }

  private unary(name: UnaryName, x: number): void {
    const { f } = this
    switch (name) {
      case "abs":
      case "neg":
      case "sqrt":
        this.push(x)
        f.op(`f32x4_${name}`)
        return
      case "relu":
        this.push(x)
        f.floats(0).op("f32x4_max")
        return
      case "exp": {
        this.push(x)
        const value = this.kept()
        this.exponential(value)
        // Past the range of float32 on both sides.
        const inRange = this.kept()
        f.floats(Number.POSITIVE_INFINITY)
          .get(inRange)
          .get(value)
          .floats(88.72)
          .op("f32x4_gt")
          .op("bitselect")
        const notInfinite = this.kept()
        f.floats(0).get(notInfinite).get(value).floats(-87.33).op("f32x4_lt").op("bitselect")
        return
      }
      case "sigmoid": {
        const decay = this.decay(x)
        f.floats(1).get(decay).floats(1).op("f32x4_add").op("f32x4_div")
        const above = this.kept()
        f.get(above).get(decay).get(above).op("f32x4_mul")
        this.push(x)
        f.floats(0).op("f32x4_ge").op("bitselect")
        return
      }
      case "softplus": {
        const decay = this.decay(x)
        f.get(decay).get(decay).floats(2).op("f32x4_add").op("f32x4_div")
        const t = this.kept()
        f.get(t).get(t).op("f32x4_mul")
        const square = this.kept()
        f.floats(2 / 13)
        for (const odd of [11, 9, 7, 5, 3, 1])
          f.get(square)
            .floats(2 / odd)
            .op("f32x4_relaxed_madd")
        f.get(t).op("f32x4_mul")
        this.push(x)
        f.floats(0).op("f32x4_max").op("f32x4_add")
        return
      }
      default:
        throw new Error(`${name} is not fused`)
    }
  }

  /** e^−|x|, 0 below the range of float32. */
  private decay(x: number): number {
    const known = this.decays.get(x)
    if (known !== undefined) return known
    const { f } = this
    this.push(x)
    f.op("f32x4_abs").op("f32x4_neg")
    const value = this.kept()
    this.exponential(value)
    f.get(value).floats(-87.33).op("f32x4_ge").op("and")
    const local = this.kept()
    this.decays.set(x, local)
    return local
  }

  /** Pushes e^x of a local, for x clamped to what float32 can hold. */
  private exponential(local: number): void {
    const { f } = this
    f.get(local).floats(-87.33).op("f32x4_max").floats(88.72).op("f32x4_min")
    const x = this.kept()
    f.get(x).floats(Math.LOG2E).op("f32x4_mul").op("f32x4_nearest")
    const n = this.kept()
    f.get(n).floats(-2.1219444e-4)
    f.get(n).floats(0.693359375).get(x).op("f32x4_relaxed_nmadd")
    f.op("f32x4_relaxed_nmadd")
    const r = this.kept()
    f.floats(1.98756915e-4)
    for (const c of [1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]) {
      f.get(r).floats(c).op("f32x4_relaxed_madd")
    }
    f.get(r).get(r).op("f32x4_mul").get(r).op("f32x4_relaxed_madd").floats(1).op("f32x4_add")
    // 2^n as two factors, because n may be 128: 2^(n−1) · 2.
    f.get(n).op("i32x4_trunc").integers(126).op("i32x4_add").i32(23).op("i32x4_shl").op("f32x4_mul")
    f.floats(2).op("f32x4_mul")
  }
}
