/** Choosing and gathering rows for training. */
import type { HostTensor } from "../../compute/Engine.ts"
import type { RandomStream } from "../../compute/random/RandomStream.ts"
import type { Matrix } from "../../schemas/Matrix.ts"

/** Row numbers set aside for validation, at random, and the rest. Without validation both are all rows. */
export const splitRows = (
  random: RandomStream,
  rows: number,
  fraction: number
): { readonly training: Uint32Array; readonly validation: Uint32Array } => {
  const aside = fraction === 0 ? 0 : Math.min(Math.max(1, Math.round(rows * fraction)), rows - 1)
  const order = random.permutation(rows)
  return aside === 0
    ? { training: order, validation: order.slice(0, 2048).sort() }
    : { training: order.slice(aside), validation: order.slice(0, aside).sort() }
}

/** The named rows as a batch [n, d]. */
export const gatherRows = (matrix: Matrix<Float32Array>, rows: ArrayLike<number>): HostTensor => {
  const { dims, data } = matrix
  const batch = new Float32Array(rows.length * dims)
  for (let i = 0; i < rows.length; i++) {
    batch.set(data.subarray(rows[i]! * dims, (rows[i]! + 1) * dims), i * dims)
  }
  return { shape: [rows.length, dims], data: batch }
}
