/** Who reads what: the other direction of `Instruction.inputs`. */
import type { Instruction } from "./Program.ts"

/** Places of the instructions that read each value, in order; one that reads it twice is there twice. Cost: one pass. */
export const readersOf = (instructions: ReadonlyArray<Instruction>): ReadonlyArray<ReadonlyArray<number>> => {
  const readers: ReadonlyArray<Array<number>> = instructions.map(() => [])
  instructions.forEach(({ inputs }, at) => inputs.forEach((input) => readers[input]!.push(at)))
  return readers
}
