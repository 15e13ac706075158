/**
 * The best k of each row's similarities while these come in, in any order of blocks; then, which are tied and, for rows whose
 * last entry is tied, with which others.
 *
 * Cost: a comparison a similarity, O(k) for those that enter a list, n more comparisons for each row whose last is tied.
 * Memory O(n k), and 4 bytes for each row tied beyond a list (or, where most are, for each that is not).
 */
import { createHash } from "node:crypto"
import { makeRandom } from "../random/RandomStream.ts"
import type { RandomStream } from "../random/RandomStream.ts"
import type { Neighbours, SelfExclusion } from "./neighbours.ts"
import { COARSE, FINE, groupOf, NOTED_SHARE } from "./ties.ts"
import type { Ties } from "./ties.ts"

/** Hands over the similarities of row `row` to all n rows, from `start` on. */
export type Visit = (row: number, values: Float64Array, start: number) => void

/**
 * About so many rows tied with last entries are kept (256 MiB). Where there are more, a random part of each group, in the
 * list and beyond it, stands for the group: chosen alike for all of its rows, so nothing is favoured.
 */
const LARGEST_TIES = 2 ** 26

/** The best lists so far, each kept in order (similarity falling, row rising) by insertion. */
export class Selection {
  private readonly n: number
  private readonly k: number
  /** Entries kept: those asked for, the one that is dropped, and one more, which tells whether the last is tied. */
  private readonly size: number
  private readonly masked: boolean
  private readonly index: Int32Array
  private readonly similarity: Float64Array
  private readonly own: Float64Array

  constructor(n: number, k: number, selfExclusion: SelfExclusion) {
    if (!Number.isInteger(k) || k < 1 || k > n - 1) {
      throw new RangeError(`k = ${k} neighbours: it must be from 1 to ${n - 1}, one less than the ${n} rows.`)
    }
    this.n = n
    this.k = k
    this.masked = selfExclusion === "mask"
    this.size = this.masked ? Math.min(k + 1, n - 1) : Math.min(k + 2, n)
    this.index = new Int32Array(n * this.size).fill(-1)
    this.similarity = new Float64Array(n * this.size).fill(-Infinity)
    this.own = new Float64Array(n)
  }

  /** Offers row `row` the similarities `values[start + stride · j]` of rows `first … first + count`. */
  offer(
    row: number,
    values: Float64Array,
    start: number,
    stride: number,
    first: number,
    count: number
  ): void {
    const { index, similarity, size } = this
    const base = row * size
    const last = base + size - 1
    let worst = similarity[last]
    let worstIndex = index[last]
    for (let j = 0, p = start; j < count; j++, p += stride) {
      const value = values[p]
      const candidate = first + j
      if (candidate === row) {
        this.own[row] = value
        if (this.masked) continue
      }
      if (value < worst || (value === worst && worstIndex >= 0 && candidate > worstIndex)) continue
      let at = last
      while (
        at > base &&
        (similarity[at - 1] < value ||
          (similarity[at - 1] === value && (index[at - 1] < 0 || index[at - 1] > candidate)))
      ) {
        similarity[at] = similarity[at - 1]
        index[at] = index[at - 1]
        at--
      }
      similarity[at] = value
      index[at] = candidate
      worst = similarity[last]
      worstIndex = index[last]
    }
  }

  /** The lists; see `TieOptions`. `look` reads rows of similarities again. */
  result(share: boolean, single: boolean, look: (rows: Int32Array, visit: Visit) => void): Neighbours {
    const { masked, n, k, own, size } = this
    const drop = masked ? 0 : 1
    const index = new Int32Array(n * k)
    const similarity = new Float64Array(n * k)
    for (let i = 0; i < n; i++) {
      const from = i * size + drop
      index.set(this.index.subarray(from, from + k), i * k)
      similarity.set(this.similarity.subarray(from, from + k), i * k)
    }
    const lengths = own.map((square) => Math.sqrt(Math.max(0, square)))
    const tolerance = single && this.nearlyTied(lengths, drop) ? COARSE : FINE
    const joined = new Uint8Array(n * k)
    const beyond = new Int32Array(n)
    let some = false
    const open: Array<number> = []
    for (let i = 0; i < n; i++) {
      for (let j = 1; j <= k && j + drop < size; j++) {
        if (this.step(i, j + drop) > tolerance * this.scale(lengths, i, j + drop)) continue
        some = true
        if (j < k) joined[i * k + j] = 1
        else open.push(i)
      }
    }
    if (!some) return { n, k, own, index, similarity, ties: undefined }
    const start = new Float64Array(n + 1)
    const inverted = new Uint8Array(n)
    const ties = { joined, beyond, start, inverted, rows: new Int32Array(0), flat: false }
    const found = { n, k, own, index, similarity, ties }
    if (masked && share) return withRowsBeyond(found, lengths, tolerance, Int32Array.from(open), look)
    for (const i of open) beyond[i] = 1
    return found
  }

  /** How far entry j of row i is below the one before it. */
  private step(i: number, j: number): number {
    const at = i * this.size + j
    return this.similarity[at - 1] - this.similarity[at]
  }

  private scale(lengths: Float64Array, i: number, j: number): number {
    const at = i * this.size + j
    return lengths[i] * Math.max(lengths[this.index[at - 1]], lengths[this.index[at]])
  }

  /** Whether more than `NOTED_SHARE` of the steps are too small for float32 and yet not 0. */
  private nearlyTied(lengths: Float64Array, drop: number): boolean {
    let steps = 0
    let near = 0
    for (let i = 0; i < this.n; i++) {
      for (let j = 1 + drop; j < this.size; j++) {
        const step = this.step(i, j)
        const scale = this.scale(lengths, i, j)
        if (step <= FINE * scale) continue
        steps++
        if (step <= COARSE * scale) near++
      }
    }
    return near > NOTED_SHARE * steps
  }
}

/** Fills in the rows beyond the lists that equal their last entries, for the rows `open` where there are some. */
const withRowsBeyond = (
  found: Neighbours & { readonly ties: Ties },
  lengths: Float64Array,
  tolerance: number,
  open: Int32Array,
  look: (rows: Int32Array, visit: Visit) => void
): Neighbours => {
  const { n, k, index, similarity } = found
  const { beyond, inverted, start } = found.ties
  const kept = new Map<number, Int32Array>()
  const listed = new Int32Array(n).fill(-1)
  const equal = new Int32Array(n)
  const less = new Int32Array(n)
  const budget = Math.max(k, Math.floor(LARGEST_TIES / n))
  let random: RandomStream | undefined
  let stored = 0
  look(open, (i, values, from) => {
    listed[i] = i
    for (let j = i * k; j < (i + 1) * k; j++) listed[index[j]] = i
    const last = similarity[(i + 1) * k - 1]
    const lastLength = lengths[index[(i + 1) * k - 1]]
    let equals = 0
    let lesser = 0
    for (let j = 0; j < n; j++) {
      if (listed[j] === i) continue
      if (last - values[from + j] <= tolerance * lengths[i] * Math.max(lastLength, lengths[j]))
        equal[equals++] = j
      else less[lesser++] = j
    }
    beyond[i] = equals
    inverted[i] = lesser < equals ? 1 : 0
    let rows: Int32Array = lesser < equals ? less.slice(0, lesser) : equal.slice(0, equals)
    if (rows.length > budget) {
      random ??= makeRandom(digestOf(found), "ties")
      rows = thinned(found, i, equal.slice(0, equals), budget, random)
      beyond[i] = budget
      inverted[i] = 0
    }
    kept.set(i, rows)
    stored += rows.length
  })
  const rows = new Int32Array(stored)
  for (let i = 0; i < n; i++) {
    const part = kept.get(i)
    if (part !== undefined) rows.set(part, start[i])
    start[i + 1] = start[i] + (part?.length ?? 0)
  }
  let flat = true
  for (let i = 0; i < n && flat; i++) {
    const { from } = groupOf(found.ties, k, i, k - 1)
    flat = from === 0 && beyond[i] === n - 1 - k
  }
  return { ...found, ties: { ...found.ties, rows, flat } }
}

/** Puts a random part of row i's last group into its list and returns `budget` more of the group. */
const thinned = (
  { k, index, similarity, ties }: Neighbours & { readonly ties: Ties },
  i: number,
  beyond: Int32Array,
  budget: number,
  random: RandomStream
): Int32Array => {
  const { from } = groupOf(ties, k, i, k - 1)
  const inList = index.subarray(i * k + from, (i + 1) * k)
  const group = new Int32Array(inList.length + beyond.length)
  group.set(inList)
  group.set(beyond, inList.length)
  for (let j = 0; j < inList.length + budget; j++) {
    const other = j + random.integer(group.length - j)
    const row = group[j]
    group[j] = group[other]
    group[other] = row
  }
  inList.set(group.subarray(0, inList.length))
  similarity.fill(similarity[(i + 1) * k - 1], i * k + from, (i + 1) * k)
  return group.slice(inList.length, inList.length + budget)
}

/** Text that differs for views that differ, so that what is drawn for one tells nothing about another. */
const digestOf = ({ index, similarity }: Neighbours): string =>
  createHash("sha256")
    .update(new Uint8Array(index.buffer, index.byteOffset, index.byteLength))
    .update(new Uint8Array(similarity.buffer, similarity.byteOffset, similarity.byteLength))
    .digest("hex")
