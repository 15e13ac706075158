/** Reductions: sum, mean, max, min over axes, and what is built from them. */
import { add, div, exp, log, mul, sqrt, square, stopGradient, sub } from "./arithmetic.ts"
import { reshape } from "./layout.ts"
import { maximum } from "./arithmetic.ts"
import type { Tensor } from "./Tensor.ts"
import { axisOf, expectType, node, ProgramError } from "./Tensor.ts"

export interface Over {
  /** Axes to reduce; negative ones count from the last. All of them by default. */
  readonly axes?: ReadonlyArray<number>
  /** Keep the reduced axes with size 1; default false. */
  readonly keepDims?: boolean
}

const axesOf = (op: string, x: Tensor, over: Over): ReadonlyArray<number> => {
  const axes = (over.axes ?? x.shape.map((_, axis) => axis)).map((axis) => axisOf(op, axis, x.shape))
  if (new Set(axes).size !== axes.length)
    throw new ProgramError(op, `an axis is named twice: ${axes.join(", ")}`)
  return axes.sort((a, b) => a - b)
}

const reduce =
  (name: "sum" | "max" | "min") =>
  (x: Tensor, over: Over = {}): Tensor => {
    expectType(name, x, "float")
    const axes = axesOf(name, x, over)
    const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    const reduced = axes.every((axis) => x.shape[axis] === 1)
      ? x
      : node({ kind: "reduce", name, axes }, [x], kept, "float")
    return over.keepDims === true
      ? reduced
      : reshape(
          reduced,
          x.shape.filter((_, axis) => !axes.includes(axis))
        )
  }

export const sum = reduce("sum")
/** Largest entry; the gradient is shared equally by equal entries. */
export const max = reduce("max")
export const min = reduce("min")

export const mean = (x: Tensor, over: Over = {}): Tensor => {
  const count = axesOf("mean", x, over).reduce((product, axis) => product * x.shape[axis]!, 1)
  return mul(sum(x, over), 1 / count)
}

/** log Σ e^x, shifted by the largest entry. */
export const logSumExp = (x: Tensor, over: Over = {}): Tensor => {
  const top = stopGradient(max(x, { ...over, keepDims: true }))
  const total = add(log(sum(exp(sub(x, top)), { ...over, keepDims: true })), top)
  return over.keepDims === true
    ? total
    : reshape(
        total,
        x.shape.filter((_, axis) => !axesOf("logSumExp", x, over).includes(axis))
      )
}

/** Euclidean norms of the rows (last axis, kept with size 1); never less than `epsilon`, so that its gradient is finite. */
export const rowNorms = (x: Tensor, epsilon = 1e-12): Tensor =>
  sqrt(maximum(sum(square(x), { axes: [-1], keepDims: true }), epsilon * epsilon))

/** Rows (last axis) divided by their Euclidean norms; a row shorter than `epsilon` is divided by `epsilon`. */
export const normaliseRows = (x: Tensor, epsilon = 1e-12): Tensor => div(x, rowNorms(x, epsilon))
