/**
 * A program: tensors gathered into one straight list of instructions, with named outputs (small values that come out of
 * every run) and updates (values that replace a state).
 *
 * Making a program drops what no output or update needs, merges equal sub-expressions, folds scalar constants, and
 * rewrites products with one-hot sparse operands into sparse ones (`rewrites.ts`).
 */
import { topological } from "./gradient.ts"
import { rewrite } from "./rewrites.ts"
import type { DType, Op, Shape, Tensor } from "./Tensor.ts"
import { leafOf, ProgramError, sameShape, show } from "./Tensor.ts"

/** One operation on earlier values: `inputs` are places in `Program.instructions`. */
export interface Instruction {
  readonly op: Op
  readonly inputs: ReadonlyArray<number>
  readonly shape: Shape
  readonly dtype: DType
}

export interface Leaf {
  readonly shape: Shape
  readonly dtype: DType
  /** Its place in `Program.instructions`. */
  readonly at: number
}

/** See the module comment. The type parameters are the names of the outputs and of the states. */
export interface Program<out Outputs extends string = string, out States extends string = string> {
  readonly name: string
  readonly instructions: ReadonlyArray<Instruction>
  readonly inputs: ReadonlyMap<string, Leaf>
  readonly states: ReadonlyMap<string, Leaf>
  /** Place of the instruction that each output reports. */
  readonly outputs: ReadonlyMap<string, number>
  /** State → place of the instruction whose value replaces it after the run. */
  readonly updates: ReadonlyMap<string, number>
  readonly "~outputs"?: Outputs
  readonly "~states"?: States
}

/** Two leaves of one name must be one leaf. */
const checkLeaves = (tensors: ReadonlyArray<Tensor>): void => {
  const seen = new Map<string, Tensor>()
  for (const tensor of tensors) {
    const name = leafOf(tensor)
    if (name === undefined) continue
    const before = seen.get(name)
    const same =
      before === undefined ||
      (before.op.kind === tensor.op.kind &&
        before.dtype === tensor.dtype &&
        sameShape(before.shape, tensor.shape))
    if (!same) {
      throw new ProgramError(
        `${tensor.op.kind} '${name}'`,
        `is declared twice, as ${before.op.kind} ${before.dtype} ${show(before.shape)} and as ${tensor.op.kind} ${tensor.dtype} ${show(tensor.shape)}`
      )
    }
    seen.set(name, tensor)
  }
}

/** Collects outputs and updates into a program. `updates` replaces each named state after the run. */
export const make = <
  const Outputs extends { readonly [name: string]: Tensor } = {},
  const Updates extends { readonly [state: string]: Tensor } = {}
>(
  name: string,
  results: { readonly outputs?: Outputs; readonly updates?: Updates }
): Program<keyof Outputs & string, keyof Updates & string> => {
  const outputs = Object.entries(results.outputs ?? {}) as Array<[string, Tensor]>
  const updates = Object.entries(results.updates ?? {}) as Array<[string, Tensor]>
  const declared = topological([...outputs, ...updates].map(([, tensor]) => tensor))
  checkLeaves(declared)
  const { instructions, place } = rewrite(
    declared,
    [...outputs, ...updates].map(([, tensor]) => tensor)
  )
  const inputs = new Map<string, Leaf>()
  const states = new Map<string, Leaf>()
  instructions.forEach(({ op, shape, dtype }, at) => {
    if (op.kind === "input") inputs.set(op.name, { shape, dtype, at })
    if (op.kind === "state") states.set(op.name, { shape, dtype, at })
  })
  const updated = new Map<string, number>()
  for (const [state, tensor] of updates) {
    const leaf = states.get(state)
    const shape = leaf?.shape ?? tensor.shape
    if (!sameShape(shape, tensor.shape) || (leaf !== undefined && leaf.dtype !== tensor.dtype)) {
      throw new ProgramError(
        `update of '${state}'`,
        `is ${tensor.dtype} ${show(tensor.shape)}, but the state is ${leaf?.dtype} ${show(shape)}`
      )
    }
    updated.set(state, place(tensor))
  }
  return {
    name,
    instructions,
    inputs,
    states,
    outputs: new Map(outputs.map(([output, tensor]) => [output, place(tensor)])),
    updates: updated
  }
}
