/** Constant folding for single numbers: gradients and schedules are full of them. */
import type { Instruction } from "./Program.ts"
import { binaryFunctions, unaryFunctions } from "./scalarFunctions.ts"
import { sizeOf } from "./Tensor.ts"

const numberIn = (instruction: Instruction): number | undefined =>
  instruction.op.kind === "constant" && sizeOf(instruction.shape) === 1 ? instruction.op.data[0] : undefined

/** The constant that an operation on single-number constants makes, if it is one. */
export const foldScalars = (
  instruction: Instruction,
  reads: ReadonlyArray<Instruction>
): Instruction | undefined => {
  const { op, shape, dtype } = instruction
  if (sizeOf(shape) !== 1 || dtype !== "float") return undefined
  const [x, y] = reads.map(numberIn)
  if (x === undefined) return undefined
  const made = (value: number): Instruction => ({
    op: { kind: "constant", data: [value] },
    inputs: [],
    shape,
    dtype
  })
  switch (op.kind) {
    case "unary":
      return made(unaryFunctions[op.name](x))
    case "binary":
      return y === undefined ? undefined : made(binaryFunctions[op.name](x, y))
    case "reshape":
    case "broadcast":
      return made(x)
    default:
      return undefined
  }
}
