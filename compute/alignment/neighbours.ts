/**
 * The k nearest neighbours of every row by inner product, most similar first.
 *
 * Exact. Similarities are float64. Equal ones are listed lower row first, and `ties` says which are equal and which rows
 * outside the list equal its last entry: ties.ts says what counts as equal, overlap.ts and `breakTies` what is done about
 * it. A row is not its own neighbour: it is masked out. (`rank0` instead drops whatever comes first, as the code of arXiv
 * 2605.28870 does; on rows that are not of unit length that can drop a real neighbour and keep the row itself.)
 *
 * Cost n² · d flops and n² comparisons; the blocked search holds one block of similarities at a time, so its memory is
 * O(n · (k + d)), and returns the same lists as the search over a whole Gram matrix. Rows whose last neighbour is tied are
 * looked at once more (selection.ts).
 */
import { productsByColumns } from "./kernels/Kernels.ts"
import { addProducts, postingsOf, productsWith } from "./gram.ts"
import { columnsOf, isCompressed, selectDense } from "./rows.ts"
import type { Rows } from "./rows.ts"
import { Selection } from "./selection.ts"
import type { Visit } from "./selection.ts"
import type { Ties } from "./ties.ts"

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
  /** Undefined where no two similarities of a row are equal. */
  readonly ties: Ties | undefined
}

export interface TieOptions {
  /** Whether to find the rows tied with the last of a list (default), or only to count the rows where there are some. */
  readonly ties?: boolean
  /** Whether the entries of the rows are float32; known where the rows are given. */
  readonly single?: boolean
}

/** The neighbours in a whole Gram matrix (n × n). Throws a RangeError unless 1 ≤ k ≤ n − 1. */
export const neighboursOfGram = (
  gram: Float64Array,
  n: number,
  k: number,
  selfExclusion: SelfExclusion = "mask",
  { ties = true, single = false }: TieOptions = {}
): Neighbours => {
  const selection = new Selection(n, k, selfExclusion)
  for (let i = 0; i < n; i++) selection.offer(i, gram, i * n, 1, 0, n)
  return selection.result(ties, single, (rows, visit) => {
    for (const row of rows) visit(row, gram, row * n)
  })
}

/** The neighbours of dense or sparse rows, by blocks of `blockRows` rows. Throws as `neighboursOfGram`. */
export const neighboursOf = (
  rows: Rows,
  k: number,
  selfExclusion: SelfExclusion = "mask",
  blockRows: number = 512,
  { ties = true }: TieOptions = {}
): Neighbours => {
  const n = rows.rows
  const selection = new Selection(n, k, selfExclusion)
  if (isCompressed(rows)) {
    const postings = postingsOf(rows)
    const similarities = new Float64Array(n)
    const visitAll = (which: Iterable<number>, visit: Visit): void => {
      for (const i of which) {
        similarities.fill(0)
        addProducts(rows, i, postings, similarities)
        visit(i, similarities, 0)
      }
    }
    visitAll(new Int32Array(n).keys(), (i) => selection.offer(i, similarities, 0, 1, 0, n))
    return selection.result(ties, rows.values instanceof Float32Array, visitAll)
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
  return selection.result(ties, rows.data instanceof Float32Array, (which, visit) => {
    for (let from = 0; from < which.length; from += 64) {
      const part = selectDense(rows, which.subarray(from, from + 64))
      const similarities = productsWith(part, rows, blockRows)
      for (let i = 0; i < part.rows; i++) visit(which[from + i], similarities, i * n)
    }
  })
}

/**
 * The lists after a permutation of the rows: row i of the permuted view is row `order[i]` of the view, and neighbours are
 * renamed to where they went. Equals searching the permuted rows where there are no ties; lists with ties need them broken
 * first.
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
  return { n, k, own, index, similarity, ties: undefined }
}
