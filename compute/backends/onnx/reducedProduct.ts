/**
 * Wide products of which only a reduction is wanted: computed in blocks of columns, each reduced while it is in the cache, so
 * that the product is never stored. The engine's product of a block is also faster than that of the whole, whose result it
 * would read and write once for every stretch of the inner axis.
 */
import type { Instruction, Program } from "../../program/Program.ts"
import type { ModelBuilder } from "./model.ts"

const blockColumns = 512

const reductions = { sum: "ReduceSum", max: "ReduceMax", min: "ReduceMin" } as const
const combinations = { sum: "Sum", max: "Max", min: "Min" } as const

/** Products among `inside` that one reduction over the last axis (or over both) reads, and nothing else (`soleReader`). */
export const onlyReduced = (
  { instructions }: Program,
  inside: ReadonlySet<number>,
  soleReader: (at: number) => number | undefined
): ReadonlySet<number> => {
  const found = new Set<number>()
  for (const at of inside) {
    const { op, shape } = instructions[at]!
    if (op.kind !== "matmul" || shape.length !== 2 || shape[1]! < 2 * blockColumns || shape[0]! < 64) continue
    const reader = soleReader(at)
    const by = reader === undefined ? undefined : instructions[reader]!.op
    if (by?.kind === "reduce" && by.axes.includes(1)) found.add(at)
  }
  return found
}

/** Emits the reduction `at` of a product, block by block. */
export const lowerReducedProduct = (
  model: ModelBuilder,
  instructions: ReadonlyArray<Instruction>,
  at: number,
  nameOf: (at: number) => string
): string => {
  const { op, inputs } = instructions[at]!
  const product = instructions[inputs[0]!]!
  if (op.kind !== "reduce" || product.op.kind !== "matmul") throw new Error("not the reduction of a product")
  const { transposeA, transposeB } = product.op
  const [a, b] = product.inputs.map(nameOf) as [string, string]
  const columns = product.shape[1]!
  const parts: Array<string> = []
  for (let start = 0; start < columns; start += blockColumns) {
    const end = Math.min(columns, start + blockColumns)
    const axis = model.integers(transposeB ? 0 : 1)
    const block = model.node("Slice", [b, model.integers(start), model.integers(end), axis])
    const piece = model.node("Gemm", [a, block], { transA: Number(transposeA), transB: Number(transposeB) })
    parts.push(model.node(reductions[op.name], [piece, model.integers(...op.axes)], { keepdims: 1 }))
  }
  return model.node(combinations[op.name], parts)
}
