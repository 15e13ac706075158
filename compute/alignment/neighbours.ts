/**
 * The k nearest neighbours of every row by inner product, most similar first.
 *
 * Exact. Similarities are float64; of two equal ones the lower row comes first. A row is not its own neighbour: it is
 * masked out. (`rank0` instead drops whatever comes first, as the code of arXiv 2605.28870 does; on rows that are not of
 * unit length that can drop a real neighbour and keep the row itself.)
 *
 * Cost n² · d flops and n² comparisons; the blocked search holds one block of similarities at a time, so its memory is
 * O(n · (k + d)), and returns the same lists as the search over a whole Gram matrix.
 */
import { productsByColumns } from "./kernels/Kernels.ts"
import { addProducts, postingsOf } from "./gram.ts"
import { columnsOf, isCompressed } from "./rows.ts"
import type { Rows } from "./rows.ts"

export type SelfExclusion = "mask" | "rank0"

export interface Neighbours {
  readonly n: number
  readonly k: number
  /** n × k, row i lists the neighbours of row i, most similar first. */
  readonly index: Int32Array
  /** n × k, the inner products beside `index`. */
  readonly similarity: Float64Array
  /** n, the inner product of each row with itself. */
  readonly own: Float64Array
}

/** The neighbours in a whole Gram matrix (n × n). Throws a RangeError unless 1 ≤ k ≤ n − 1. */
export const neighboursOfGram = (
  gram: Float64Array,
  n: number,
  k: number,
  selfExclusion: SelfExclusion = "mask"
): Neighbours => {
  const selection = new Selection(n, k, selfExclusion)
  for (let i = 0; i < n; i++) selection.offer(i, gram, i * n, 1, 0, n)
  return selection.result()
}

/** The neighbours of dense or sparse rows, by blocks of `blockRows` rows. Throws as `neighboursOfGram`. */
export const neighboursOf = (
  rows: Rows,
  k: number,
  selfExclusion: SelfExclusion = "mask",
  blockRows: number = 512
): Neighbours => {
  const n = rows.rows
  const selection = new Selection(n, k, selfExclusion)
  if (isCompressed(rows)) {
    const postings = postingsOf(rows)
    const similarities = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      similarities.fill(0)
      addProducts(rows, i, postings, similarities)
      selection.offer(i, similarities, 0, 1, 0, n)
    }
    return selection.result()
  }
  for (let top = 0; top < n; top += blockRows) {
    const height = Math.min(blockRows, n - top)
    for (let left = 0; left <= top; left += blockRows) {
      const width = Math.min(blockRows, n - left)
      productsByColumns(
        height,
        columnsOf(rows, top, height),
        width,
        columnsOf(rows, left, width),
        rows.dims,
        (block) => {
          for (let i = 0; i < height; i++) selection.offer(top + i, block, i * width, 1, left, width)
          if (left === top) return
          for (let j = 0; j < width; j++) selection.offer(left + j, block, j, width, top, height)
        }
      )
    }
  }
  return selection.result()
}

/** The best lists so far, each kept in order (similarity falling, row rising) by insertion. */
class Selection {
  private readonly n: number
  private readonly k: number
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
    this.size = this.masked ? k : k + 1
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

  result(): Neighbours {
    const { n, k, own, size } = this
    if (this.masked) return { n, k, own, index: this.index, similarity: this.similarity }
    const index = new Int32Array(n * k)
    const similarity = new Float64Array(n * k)
    for (let i = 0; i < n; i++) {
      index.set(this.index.subarray(i * size + 1, (i + 1) * size), i * k)
      similarity.set(this.similarity.subarray(i * size + 1, (i + 1) * size), i * k)
    }
    return { n, k, own, index, similarity }
  }
}

/**
 * The lists after a permutation of the rows: row i of the permuted view is row `order[i]` of the view, and neighbours are
 * renamed to where they went. Equals searching the permuted rows where there are no ties.
 */
export const permuteNeighbours = (neighbours: Neighbours, order: Uint32Array): Neighbours => {
  const { k, n } = neighbours
  const place = new Int32Array(n)
  for (let i = 0; i < n; i++) place[order[i]] = i
  const index = new Int32Array(n * k)
  const similarity = new Float64Array(n * k)
  const own = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const from = order[i] * k
    own[i] = neighbours.own[order[i]]
    for (let j = 0; j < k; j++) {
      index[i * k + j] = place[neighbours.index[from + j]]
      similarity[i * k + j] = neighbours.similarity[from + j]
    }
  }
  return { n, k, own, index, similarity }
}
