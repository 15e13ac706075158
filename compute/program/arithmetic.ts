/** Element-wise operations. Two operands broadcast; a plain number stands for a scalar. */
import type { Operand } from "./leaves.ts"
import { lift } from "./leaves.ts"
import type { BinaryName, CompareName, DType, Tensor, UnaryName } from "./Tensor.ts"
import { broadcastShapes, expectType, node, ProgramError } from "./Tensor.ts"

const unary =
  (name: UnaryName) =>
  (x: Operand): Tensor => {
    const operand = lift(x)
    expectType(name, operand, "float")
    return node({ kind: "unary", name }, [operand], operand.shape, "float")
  }

export const abs = unary("abs")
export const cos = unary("cos")
export const exp = unary("exp")
export const log = unary("log")
export const neg = unary("neg")
/** max(x, 0) */
export const relu = unary("relu")
/** 1 / (1 + e^−x) */
export const sigmoid = unary("sigmoid")
/** log(1 + e^x), computed as max(x, 0) + log1p(e^−|x|): exact for large |x|. */
export const softplus = unary("softplus")
export const sqrt = unary("sqrt")
export const tanh = unary("tanh")

const binary =
  (name: BinaryName) =>
  (a: Operand, b: Operand): Tensor => {
    const [x, y] = [lift(a), lift(b)]
    expectType(name, x, "float", "first operand")
    expectType(name, y, "float", "second operand")
    return node({ kind: "binary", name }, [x, y], broadcastShapes(name, x.shape, y.shape), "float")
  }

export const add = binary("add")
export const div = binary("div")
export const maximum = binary("maximum")
export const minimum = binary("minimum")
export const mul = binary("mul")
export const sub = binary("sub")

const compare =
  (name: CompareName) =>
  (a: Operand, b: Operand): Tensor => {
    const [x, y] = [lift(a), lift(b)]
    if (x.dtype === "bool" || y.dtype !== x.dtype) {
      throw new ProgramError(name, `cannot compare ${x.dtype} with ${y.dtype}; cast one of them`)
    }
    return node({ kind: "compare", name }, [x, y], broadcastShapes(name, x.shape, y.shape), "bool")
  }

export const equal = compare("equal")
export const greater = compare("greater")
export const greaterEqual = compare("greaterEqual")
export const less = compare("less")
export const lessEqual = compare("lessEqual")

/** `then` where the condition holds, `otherwise` elsewhere; all three broadcast. */
export const where = (condition: Tensor, then: Operand, otherwise: Operand): Tensor => {
  const [x, y] = [lift(then), lift(otherwise)]
  expectType("where", condition, "bool", "condition")
  if (x.dtype !== y.dtype) throw new ProgramError("where", `branches are ${x.dtype} and ${y.dtype}`)
  const shape = broadcastShapes("where", condition.shape, broadcastShapes("where", x.shape, y.shape))
  return node({ kind: "where" }, [condition, x, y], shape, x.dtype)
}

/** Another type for the same values: bool → 0 and 1; float → int cuts towards zero. */
export const cast = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : node({ kind: "cast" }, [x], x.shape, dtype)

/** The same value, through which no gradient flows. */
export const stopGradient = (x: Tensor): Tensor => node({ kind: "stopGradient" }, [x], x.shape, x.dtype)

export const square = (x: Operand): Tensor => {
  const operand = lift(x)
  return mul(operand, operand)
}

/** 1 − e^x for x ≤ 0 without cancellation: −2·tanh(x/2) / (1 − tanh(x/2)). */
export const oneMinusExp = (x: Operand): Tensor => {
  const half = tanh(mul(x, 0.5))
  return div(mul(half, -2), sub(1, half))
}
