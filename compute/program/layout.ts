/** Operations that move entries without computing: reshape, transpose, broadcast, concat, slice. */
import type { Shape, Tensor } from "./Tensor.ts"
import {
  axisOf,
  broadcastShapes,
  expectShape,
  node,
  ProgramError,
  sameShape,
  show,
  sizeOf
} from "./Tensor.ts"

export const reshape = (x: Tensor, shape: Shape): Tensor => {
  if (sizeOf(shape) !== sizeOf(x.shape)) {
    throw new ProgramError("reshape", `${show(x.shape)} has other entries than ${show(shape)}`)
  }
  return sameShape(x.shape, shape)
    ? x
    : node({ kind: "reshape" }, [x], expectShape("reshape", shape), x.dtype)
}

/** Reorders the axes; by default swaps the last two. */
export const transpose = (x: Tensor, permutation?: ReadonlyArray<number>): Tensor => {
  const rank = x.shape.length
  if (permutation === undefined && rank < 2) {
    throw new ProgramError("transpose", `${show(x.shape)} has fewer than two axes`)
  }
  const order =
    permutation ??
    x.shape.map((_, axis) => (axis < rank - 2 ? axis : axis === rank - 1 ? rank - 2 : rank - 1))
  if (order.length !== rank || x.shape.some((_, axis) => !order.includes(axis))) {
    throw new ProgramError("transpose", `${show(order)} does not order the axes of ${show(x.shape)}`)
  }
  if (order.every((from, to) => from === to)) return x
  return node(
    { kind: "transpose", permutation: order },
    [x],
    order.map((axis) => x.shape[axis]!),
    x.dtype
  )
}

/** Stretches axes of size 1, and adds leading axes, to fill `shape`. */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor => {
  if (sameShape(x.shape, shape)) return x
  if (!sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape)) {
    throw new ProgramError("broadcastTo", `${show(x.shape)} does not broadcast to ${show(shape)}`)
  }
  return node({ kind: "broadcast" }, [x], expectShape("broadcastTo", shape), x.dtype)
}

/** Joins tensors along an axis; the other axes must agree. */
export const concat = (tensors: ReadonlyArray<Tensor>, axis: number): Tensor => {
  const first = tensors[0]
  if (first === undefined) throw new ProgramError("concat", "nothing to join")
  const along = axisOf("concat", axis, first.shape)
  for (const tensor of tensors) {
    const fits =
      tensor.dtype === first.dtype &&
      tensor.shape.length === first.shape.length &&
      tensor.shape.every((size, at) => at === along || size === first.shape[at])
    if (!fits) {
      throw new ProgramError(
        "concat",
        `${tensor.dtype} ${show(tensor.shape)} does not join ${first.dtype} ${show(first.shape)} along axis ${along}`
      )
    }
  }
  if (tensors.length === 1) return first
  const joined = tensors.reduce((sum, tensor) => sum + tensor.shape[along]!, 0)
  const shape = first.shape.map((size, at) => (at === along ? joined : size))
  return node({ kind: "concat", axis: along }, tensors, shape, first.dtype)
}

/** Entries `start` (inclusive) to `end` (exclusive) of one axis. */
export const slice = (x: Tensor, axis: number, start: number, end: number): Tensor => {
  const along = axisOf("slice", axis, x.shape)
  const size = x.shape[along]!
  if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= size)) {
    throw new ProgramError("slice", `${start} to ${end} is not inside axis ${along} of ${show(x.shape)}`)
  }
  if (start === 0 && end === size) return x
  const shape = x.shape.map((extent, at) => (at === along ? end - start : extent))
  return node({ kind: "slice", axis: along, start, end }, [x], shape, x.dtype)
}
