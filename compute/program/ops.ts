/** Every operation of the tensor language: `import * as Op from ".../compute/program/ops.ts"`. */
export * from "./arithmetic.ts"
export * from "./indexing.ts"
export * from "./layout.ts"
export { constant, input, scalar, state } from "./leaves.ts"
export type { Operand } from "./leaves.ts"
export * from "./products.ts"
export * from "./reductions.ts"
