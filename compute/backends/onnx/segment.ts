/** A run of instructions as one engine session: what it reads from outside, and what others need of it. */
import type * as Ort from "onnxruntime-node"
import type { Program } from "../../program/Program.ts"
import { readersOf } from "../../program/readers.ts"
import { indexOperand, indexUses } from "../../program/indexChecks.ts"
import { biasedProducts } from "./biasedProduct.ts"
import { lower, lowerProduct } from "./lower.ts"
import { lowerReducedProduct, onlyReduced } from "./reducedProduct.ts"
import { ModelBuilder } from "./model.ts"
import type { Runtime } from "./runtime.ts"

export interface Segment {
  /** Places whose values must be fed. */
  readonly reads: ReadonlyArray<number>
  /** Places whose values come out, by their names. */
  readonly writes: ReadonlyMap<number, string>
  readonly session: Ort.InferenceSession
}

/** The name by which a session is given an instruction's value. */
export const valueName = (at: number): string => `v${at}`

/**
 * The names of an instruction's inputs, where indices that the program computes are held in range: what an engine does with
 * others depends on the device. They are checked as they are once the session has ended, and then its results do not count.
 */
const bounded = (
  model: ModelBuilder,
  program: Program,
  at: number,
  nameOf: (at: number) => string
): ((at: number) => string) => {
  const { instructions } = program
  const operand = indexOperand(instructions[at]!, (input) => instructions[input]!.shape)
  if (operand === undefined || !indexUses(program).unsure.has(operand.at)) return nameOf
  return (input) => {
    const name = nameOf(input)
    if (input !== operand.at) return name
    const least = model.node("Max", [name, model.constant([0], [], "int")])
    return model.node("Min", [least, model.constant([operand.size - 1], [], "int")])
  }
}

/** Builds a session that computes the instructions `members` and hands out the values at `writes`. */
export const makeSegment = async (
  runtime: Runtime,
  program: Program,
  members: ReadonlyArray<number>,
  writes: ReadonlyArray<number>
): Promise<Segment> => {
  const model = new ModelBuilder()
  const inside = new Set(members)
  const reads = new Set<number>()
  const names = new Map<number, string>()
  const topkValues = new Map<number, { readonly of: number; readonly values: string }>()
  const nameOf = (at: number): string => {
    if (!inside.has(at) && !reads.has(at)) {
      const { op, shape, dtype } = program.instructions[at]!
      if (op.kind === "constant") return model.constant(op.data, shape, dtype)
      reads.add(at)
      model.input(valueName(at), shape, dtype)
      names.set(at, valueName(at))
    }
    return names.get(at)!
  }
  const leaving = new Set(writes)
  const readers = readersOf(program.instructions)
  /** The one instruction that reads a value, where the value and the reader are of this session only. */
  const soleReader = (at: number): number | undefined => {
    const [reader, ...others] = readers[at]!
    const alone = reader !== undefined && others.length === 0 && inside.has(reader) && !leaving.has(at)
    return alone ? reader : undefined
  }
  const blocked = onlyReduced(program, inside, soleReader)
  const biased = biasedProducts(program, inside, soleReader)
  for (const at of members) {
    if (blocked.has(at) || names.has(at)) continue
    const bias = biased.get(at)
    if (bias !== undefined) {
      names.set(bias.sum, lowerProduct(model, program.instructions[at]!, nameOf, bias.row))
      continue
    }
    const product = blocked.has(program.instructions[at]!.inputs[0]!)
    const named = bounded(model, program, at, nameOf)
    names.set(
      at,
      product
        ? lowerReducedProduct(model, program.instructions, at, nameOf)
        : lower(model, program.instructions, at, named, topkValues)
    )
  }
  // A value comes out under its own name; a copy is made only of what has that name elsewhere: a leaf, or another output.
  const outputs = new Map<number, string>()
  const taken = new Set([...reads].map(valueName))
  for (const at of writes) {
    const { op, shape, dtype } = program.instructions[at]!
    const own = nameOf(at)
    const name = op.kind === "constant" || taken.has(own) ? model.node("Identity", [own]) : own
    taken.add(name)
    outputs.set(at, name)
    model.output(name, shape, dtype)
  }
  return { reads: [...reads], writes: outputs, session: await runtime.session(model.build(program.name)) }
}
