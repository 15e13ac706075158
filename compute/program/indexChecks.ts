/**
 * Indices are checked before an engine or a kernel follows them: what engines do with one that is out of range differs
 * (an error, zero, another row, memory that belongs to something else). Constants are checked when a program is compiled,
 * inputs and states at every run, indices that a program computes when they are there; those of a top-k are in range.
 */
import type { Instruction, Program } from "./Program.ts"
import type { Shape } from "./Tensor.ts"
import { ProgramError, sizeOf } from "./Tensor.ts"

/** Entries of an array of indices, in a backend's own type. */
export type Entries = ArrayLike<number>

/** What indices must stay below, and the operation that follows them. */
export interface Bound {
  readonly op: string
  readonly size: number
}

/** Where a program's indices come from: the tightest bound by leaf, and by place of computed ones. */
export interface IndexUses {
  readonly leaves: ReadonlyMap<string, Bound>
  readonly computed: ReadonlyMap<number, Bound>
  /** Places of operands that hold computed indices, as they are or moved about. */
  readonly unsure: ReadonlySet<number>
}

/** Where an instruction has its indices among its inputs, and what they must stay below; none where it has none. */
export const indexOperand = (
  { op, inputs }: Instruction,
  shapeOf: (at: number) => Shape
): { readonly at: number; readonly size: number } | undefined => {
  const [a, b, c] = inputs as readonly [number, number, number]
  switch (op.kind) {
    case "gatherRows":
      return { at: b, size: shapeOf(a)[0]! }
    case "scatterAddRows":
      return { at: a, size: op.rows }
    case "takeAlong":
      return { at: b, size: shapeOf(a).at(-1)! }
    case "putAlong":
      return { at: b, size: op.size }
    case "sparseMatmul":
      return { at: b, size: shapeOf(c)[0]! }
    case "sampledDot":
      return { at: c, size: shapeOf(b)[0]! }
    case "sparseOuter":
      return { at: b, size: op.rows }
    default:
      return undefined
  }
}

/** The first entry that is no whole number from 0 to below `size`, or −1. */
const firstWrong = (entries: Entries, size: number): number => {
  if (entries instanceof Int32Array) {
    // As an unsigned number a negative one is too large.
    for (let at = 0; at < entries.length; at++) if (entries[at]! >>> 0 >= size) return at
    return -1
  }
  for (let at = 0; at < entries.length; at++) {
    const value = entries[at]!
    if (!(value >= 0 && value < size && Number.isInteger(value))) return at
  }
  return -1
}

/** Throws a ProgramError that names the first entry which is no whole number from 0 to below the bound. */
export const checkEntries = (
  who: string,
  what: string,
  entries: Entries,
  shape: Shape,
  { op, size }: Bound
): void => {
  const at = firstWrong(entries, size)
  if (at < 0) return
  const width = sizeOf(shape.slice(1))
  const place = width === 1 ? `row ${at}` : `row ${Math.floor(at / width)}, entry ${at % width}`
  throw new ProgramError(
    who,
    `${what} is ${entries[at]} at ${place}; ${op} takes whole numbers from 0 to ${size - 1}`
  )
}

const known = new WeakMap<Program, IndexUses>()

/** The indices of a program, found once. Throws a ProgramError where constant ones are out of range. */
export const indexUses = (program: Program): IndexUses => {
  const found = known.get(program) ?? find(program)
  known.set(program, found)
  return found
}

const find = ({ name, instructions }: Program): IndexUses => {
  const leaves = new Map<string, Bound>()
  const computed = new Map<number, Bound>()
  const unsure = new Set<number>()
  const tighten = <Key>(bounds: Map<Key, Bound>, key: Key, bound: Bound): void => {
    const before = bounds.get(key)
    if (before === undefined || bound.size < before.size) bounds.set(key, bound)
  }
  /** Whether any of the entries at a place are computed. */
  const trace = (at: number, bound: Bound): boolean => {
    const { op, inputs, shape } = instructions[at]!
    switch (op.kind) {
      case "constant":
        checkEntries(name, "a constant index", op.data, shape, bound)
        return false
      case "input":
      case "state":
        tighten(leaves, op.name, bound)
        return false
      // The same entries, all of them.
      case "reshape":
      case "transpose":
      case "broadcast":
      case "stopGradient":
      case "concat":
        return inputs.map((input) => trace(input, bound)).includes(true)
      case "topkIndices":
        if (instructions[inputs[0]!]!.shape.at(-1)! <= bound.size) return false
    }
    tighten(computed, at, bound)
    return true
  }
  for (const instruction of instructions) {
    const operand = indexOperand(instruction, (at) => instructions[at]!.shape)
    if (operand === undefined) continue
    if (trace(operand.at, { op: instruction.op.kind, size: operand.size })) unsure.add(operand.at)
  }
  return { leaves, computed, unsure }
}

/** Checks what a program computed at `at`, if other instructions take it as indices. */
export const checkComputed = (program: Program, at: number, entries: () => Entries): void => {
  const bound = indexUses(program).computed.get(at)
  if (bound !== undefined) {
    checkEntries(program.name, "a computed index", entries(), program.instructions[at]!.shape, bound)
  }
}
