/** What each element-wise operation computes, in float64: shared by constant folding and the reference backend. */
import type { BinaryName, CompareName, UnaryName } from "./Tensor.ts"

export const unaryFunctions: { readonly [Name in UnaryName]: (x: number) => number } = {
  abs: Math.abs,
  cos: Math.cos,
  exp: Math.exp,
  log: Math.log,
  neg: (x) => -x,
  relu: (x) => (x > 0 ? x : 0),
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  sqrt: Math.sqrt,
  tanh: Math.tanh
}

export const binaryFunctions: { readonly [Name in BinaryName]: (x: number, y: number) => number } = {
  add: (x, y) => x + y,
  div: (x, y) => x / y,
  maximum: Math.max,
  minimum: Math.min,
  mul: (x, y) => x * y,
  sub: (x, y) => x - y
}

export const compareFunctions: { readonly [Name in CompareName]: (x: number, y: number) => boolean } = {
  equal: (x, y) => x === y,
  greater: (x, y) => x > y,
  greaterEqual: (x, y) => x >= y,
  less: (x, y) => x < y,
  lessEqual: (x, y) => x <= y
}
