/**
 * Kernel steps that run chunk by chunk together: a sparse product, element-wise instructions on its rows, and the sampled
 * product that goes back through the same weights. Each chunk is a few rows, so that the weights which the first product
 * read are still in the cache for the last.
 */
import type { Program } from "../../program/Program.ts"
import { sameShape } from "../../program/Tensor.ts"
import type { KernelStep } from "./plan.ts"

/** How many of the steps from `at` on form one chain; 1 where there is none. */
export const chainLength = (program: Program, steps: ReadonlyArray<KernelStep>, at: number): 1 | 3 => {
  const [first, second, third] = steps.slice(at, at + 3)
  if (first?.type !== "sparseMatmul" || second?.type !== "fused" || third?.type !== "sampledDot") return 1
  const { instructions } = program
  const decoded = instructions[first.at]!
  const back = instructions[third.at]!
  // Both use the same weights, and every element-wise value has the rows of the product.
  const [, , weights] = decoded.inputs
  const plain = second.members.filter((member) => instructions[member]!.op.kind !== "reduce")
  const alike = plain.every((member) => sameShape(instructions[member]!.shape, decoded.shape))
  const chained = second.outputs.has(back.inputs[0]!) && back.inputs[1] === weights
  return alike && chained ? 3 : 1
}
