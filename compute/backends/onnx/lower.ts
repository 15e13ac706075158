/**
 * From tensor-program instructions to ONNX nodes. Sigmoid and softplus are written out, because the engine's own are
 * accurate only in absolute terms: near zero loss the small tails are all that is left.
 */
import type { Instruction } from "../../program/Program.ts"
import type { BinaryName, CompareName, UnaryName } from "../../program/Tensor.ts"
import { sizeOf } from "../../program/Tensor.ts"
import type { ModelBuilder } from "./model.ts"
import { elementType } from "./model.ts"

const unaryOps: { readonly [Name in Exclude<UnaryName, "sigmoid" | "softplus">]: string } = {
  abs: "Abs",
  cos: "Cos",
  exp: "Exp",
  log: "Log",
  neg: "Neg",
  relu: "Relu",
  sqrt: "Sqrt",
  tanh: "Tanh"
}

const binaryOps: { readonly [Name in BinaryName]: string } = {
  add: "Add",
  div: "Div",
  maximum: "Max",
  minimum: "Min",
  mul: "Mul",
  sub: "Sub"
}

const compareOps: { readonly [Name in CompareName]: string } = {
  equal: "Equal",
  greater: "Greater",
  greaterEqual: "GreaterOrEqual",
  less: "Less",
  lessEqual: "LessOrEqual"
}

/** 1 / (1 + e^−x): relative accuracy in both tails; e^−x may overflow to infinity, which gives 0. */
const sigmoid = (model: ModelBuilder, x: string): string => {
  const one = model.constant([1], [], "float")
  return model.node("Div", [one, model.node("Add", [model.node("Exp", [model.node("Neg", [x])]), one])])
}

/** max(x, 0) + log1p(u) with u = e^−|x|; log1p(u) = u·log(w)/(w − 1) with w = 1 + u, and u where w = 1 (Kahan). */
const softplus = (model: ModelBuilder, x: string): string => {
  const one = model.constant([1], [], "float")
  const u = model.node("Exp", [model.node("Neg", [model.node("Abs", [x])])])
  const w = model.node("Add", [u, one])
  const excess = model.node("Sub", [w, one])
  const ratio = model.node("Div", [model.node("Mul", [u, model.node("Log", [w])]), excess])
  const log1p = model.node("Where", [model.node("Equal", [w, one]), u, ratio])
  return model.node("Add", [model.node("Relu", [x]), log1p])
}

const zeros = (model: ModelBuilder, shape: ReadonlyArray<number>): string =>
  model.node("Expand", [model.constant([0], [], "float"), model.integers(...shape)])

const put = (model: ModelBuilder, values: string, indices: string, shape: ReadonlyArray<number>): string =>
  model.node("ScatterElements", [zeros(model, shape), indices, values], {
    axis: shape.length - 1,
    reduction: "add"
  })

/** Emits a product of two matrices, which starts from the row at `bias` where there is one. */
export const lowerProduct = (
  model: ModelBuilder,
  { op, inputs }: Instruction,
  nameOf: (at: number) => string,
  bias?: number
): string => {
  if (op.kind !== "matmul") throw new Error(`${op.kind} is no product`)
  const names = [...inputs, ...(bias === undefined ? [] : [bias])].map(nameOf)
  return model.node("Gemm", names, { transA: Number(op.transposeA), transB: Number(op.transposeB) })
}

/**
 * Emits the nodes of instruction `at` and returns the name of its value. `nameOf` gives the names of its inputs, and
 * `topkValues` remembers the values that a top-k has beside its places.
 */
export const lower = (
  model: ModelBuilder,
  instructions: ReadonlyArray<Instruction>,
  at: number,
  nameOf: (at: number) => string,
  topkValues: Map<number, { readonly of: number; readonly values: string }>
): string => {
  const { op, inputs, shape, dtype } = instructions[at]!
  const names = inputs.map(nameOf)
  const [a, b, c] = names as [string, string, string]
  const shapeOf = (which: number): ReadonlyArray<number> => instructions[inputs[which]!]!.shape
  switch (op.kind) {
    case "constant":
      return model.constant(op.data, shape, dtype)
    case "unary":
      if (op.name === "sigmoid") return sigmoid(model, a)
      if (op.name === "softplus") return softplus(model, a)
      return model.node(unaryOps[op.name], [a])
    case "binary":
      return model.node(binaryOps[op.name], names)
    case "compare":
      return model.node(compareOps[op.name], names)
    case "where":
      return model.node("Where", names)
    case "matmul": {
      const plain = shapeOf(0).length === 2 && shapeOf(1).length === 2
      if (plain) return lowerProduct(model, instructions[at]!, nameOf)
      const side = (name: string, rank: number, transposed: boolean): string => {
        if (!transposed) return name
        const order = Array.from({ length: rank }, (_, axis) => axis)
        ;[order[rank - 1], order[rank - 2]] = [rank - 2, rank - 1]
        return model.node("Transpose", [name], { perm: order })
      }
      return model.node("MatMul", [
        side(a, shapeOf(0).length, op.transposeA),
        side(b, shapeOf(1).length, op.transposeB)
      ])
    }
    case "reduce": {
      const type = { sum: "ReduceSum", max: "ReduceMax", min: "ReduceMin" }[op.name]
      return model.node(type, [a, model.integers(...op.axes)], { keepdims: 1 })
    }
    case "reshape":
      return model.node("Reshape", [a, model.integers(...shape)])
    case "transpose":
      return model.node("Transpose", [a], { perm: op.permutation })
    case "broadcast":
      return model.node("Expand", [a, model.integers(...shape)])
    case "concat":
      return model.node("Concat", names, { axis: op.axis })
    case "slice":
      return model.node("Slice", [
        a,
        model.integers(op.start),
        model.integers(op.end),
        model.integers(op.axis)
      ])
    case "cast":
      return model.node("Cast", [a], { to: elementType(dtype) })
    case "stopGradient":
      return a
    case "gatherRows":
      return model.node("Gather", names, { axis: 0 })
    case "scatterAddRows": {
      // One index for each row of width `width`, spread over it: the element-wise scatter is the one in a fixed order.
      const width = sizeOf(shape.slice(1))
      const count = sizeOf(shapeOf(0))
      const column = model.node("Reshape", [a, model.integers(count, 1)])
      const spread = width === 1 ? column : model.node("Expand", [column, model.integers(count, width)])
      const updates = model.node("Reshape", [b, model.integers(count, width)])
      const summed = model.node("ScatterElements", [zeros(model, [op.rows, width]), spread, updates], {
        axis: 0,
        reduction: "add"
      })
      return model.node("Reshape", [summed, model.integers(...shape)])
    }
    case "takeAlong": {
      const kept = topkValues.get(inputs[1]!)
      if (kept !== undefined && kept.of === inputs[0]) return kept.values
      return model.node("GatherElements", names, { axis: shape.length - 1 })
    }
    case "putAlong":
      return put(model, a, b, shape)
    case "topkIndices": {
      const [values, places] = [model.fresh(), model.fresh()]
      model.multiNode("TopK", [a, model.integers(op.k)], [values, places], {
        axis: shape.length - 1,
        sorted: 1
      })
      topkValues.set(at, { of: inputs[0]!, values })
      return model.node("Cast", [places], { to: elementType("int") })
    }
    case "sparseMatmul":
      return model.node("Gemm", [put(model, a, b, [shapeOf(0)[0]!, shapeOf(2)[0]!]), c])
    case "sampledDot":
      return model.node("GatherElements", [model.node("Gemm", [a, b], { transB: 1 }), c], { axis: 1 })
    case "sparseOuter":
      return model.node("Gemm", [put(model, a, b, [shapeOf(0)[0]!, op.rows]), c], { transA: 1 })
    case "input":
    case "state":
      throw new Error(`leaf '${op.name}' is not lowered`)
  }
}
