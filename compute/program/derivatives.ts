/**
 * The backward rule of each operation: given a node and the gradient of the loss with respect to its value, the
 * gradient with respect to each of its inputs. Rules are thunks, so that a gradient nobody asks for is never built;
 * `undefined` means that no gradient flows.
 */
import * as Op from "./ops.ts"
import type { Shape, Tensor } from "./Tensor.ts"
import { ProgramError } from "./Tensor.ts"

type Rule = (() => Tensor) | undefined

/** Adds up a gradient over the axes along which its operand was stretched. */
const unbroadcast = (gradient: Tensor, shape: Shape): Tensor => {
  const extra = gradient.shape.length - shape.length
  const axes = gradient.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < extra || (shape[axis - extra] === 1 && gradient.shape[axis] !== 1))
  return axes.length === 0 ? gradient : Op.reshape(Op.sum(gradient, { axes, keepDims: true }), shape)
}

const unaryRule = (name: string, x: Tensor, y: Tensor, g: Tensor): Tensor => {
  switch (name) {
    case "abs":
      return Op.mul(g, Op.where(Op.greater(x, 0), 1, Op.where(Op.less(x, 0), -1, 0)))
    case "cos":
      // sin x = cos(x − π/2)
      return Op.neg(Op.mul(g, Op.cos(Op.sub(x, Math.PI / 2))))
    case "exp":
      return Op.mul(g, y)
    case "log":
      return Op.div(g, x)
    case "neg":
      return Op.neg(g)
    case "relu":
      return Op.where(Op.greater(x, 0), g, 0)
    case "sigmoid":
      return Op.mul(g, Op.mul(y, Op.sub(1, y)))
    case "softplus":
      return Op.mul(g, Op.sigmoid(x))
    case "sqrt":
      return Op.div(Op.mul(g, 0.5), y)
    case "tanh":
      return Op.mul(g, Op.sub(1, Op.mul(y, y)))
    default:
      throw new ProgramError(name, "has no derivative")
  }
}

const binaryRules = (name: string, a: Tensor, b: Tensor, y: Tensor, g: Tensor): ReadonlyArray<Rule> => {
  const left = (part: () => Tensor) => () => unbroadcast(part(), a.shape)
  const right = (part: () => Tensor) => () => unbroadcast(part(), b.shape)
  switch (name) {
    case "add":
      return [left(() => g), right(() => g)]
    case "sub":
      return [left(() => g), right(() => Op.neg(g))]
    case "mul":
      return [left(() => Op.mul(g, b)), right(() => Op.mul(g, a))]
    case "div":
      return [left(() => Op.div(g, b)), right(() => Op.neg(Op.mul(g, Op.div(y, b))))]
    case "maximum":
      return [left(() => Op.where(Op.greaterEqual(a, b), g, 0)), right(() => Op.where(Op.less(a, b), g, 0))]
    case "minimum":
      return [left(() => Op.where(Op.lessEqual(a, b), g, 0)), right(() => Op.where(Op.greater(a, b), g, 0))]
    default:
      throw new ProgramError(name, "has no derivative")
  }
}

/**
 * y = op(a)·op(b). With G = dL/dy: d op(a) = G·op(b)ᵀ and d op(b) = op(a)ᵀ·G; a transposed operand takes the transpose
 * of that, written again as a product.
 */
const matmulRules = (a: Tensor, b: Tensor, ta: boolean, tb: boolean, g: Tensor): ReadonlyArray<Rule> => [
  () =>
    unbroadcast(
      ta ? Op.matmul(b, g, { transposeA: tb, transposeB: true }) : Op.matmul(g, b, { transposeB: !tb }),
      a.shape
    ),
  () =>
    unbroadcast(
      tb ? Op.matmul(g, a, { transposeA: true, transposeB: ta }) : Op.matmul(a, g, { transposeA: !ta }),
      b.shape
    )
]

/** Shares the gradient equally among the entries that are the largest (or smallest). */
const extremeRule = (x: Tensor, y: Tensor, g: Tensor, axes: ReadonlyArray<number>): Tensor => {
  const chosen = Op.cast(Op.equal(x, y), "float")
  return Op.mul(chosen, Op.div(g, Op.sum(chosen, { axes, keepDims: true })))
}

const zeros = (shape: Shape): Tensor => Op.broadcastTo(Op.scalar(0), shape)

const sliceRule = (x: Tensor, g: Tensor, axis: number, start: number, end: number): Tensor => {
  const sized = (size: number): Shape => x.shape.map((extent, at) => (at === axis ? size : extent))
  const parts: Array<Tensor> = []
  if (start > 0) parts.push(zeros(sized(start)))
  parts.push(g)
  if (end < x.shape[axis]!) parts.push(zeros(sized(x.shape[axis]! - end)))
  return Op.concat(parts, axis)
}

/** One rule for each input of `y`; `g` is dL/dy. */
export const derivatives = (y: Tensor, g: Tensor): ReadonlyArray<Rule> => {
  const op = y.op
  const [a, b] = y.inputs as readonly [Tensor, Tensor]
  switch (op.kind) {
    case "unary":
      return [() => unaryRule(op.name, a, y, g)]
    case "binary":
      return binaryRules(op.name, a, b, y, g)
    case "where": {
      const [condition, then, otherwise] = y.inputs as readonly [Tensor, Tensor, Tensor]
      return [
        undefined,
        () => unbroadcast(Op.where(condition, g, 0), then.shape),
        () => unbroadcast(Op.where(condition, 0, g), otherwise.shape)
      ]
    }
    case "matmul":
      return matmulRules(a, b, op.transposeA, op.transposeB, g)
    case "reduce":
      return op.name === "sum" ? [() => Op.broadcastTo(g, a.shape)] : [() => extremeRule(a, y, g, op.axes)]
    case "reshape":
      return [() => Op.reshape(g, a.shape)]
    case "transpose": {
      const inverse = op.permutation.map((_, axis) => op.permutation.indexOf(axis))
      return [() => Op.transpose(g, inverse)]
    }
    case "broadcast":
      return [() => unbroadcast(g, a.shape)]
    case "concat": {
      let start = 0
      return y.inputs.map((part) => {
        const from = start
        start += part.shape[op.axis]!
        const to = start
        return () => Op.slice(g, op.axis, from, to)
      })
    }
    case "slice":
      return [() => sliceRule(a, g, op.axis, op.start, op.end)]
    case "gatherRows":
      return [() => Op.scatterAddRows(b, g, a.shape[0]!), undefined]
    case "scatterAddRows":
      return [undefined, () => Op.gatherRows(g, a)]
    case "takeAlong":
      return [() => Op.putAlong(g, b, a.shape.at(-1)!), undefined]
    case "putAlong":
      return [() => Op.takeAlong(g, b), undefined]
    case "cast":
    case "compare":
    case "constant":
    case "input":
    case "state":
    case "stopGradient":
    case "topkIndices":
      return y.inputs.map(() => undefined)
    case "sampledDot":
    case "sparseMatmul":
    case "sparseOuter":
      throw new ProgramError(op.kind, "is made by the optimiser, after gradients; it has no derivative")
  }
}
