/** A run of instructions as one engine session: what it reads from outside, and what others need of it. */
import type * as Ort from "onnxruntime-node"
import type { Program } from "../../program/Program.ts"
import { lower } from "./lower.ts"
import { lowerReducedProduct, onlyReduced } from "./reducedProduct.ts"
import { ModelBuilder } from "./model.ts"
import type { Runtime } from "./runtime.ts"

export interface Segment {
  /** Places whose values must be fed. */
  readonly reads: ReadonlyArray<number>
  /** Places whose values come out. */
  readonly writes: ReadonlyArray<number>
  readonly session: Ort.InferenceSession
}

/** The name of an instruction's value in every session. */
export const valueName = (at: number): string => `v${at}`

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
  const blocked = onlyReduced(program, inside, new Set(writes))
  for (const at of members) {
    if (blocked.has(at)) continue
    const product = blocked.has(program.instructions[at]!.inputs[0]!)
    names.set(
      at,
      product
        ? lowerReducedProduct(model, program.instructions, at, nameOf)
        : lower(model, program.instructions, at, nameOf, topkValues)
    )
  }
  for (const at of writes) {
    const { shape, dtype } = program.instructions[at]!
    model.node("Identity", [nameOf(at)], {}, `${valueName(at)}o`)
    model.output(`${valueName(at)}o`, shape, dtype)
  }
  return { reads: [...reads], writes, session: await runtime.session(model.build(program.name)) }
}
