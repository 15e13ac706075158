/** Calls of the kernels: argument blocks, field by field as the structs of `sparse.c`, and how many chunks they fall into. */
import type { Block, KernelName, KernelPool, Link } from "./KernelPool.ts"

/** A field: an address or whole number, or a float. */
type Field = number | { readonly float: number }

const float = (value: number): Field => ({ float: value })

/** Ready to run. */
export interface Call {
  readonly link: Link
  readonly chunks: number
}

/** Rows a chunk has: enough chunks for many threads, few enough that taking one costs nothing. */
const rowsAChunk = (rows: number): number => Math.max(1, Math.ceil(rows / 128))

/** Rows a chunk of a sparse product has: what four rows read of the weights stays in the cache for the next product. */
export const productRows = 4

const call = (
  pool: KernelPool,
  which: KernelName,
  room: Block,
  fields: ReadonlyArray<Field>,
  chunks: number
): Call => {
  const [integers, floats] = [pool.integers(room), pool.floats(room)]
  fields.forEach((field, at) => {
    if (typeof field === "number") integers[at] = field
    else floats[at] = field.float
  })
  return { link: { which, arguments: room }, chunks }
}

/**
 * `sparseMatmul`: out [rows, d] = Σ_j operand [rows, k] · weights[indices]; `sampledDot`: out [rows, k] = ⟨operand [rows, d],
 * weights[indices]⟩. Indices are [rows, k] in both.
 */
export const sparseProduct = (
  pool: KernelPool,
  room: Block,
  name: "sparseMatmul" | "sampledDot",
  given: { readonly operand: Block; readonly indices: Block; readonly weights: Block; readonly out: Block },
  sizes: { readonly rows: number; readonly k: number; readonly d: number }
): Call => {
  const { rows, k, d } = sizes
  const { operand, indices, weights, out } = given
  const fields = [operand.address, weights.address, indices.address, out.address, rows, k, d, productRows]
  return call(pool, name, room, fields, Math.ceil(rows / productRows))
}

/** Entries by feature: starts [features + 1] and entries [count]. */
export const buckets = (
  pool: KernelPool,
  room: Block,
  given: { readonly indices: Block; readonly starts: Block; readonly entries: Block },
  features: number
): Call => {
  const { indices, starts, entries } = given
  const fields = [indices.address, starts.address, entries.address, indices.length, features]
  return call(pool, "buckets", room, fields, 1)
}

export interface AdamSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly rate: number
  readonly root: number
  readonly decay: number
  /** Smallest norm to divide rows by; none leaves them. */
  readonly floor: number | undefined
}

/** Scratch that `sparseAdam` needs, in entries. */
export const adamScratch = (features: number, d: number): number =>
  Math.ceil(features / rowsAChunk(features)) * d

/** Adam on rows w, m, v [features, d], with gradient Σ values · x over each feature's entries. */
export const sparseAdam = (
  pool: KernelPool,
  room: Block,
  given: {
    readonly values: Block
    readonly x: Block
    readonly starts: Block
    readonly entries: Block
    readonly w: Block
    readonly m: Block
    readonly v: Block
    readonly scratch: Block
  },
  sizes: { readonly features: number; readonly k: number; readonly d: number },
  settings: AdamSettings
): Call => {
  const { values, x, starts, entries, w, m, v, scratch } = given
  const { features, k, d } = sizes
  const { beta1, beta2, epsilon, rate, root, decay, floor } = settings
  const each = rowsAChunk(features)
  const fields: ReadonlyArray<Field> = [
    ...[values, x, starts, entries, w, m, v, scratch].map(({ address }) => address),
    features,
    k,
    d,
    each,
    ...[beta1, beta2, 1 - beta1, 1 - beta2, rate, root, epsilon, decay].map(float),
    floor === undefined ? 0 : 1,
    float(floor ?? 1)
  ]
  return call(pool, "sparseAdam", room, fields, Math.ceil(features / each))
}
