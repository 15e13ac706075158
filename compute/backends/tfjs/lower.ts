/**
 * Every operation in TensorFlow.js, forward only: programs bring their own backward graph, so gradients that tfjs lacks
 * (gather, top-k) are not needed. Sigmoid and softplus are written out for relative accuracy, as in the onnx backend.
 */
import type { Tensor } from "@tensorflow/tfjs-core"
import type { Instruction } from "../../program/Program.ts"
import type { BinaryName, CompareName, UnaryName } from "../../program/Tensor.ts"
import { sizeOf } from "../../program/Tensor.ts"
import type { Tf } from "./runtime.ts"

export const tfTypes = { float: "float32", int: "int32", bool: "bool" } as const

const unary = (tf: Tf, name: UnaryName, x: Tensor): Tensor => {
  switch (name) {
    case "sigmoid":
      return tf.div(1, tf.add(tf.exp(tf.neg(x)), 1))
    case "softplus": {
      const u = tf.exp(tf.neg(tf.abs(x)))
      const w = tf.add(u, 1)
      const exact = tf.equal(w, 1)
      // Where w is 1 the quotient is 0/0 and is not chosen.
      const ratio = tf.div(tf.mul(u, tf.log(w)), tf.sub(w, 1))
      return tf.add(tf.relu(x), tf.where(exact, u, ratio))
    }
    default:
      return tf[name](x)
  }
}

const binaries: { readonly [Name in BinaryName]: "add" | "div" | "maximum" | "minimum" | "mul" | "sub" } = {
  add: "add",
  div: "div",
  maximum: "maximum",
  minimum: "minimum",
  mul: "mul",
  sub: "sub"
}

const compares: {
  readonly [Name in CompareName]: "equal" | "greater" | "greaterEqual" | "less" | "lessEqual"
} = {
  equal: "equal",
  greater: "greater",
  greaterEqual: "greaterEqual",
  less: "less",
  lessEqual: "lessEqual"
}

/** Places in the flattened x [rows, size] of the entries that `indices` [rows, k] names in each row. */
const flatPlaces = (tf: Tf, indices: Tensor, size: number): Tensor => {
  const k = indices.shape.at(-1)!
  const rows = indices.size / k
  const starts = tf.mul(tf.range(0, rows, 1, "int32"), tf.scalar(size, "int32"))
  return tf.reshape(tf.add(tf.reshape(indices, [rows, k]), tf.reshape(starts, [rows, 1])), [indices.size])
}

const put = (tf: Tf, values: Tensor, indices: Tensor, size: number): Tensor => {
  const shape = [...indices.shape.slice(0, -1), size]
  const places = tf.reshape(flatPlaces(tf, indices, size), [indices.size, 1])
  return tf.reshape(tf.scatterND(places, tf.reshape(values, [values.size]), [sizeOf(shape)]), shape)
}

const take = (tf: Tf, x: Tensor, indices: Tensor): Tensor => {
  const places = flatPlaces(tf, indices, x.shape.at(-1)!)
  return tf.reshape(tf.gather(tf.reshape(x, [x.size]), places as never), indices.shape)
}

/** The value of one instruction. */
export const lower = (tf: Tf, instruction: Instruction, inputs: ReadonlyArray<Tensor>): Tensor => {
  const { op, shape, dtype } = instruction
  const [a, b, c] = inputs as readonly [Tensor, Tensor, Tensor]
  const target = [...shape]
  switch (op.kind) {
    case "constant":
      return tf.tensor(Array.from(op.data), target, tfTypes[dtype])
    case "unary":
      return unary(tf, op.name, a)
    case "binary":
      return tf[binaries[op.name]](a, b)
    case "compare":
      return tf[compares[op.name]](a, b)
    case "where":
      return tf.where(
        tf.broadcastTo(a, target) as never,
        tf.broadcastTo(b, target),
        tf.broadcastTo(c, target)
      )
    case "matmul":
      return matmul(tf, a, b, op.transposeA, op.transposeB, target)
    case "reduce":
      return tf[op.name](a, [...op.axes], true)
    case "reshape":
      return tf.reshape(a, target)
    case "transpose":
      return tf.transpose(a, [...op.permutation])
    case "broadcast":
      return tf.broadcastTo(
        tf.reshape(a, [...Array.from({ length: target.length - a.rank }, () => 1), ...a.shape]),
        target
      )
    case "concat":
      return tf.concat([...inputs], op.axis)
    case "slice": {
      const begin = target.map((_, axis) => (axis === op.axis ? op.start : 0))
      return tf.slice(a, begin, target)
    }
    case "cast":
      return tf.cast(a, tfTypes[dtype])
    case "stopGradient":
      return tf.clone(a)
    case "gatherRows":
      return tf.gather(a, b as never, 0)
    case "scatterAddRows": {
      const width = sizeOf(shape.slice(1))
      const updates = tf.reshape(b, [a.size, width])
      return tf.reshape(tf.scatterND(tf.reshape(a, [a.size, 1]), updates, [op.rows, width]), target)
    }
    case "takeAlong":
      return take(tf, a, b)
    case "putAlong":
      return put(tf, a, b, op.size)
    case "topkIndices":
      return tf.topk(a, op.k, true).indices
    case "sparseMatmul":
      return tf.matMul(put(tf, a, b, c.shape[0]!), c)
    case "sampledDot":
      return take(tf, tf.matMul(a, b, false, true), c)
    case "sparseOuter":
      return tf.matMul(put(tf, a, b, op.rows), c, true, false)
    case "input":
    case "state":
      throw new Error(`leaf '${op.name}' is not lowered`)
  }
}

/** tfjs multiplies at most one batch axis, of equal size on both sides. */
const matmul = (tf: Tf, a: Tensor, b: Tensor, ta: boolean, tb: boolean, target: Array<number>): Tensor => {
  if (a.rank === 2 && b.rank === 2) return tf.matMul(a, b, ta, tb)
  const leading = target.slice(0, -2)
  const members = sizeOf(leading)
  const flat = (x: Tensor): Tensor => {
    const padded = [...Array.from({ length: target.length - x.rank }, () => 1), ...x.shape]
    const whole = [...leading, ...x.shape.slice(-2)]
    return tf.reshape(tf.broadcastTo(tf.reshape(x, padded), whole), [members, ...x.shape.slice(-2)])
  }
  return tf.reshape(tf.matMul(flat(a), flat(b), ta, tb), target)
}
