/**
 * Ties among similarities: which they are, and lists with the ties broken by a random order.
 *
 * Two similarities of row i count as equal when they differ by at most τ ‖x_i‖ max(‖x_j‖, ‖x_l‖). τ is 2^−40: float64 sums
 * of d products leave about d · 2^−53 of that size, so what is equal in exact arithmetic is found equal, and neighbours of
 * real data lie further apart by orders of magnitude. Entries in float32 are known to 2^−24 only; unit rows of whole numbers
 * stored so have equal similarities 2^−22 apart at most. There τ is 2^−22, if more than `NOTED_SHARE` of the list's steps
 * are that small without being equal: continuous data, where it is a step in some thousand, keeps its own order.
 *
 * Why it matters: if of equal similarities the lower row came first in both views, unrelated views would name the same rows,
 * and a permutation that renames one view's lists would not show it.
 */
import type { RandomStream } from "../random/RandomStream.ts"
import type { Neighbours } from "./neighbours.ts"

export const FINE = 2 ** -40
export const COARSE = 2 ** -22

/** A view whose k-th neighbour is tied in more than this share of its rows says so wherever it is scored. */
export const NOTED_SHARE = 0.05

/** The ties of lists that have any. The k entries of a row in groups of equals, and the equals of the last beyond the list. */
export interface Ties {
  /** n × k: 1 where an entry equals the one before it in its row. */
  readonly joined: Uint8Array
  /** n: how many rows that are not in the list equal its last entry. */
  readonly beyond: Int32Array
  /**
   * Which they are: `rows[start[i] … start[i + 1]]`; or, where `inverted[i]`, the rows that are less similar, so that
   * those beyond are the rest (of sparse codes nearly every row is tied at 0).
   */
  readonly start: Float64Array
  readonly rows: Int32Array
  readonly inverted: Uint8Array
  /** Whether in every row all others are equal: a view without variation has no neighbours. */
  readonly flat: boolean
}

/** Where the group of entry `at` of row `row` starts, and where it ends within the list. */
export const groupOf = (
  { joined }: Ties,
  k: number,
  row: number,
  at: number
): { readonly from: number; readonly to: number } => {
  const base = row * k
  let from = at
  while (from > 0 && joined[base + from] === 1) from--
  let to = at + 1
  while (to < k && joined[base + to] === 1) to++
  return { from, to }
}

/** Whether the k-th entry of row `row` equals an entry after it. */
const tiedAt = (neighbours: Neighbours, row: number, k: number): boolean => {
  const { ties } = neighbours
  if (ties === undefined) return false
  return k < neighbours.k ? ties.joined[row * neighbours.k + k] === 1 : ties.beyond[row] > 0
}

/** The share of rows whose k-th neighbour is tied with one that is left out. */
export const tiedShare = (neighbours: Neighbours, k: number): number => {
  let tied = 0
  for (let i = 0; i < neighbours.n; i++) if (tiedAt(neighbours, i, k)) tied++
  return tied / neighbours.n
}

/** The share of rows with a tie anywhere among their first k neighbours and the next: what metrics of ordered lists meet. */
export const disorderedShare = (neighbours: Neighbours, k: number): number => {
  const { ties } = neighbours
  if (ties === undefined) return 0
  let tied = 0
  for (let i = 0; i < neighbours.n; i++) {
    let found = tiedAt(neighbours, i, k)
    for (let j = 1; j < k && !found; j++) found = ties.joined[i * neighbours.k + j] === 1
    if (found) tied++
  }
  return tied / neighbours.n
}

/**
 * The lists with every group of equals in a random order of its own, row by row; of a group that reaches past the end of
 * the list a random part is in it. Any first k of the result are a random choice too. Lists without ties come back as they
 * are. Cost O(n k) numbers drawn.
 */
export const breakTies = (neighbours: Neighbours, random: RandomStream): Neighbours => {
  const { ties, n, k, own } = neighbours
  if (ties === undefined) return neighbours
  const index = neighbours.index.slice()
  const similarity = neighbours.similarity.slice()
  const taken = new Int32Array(n).fill(-1)
  for (let i = 0; i < n; i++) {
    const base = i * k
    for (let from = 0, to = 1; from < k; from = to, to++) {
      while (to < k && ties.joined[base + to] === 1) to++
      if (to === k && ties.beyond[i] > 0) {
        chooseLast(neighbours, ties, i, from, index, similarity, taken, random)
        continue
      }
      for (let j = to - 1; j > from; j--) {
        const other = from + random.integer(j - from + 1)
        swap(index, base + j, base + other)
        swap(similarity, base + j, base + other)
      }
    }
  }
  return { n, k, own, index, similarity, ties: undefined }
}

const swap = (array: Int32Array | Float64Array, i: number, j: number): void => {
  const kept = array[i]
  array[i] = array[j]
  array[j] = kept
}

/** Fills entries `from … k` of row i with as many of its last group, drawn at random from those in the list and beyond. */
const chooseLast = (
  { n, k, index: listed }: Neighbours,
  ties: Ties,
  i: number,
  from: number,
  index: Int32Array,
  similarity: Float64Array,
  taken: Int32Array,
  random: RandomStream
): void => {
  const base = i * k
  const wanted = k - from
  const size = wanted + ties.beyond[i]
  const last = similarity[base + k - 1]
  let draw: () => number
  if (ties.inverted[i] === 1) {
    taken[i] = i
    for (let j = 0; j < from; j++) taken[listed[base + j]] = i
    for (let p = ties.start[i]; p < ties.start[i + 1]; p++) taken[ties.rows[p]] = i
    draw = () => random.integer(n)
  } else {
    const start = ties.start[i] - wanted
    draw = () => {
      const at = random.integer(size)
      return at < wanted ? listed[base + from + at] : ties.rows[start + at]
    }
  }
  if (2 * wanted > size) {
    // Nearly all of the group: drawing until a new one turns up would take long.
    const group = membersOf(listed, ties, n, k, i, from)
    for (let j = 0; j < wanted; j++) {
      const other = j + random.integer(size - j)
      swap(group, j, other)
      index[base + from + j] = group[j]
      similarity[base + from + j] = last
    }
    return
  }
  for (let j = from; j < k; j++) {
    let row = draw()
    while (taken[row] === i) row = draw()
    taken[row] = i
    index[base + j] = row
    similarity[base + j] = last
  }
}

/** All rows of the last group of row i, which starts at entry `from`. */
const membersOf = (
  listed: Int32Array,
  ties: Ties,
  n: number,
  k: number,
  i: number,
  from: number
): Int32Array => {
  const inList = listed.subarray(i * k + from, (i + 1) * k)
  const stored = ties.rows.subarray(ties.start[i], ties.start[i + 1])
  if (ties.inverted[i] === 0) return Int32Array.of(...inList, ...stored)
  const out = new Set<number>([i, ...listed.subarray(i * k, i * k + from), ...stored])
  const group: Array<number> = []
  for (let j = 0; j < n; j++) if (!out.has(j)) group.push(j)
  return Int32Array.from(group)
}
