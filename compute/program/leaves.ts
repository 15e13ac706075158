/** Where values come into a tensor program: inputs given at every run, state kept in the backend, constants. */
import type { DType, Shape, Tensor } from "./Tensor.ts"
import { expectShape, node, ProgramError, show, sizeOf } from "./Tensor.ts"

/** A value given at every run, by name. */
export const input = (name: string, shape: Shape, dtype: DType = "float"): Tensor =>
  node({ kind: "input", name }, [], expectShape(`input '${name}'`, shape), dtype)

/** A value that stays in the backend between runs: a weight, an optimiser moment, a step counter. */
export const state = (name: string, shape: Shape, dtype: DType = "float"): Tensor =>
  node({ kind: "state", name }, [], expectShape(`state '${name}'`, shape), dtype)

/** Fixed entries, row-major. */
export const constant = (
  data: ArrayLike<number>,
  shape: Shape = [data.length],
  dtype: DType = "float"
): Tensor => {
  if (data.length !== sizeOf(shape)) {
    throw new ProgramError("constant", `${data.length} entries do not fill ${show(shape)}`)
  }
  return node({ kind: "constant", data: Float64Array.from(data) }, [], expectShape("constant", shape), dtype)
}

export const scalar = (value: number): Tensor => node({ kind: "constant", data: [value] }, [], [], "float")

/** A tensor, or a number that stands for a scalar. */
export type Operand = Tensor | number

export const lift = (operand: Operand): Tensor => (typeof operand === "number" ? scalar(operand) : operand)
