/** Gather, scatter-add and top-k. Indices are int tensors that count from 0; out-of-range indices are an error at run time. */
import type { Tensor } from "./Tensor.ts"
import { expectType, node, ProgramError, sameShape, show } from "./Tensor.ts"

/** Rows of `x` by number: x [n, …rest], indices [*] → [*, …rest]. */
export const gatherRows = (x: Tensor, indices: Tensor): Tensor => {
  expectType("gatherRows", indices, "int", "index")
  if (x.shape.length < 1) throw new ProgramError("gatherRows", "a scalar has no rows")
  return node({ kind: "gatherRows" }, [x, indices], [...indices.shape, ...x.shape.slice(1)], x.dtype)
}

/** Zero rows, plus every update in the row its index names: updates indices.shape ++ rest → [rows, …rest]. */
export const scatterAddRows = (indices: Tensor, updates: Tensor, rows: number): Tensor => {
  expectType("scatterAddRows", indices, "int", "index")
  expectType("scatterAddRows", updates, "float", "update")
  const rank = indices.shape.length
  if (!sameShape(updates.shape.slice(0, rank), indices.shape)) {
    throw new ProgramError(
      "scatterAddRows",
      `updates ${show(updates.shape)} do not start with ${show(indices.shape)}`
    )
  }
  return node(
    { kind: "scatterAddRows", rows },
    [indices, updates],
    [rows, ...updates.shape.slice(rank)],
    "float"
  )
}

const alongLast = (op: string, x: Tensor, indices: Tensor): void => {
  expectType(op, indices, "int", "index")
  if (x.shape.length < 1 || !sameShape(x.shape.slice(0, -1), indices.shape.slice(0, -1))) {
    throw new ProgramError(
      op,
      `${show(x.shape)} and indices ${show(indices.shape)} differ before the last axis`
    )
  }
}

/** Entries of the last axis by place: x […, n], indices […, k] → […, k]. */
export const takeAlong = (x: Tensor, indices: Tensor): Tensor => {
  alongLast("takeAlong", x, indices)
  return node({ kind: "takeAlong" }, [x, indices], indices.shape, x.dtype)
}

/** Zero, plus every value at its place in the last axis: values […, k], indices […, k] → […, size]. */
export const putAlong = (values: Tensor, indices: Tensor, size: number): Tensor => {
  alongLast("putAlong", values, indices)
  expectType("putAlong", values, "float", "value")
  if (!sameShape(values.shape, indices.shape)) {
    throw new ProgramError(
      "putAlong",
      `values ${show(values.shape)} and indices ${show(indices.shape)} differ`
    )
  }
  return node({ kind: "putAlong", size }, [values, indices], [...values.shape.slice(0, -1), size], "float")
}

/** The k largest entries of the last axis, largest first; among equals the lower place comes first. */
export const topk = (x: Tensor, k: number): { readonly values: Tensor; readonly indices: Tensor } => {
  expectType("topk", x, "float")
  const size = x.shape.at(-1)
  if (size === undefined || !Number.isInteger(k) || k < 1 || k > size) {
    throw new ProgramError("topk", `cannot keep ${k} entries of the last axis of ${show(x.shape)}`)
  }
  const indices = node({ kind: "topkIndices", k }, [x], [...x.shape.slice(0, -1), k], "int")
  return { values: takeAlong(x, indices), indices }
}
