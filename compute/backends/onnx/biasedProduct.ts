/**
 * Products to which one row is added: the engine's product starts from the row, instead of reading and writing the whole
 * result once more.
 */
import type { Program } from "../../program/Program.ts"
import { sizeOf } from "../../program/Tensor.ts"

/** What is added to a product [m, n], and the addition that the product then stands for. */
export interface Bias {
  /** Place of the row, n entries. */
  readonly row: number
  /** Place of the addition. */
  readonly sum: number
}

/** Products among `inside` that the addition of a row reads, and nothing else (`soleReader`), by place. */
export const biasedProducts = (
  { instructions }: Program,
  inside: ReadonlySet<number>,
  soleReader: (at: number) => number | undefined
): ReadonlyMap<number, Bias> => {
  const found = new Map<number, Bias>()
  for (const at of inside) {
    const { op, shape, inputs } = instructions[at]!
    const plain = op.kind === "matmul" && inputs.every((input) => instructions[input]!.shape.length === 2)
    const sum = plain ? soleReader(at) : undefined
    if (sum === undefined) continue
    const addition = instructions[sum]!
    if (addition.op.kind !== "binary" || addition.op.name !== "add") continue
    const row = addition.inputs.find((input) => input !== at)!
    const { shape: rowShape } = instructions[row]!
    // The row must be there when the product runs.
    if (sizeOf(rowShape) === shape[1] && rowShape.at(-1) === shape[1] && rowShape.length <= 2 && row < at) {
      found.set(at, { row, sum })
    }
  }
  return found
}
