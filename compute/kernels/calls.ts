/**
 * Calls of the kernels: argument blocks, field by field as the structs of `sparse.c`, and how many chunks they fall into.
 *
 * The kernels follow indices and sizes without looking. So a call looks first, once over each array of indices: one that is
 * out of range throws, and nothing is written outside the blocks given. A caller that has looked already says `inRange`.
 */
import { checkEntries } from "../program/indexChecks.ts"
import { ProgramError } from "../program/Tensor.ts"
import type { Block, KernelName, KernelPool, Link } from "./KernelPool.ts"

/** A field: an address or whole number, or a float. */
type Field = number | { readonly float: number }

const float = (value: number): Field => ({ float: value })

/** Ready to run. */
export interface Call {
  readonly link: Link
  readonly chunks: number
}

/** Whether the indices among what a call is given are known to be in range. */
interface Looked {
  readonly inRange?: boolean
}

/** Rows a chunk has: enough chunks for many threads, few enough that taking one costs nothing. */
const rowsAChunk = (rows: number): number => Math.max(1, Math.ceil(rows / 128))

/** Rows a chunk of a sparse product has: what four rows read of the weights stays in the cache for the next product. */
export const productRows = 4

/** Refuses a block that is shorter than what the kernel will follow, and rows that are no whole vectors. */
const checkRoom = (
  name: KernelName,
  d: number,
  blocks: ReadonlyArray<readonly [block: Block, entries: number]>
): void => {
  if (!(d > 0 && d % 4 === 0)) throw new ProgramError(name, `rows of ${d} numbers are not whole vectors of 4`)
  for (const [{ length }, entries] of blocks) {
    if (!(length >= entries))
      throw new ProgramError(name, `${length} entries are given where ${entries} are needed`)
  }
}

/** Row starts from 0 to `end` that never fall. */
const checkStarts = (name: KernelName, starts: Int32Array, rows: number, end: number): void => {
  for (let row = 0; row < rows; row++) {
    if (starts[row + 1]! < starts[row]!) {
      throw new ProgramError(name, `row ${row} starts at ${starts[row]} and ends at ${starts[row + 1]}`)
    }
  }
  if (starts[0] !== 0 || starts[rows] !== end) {
    throw new ProgramError(
      name,
      `rows start at ${starts[0]} and end at ${starts[rows]}, expected 0 and ${end}`
    )
  }
}

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
  given: Looked & {
    readonly operand: Block
    readonly indices: Block
    readonly weights: Block
    readonly out: Block
  },
  sizes: { readonly rows: number; readonly k: number; readonly d: number }
): Call => {
  const { rows, k, d } = sizes
  const { operand, indices, weights, out } = given
  const matmul = name === "sparseMatmul"
  checkRoom(name, d, [
    [operand, rows * (matmul ? k : d)],
    [indices, rows * k],
    [out, rows * (matmul ? d : k)]
  ])
  const bound = { op: name, size: Math.floor(weights.length / d) }
  if (given.inRange !== true) checkEntries("kernels", "an index", pool.integers(indices), [rows, k], bound)
  const fields = [operand.address, weights.address, indices.address, out.address, rows, k, d, productRows]
  return call(pool, name, room, fields, Math.ceil(rows / productRows))
}

/** Entries by feature: starts [features + 1] and entries [count]. */
export const buckets = (
  pool: KernelPool,
  room: Block,
  given: Looked & { readonly indices: Block; readonly starts: Block; readonly entries: Block },
  features: number
): Call => {
  const { indices, starts, entries } = given
  checkRoom("buckets", 4, [
    [starts, features + 1],
    [entries, indices.length]
  ])
  const bound = { op: "buckets", size: features }
  if (given.inRange !== true) {
    checkEntries("kernels", "an index", pool.integers(indices), [indices.length], bound)
  }
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
  given: Looked & {
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
  checkRoom("sparseAdam", d, [
    ...[w, m, v].map((block) => [block, features * d] as const),
    [x, Math.ceil(values.length / k) * d],
    [starts, features + 1],
    [scratch, adamScratch(features, d)]
  ])
  if (given.inRange !== true) {
    checkStarts("sparseAdam", pool.integers(starts), features, entries.length)
    const bound = { op: "sparseAdam", size: values.length }
    checkEntries("kernels", "an entry", pool.integers(entries), [entries.length], bound)
  }
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
