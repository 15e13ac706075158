/**
 * A tensor is a node of an immutable graph: an operation, the tensors it reads, and the shape and type of its value.
 *
 * Building a tensor computes nothing. Its shape is checked at once, and a mistake names the operation. Tensors are
 * collected into a `Program`, which a backend runs.
 */

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = ReadonlyArray<number>

/** float is the backend's own precision: float32, or float64 in the reference backend. int is 32 bits wide. */
export type DType = "float" | "int" | "bool"

export type UnaryName =
  "abs" | "cos" | "exp" | "log" | "neg" | "relu" | "sigmoid" | "softplus" | "sqrt" | "tanh"

export type BinaryName = "add" | "div" | "maximum" | "minimum" | "mul" | "sub"

export type CompareName = "equal" | "greater" | "greaterEqual" | "less" | "lessEqual"

/** What a node does. Attributes only: what it reads is in `Tensor.inputs`. */
export type Op =
  /** A value given at every run. */
  | { readonly kind: "input"; readonly name: string }
  /** A value that stays in the backend between runs. */
  | { readonly kind: "state"; readonly name: string }
  /** `data` holds the entries, row-major. */
  | { readonly kind: "constant"; readonly data: ReadonlyArray<number> | Float64Array }
  | { readonly kind: "unary"; readonly name: UnaryName }
  /** Both sides broadcast. */
  | { readonly kind: "binary"; readonly name: BinaryName }
  | { readonly kind: "compare"; readonly name: CompareName }
  /** (condition, then, otherwise), all three broadcast. */
  | { readonly kind: "where" }
  /** (…, m, k) × (…, k, n); leading axes broadcast. */
  | { readonly kind: "matmul"; readonly transposeA: boolean; readonly transposeB: boolean }
  /** Axes rising; reduced axes are kept with size 1. */
  | { readonly kind: "reduce"; readonly name: "sum" | "max" | "min"; readonly axes: ReadonlyArray<number> }
  | { readonly kind: "reshape" }
  | { readonly kind: "transpose"; readonly permutation: ReadonlyArray<number> }
  | { readonly kind: "broadcast" }
  | { readonly kind: "concat"; readonly axis: number }
  | { readonly kind: "slice"; readonly axis: number; readonly start: number; readonly end: number }
  | { readonly kind: "cast" }
  /** The value, with no gradient. */
  | { readonly kind: "stopGradient" }
  /** (rows [n, …], indices) → indices.shape ++ rows.shape[1:]. */
  | { readonly kind: "gatherRows" }
  /** (indices, updates: indices.shape ++ rest) → [rows, …rest]: zero, plus every update in its row. */
  | { readonly kind: "scatterAddRows"; readonly rows: number }
  /** (x […, n], indices […, k]) → […, k]: entries of the last axis. */
  | { readonly kind: "takeAlong" }
  /** (values […, k], indices […, k]) → […, size]: zero, plus every value at its place in the last axis. */
  | { readonly kind: "putAlong"; readonly size: number }
  /** Places of the k largest entries of the last axis, largest first, lower place first among equals. */
  | { readonly kind: "topkIndices"; readonly k: number }
  /** Made by the optimiser: (values [B, k], indices [B, k], weights [n, d]) → [B, d]: Σ_j values_j · weights[indices_j]. */
  | { readonly kind: "sparseMatmul" }
  /** Made by the optimiser: (x [B, d], weights [n, d], indices [B, k]) → [B, k]: ⟨x_b, weights[indices_bj]⟩. */
  | { readonly kind: "sampledDot" }
  /** Made by the optimiser: (values [B, k], indices [B, k], x [B, d]) → [rows, d]: Σ_bj values_bj · x_b in row indices_bj. */
  | { readonly kind: "sparseOuter"; readonly rows: number }

export interface Tensor {
  readonly op: Op
  readonly inputs: ReadonlyArray<Tensor>
  readonly shape: Shape
  readonly dtype: DType
}

/** The name of an input or state, which is the same one wherever it is mentioned. */
export const leafOf = ({ op }: Tensor): string | undefined =>
  op.kind === "input" || op.kind === "state" ? op.name : undefined

/** A mistake in a tensor program: wrong shapes or types, named by the operation that was being built. */
export class ProgramError extends Error {
  override readonly name = "ProgramError"
  readonly op: string
  constructor(op: string, detail: string) {
    super(`${op}: ${detail}`)
    this.op = op
  }
}

export const show = (shape: Shape): string => `[${shape.join(", ")}]`

export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

export const node = (op: Op, inputs: ReadonlyArray<Tensor>, shape: Shape, dtype: DType): Tensor => ({
  op,
  inputs,
  shape,
  dtype
})

/** The shape two operands broadcast to (axes are matched from the last; size 1 stretches). */
export const broadcastShapes = (op: string, a: Shape, b: Shape): Shape => {
  const rank = Math.max(a.length, b.length)
  const out: Array<number> = []
  for (let axis = 0; axis < rank; axis++) {
    const x = a[axis - rank + a.length] ?? 1
    const y = b[axis - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new ProgramError(op, `shapes ${show(a)} and ${show(b)} do not broadcast`)
    }
    out.push(x === 1 ? y : x)
  }
  return out
}

/** Turns a possibly negative axis into one from 0 to rank − 1. */
export const axisOf = (op: string, axis: number, shape: Shape): number => {
  const positive = axis < 0 ? axis + shape.length : axis
  if (!Number.isInteger(axis) || positive < 0 || positive >= shape.length) {
    throw new ProgramError(op, `axis ${axis} is not an axis of ${show(shape)}`)
  }
  return positive
}

/** Refuses an operand of another type. */
export const expectType = (op: string, tensor: Tensor, dtype: DType, what = "operand"): void => {
  if (tensor.dtype !== dtype)
    throw new ProgramError(op, `the ${what} is ${tensor.dtype}, expected ${dtype}; cast it`)
}

/** Refuses a shape with a size that is not a whole number ≥ 1. */
export const expectShape = (op: string, shape: Shape): Shape => {
  if (!shape.every((size) => Number.isInteger(size) && size >= 1)) {
    throw new ProgramError(op, `${show(shape)} is not a shape: every size must be a whole number ≥ 1`)
  }
  return shape
}
