/**
 * A relevance matrix A ∈ {0, 1}^{N × n}: which of n documents (columns) each of N queries (rows) asks for.
 *
 * Only the positives are stored, as compressed sparse rows. Distinct queries may ask for the same documents; since equal
 * rows can share one embedding and change no margin, each distinct row is kept once, with the number of its copies.
 */

/** Row j's relevant columns are `indices[indptr[j] .. indptr[j + 1]]`, rising. No two rows are equal. */
export interface Relevance {
  readonly rows: number
  readonly columns: number
  /** length rows + 1 */
  readonly indptr: Uint32Array
  /** length indptr[rows]; each below `columns` */
  readonly indices: Uint32Array
  /** How many queries had this row; absent when each had one. */
  readonly weights?: Float64Array
}

/** Which scores a margin parts: at 0, at one threshold for all queries, or at one for each query. */
export type Threshold = "zero" | "global" | "row"

/** How many of the entries of row j are relevant. */
export const rowSize = (a: Relevance, j: number): number => a.indptr[j + 1] - a.indptr[j]

/** How many entries are 1. */
export const positives = (a: Relevance): number => a.indptr[a.rows]

/** How many entries are 0. */
export const negatives = (a: Relevance): number => a.rows * a.columns - positives(a)

/** Whether every entry is relevant, or none: then no threshold separates two classes. */
export const singleClass = (a: Relevance): boolean => positives(a) === 0 || negatives(a) === 0

/** Rows that are empty or full: a threshold of their own has only one class to bound, so `marginRow` leaves them out. */
export const oneClassRows = (a: Relevance): number => {
  let count = 0
  for (let j = 0; j < a.rows; j++) {
    const size = rowSize(a, j)
    if (size === 0 || size === a.columns) count++
  }
  return count
}

/**
 * Whether A has what a threshold parts: nothing is needed for zero, both classes for one shared threshold, a row with both
 * for one threshold per row.
 */
export const hasThreshold = (a: Relevance, threshold: Threshold): boolean => {
  if (threshold === "zero") return true
  return threshold === "global" ? !singleClass(a) : oneClassRows(a) < a.rows
}

/**
 * Keeps each distinct row once, in order of first appearance, with weights. `order[j]` is the distinct row that row j
 * became. Rows' indices must be rising and distinct. Cost O(nnz).
 */
export const distinctRows = (
  rows: number,
  columns: number,
  indptr: Uint32Array,
  indices: Uint32Array
): { readonly relevance: Relevance; readonly order: Uint32Array } => {
  const buckets = new Map<number, Array<number>>()
  const order = new Uint32Array(rows)
  const kept: Array<number> = []
  const weights: Array<number> = []
  const equal = (x: number, y: number): boolean => {
    const size = indptr[x + 1] - indptr[x]
    if (indptr[y + 1] - indptr[y] !== size) return false
    for (let e = 0; e < size; e++) if (indices[indptr[x] + e] !== indices[indptr[y] + e]) return false
    return true
  }
  for (let j = 0; j < rows; j++) {
    let hash = 0x811c9dc5
    for (let e = indptr[j]; e < indptr[j + 1]; e++) {
      hash = Math.imul(hash ^ indices[e], 0x01000193)
      hash ^= hash >>> 15
    }
    const bucket = buckets.get(hash)
    const known = bucket?.find((position) => equal(kept[position], j))
    if (known !== undefined) {
      order[j] = known
      weights[known]++
      continue
    }
    order[j] = kept.length
    if (bucket === undefined) buckets.set(hash, [kept.length])
    else bucket.push(kept.length)
    kept.push(j)
    weights.push(1)
  }
  if (kept.length === rows) return { relevance: { rows, columns, indptr, indices }, order }
  const newIndptr = new Uint32Array(kept.length + 1)
  for (let i = 0; i < kept.length; i++) {
    newIndptr[i + 1] = newIndptr[i] + indptr[kept[i] + 1] - indptr[kept[i]]
  }
  const newIndices = new Uint32Array(newIndptr[kept.length])
  for (let i = 0; i < kept.length; i++) {
    newIndices.set(indices.subarray(indptr[kept[i]], indptr[kept[i] + 1]), newIndptr[i])
  }
  return {
    relevance: {
      rows: kept.length,
      columns,
      indptr: newIndptr,
      indices: newIndices,
      weights: Float64Array.from(weights)
    },
    order
  }
}

/** From lists of relevant columns, in any order; repeated columns in a row count once. Equal rows are kept once. */
export const fromLists = (columns: number, lists: ReadonlyArray<ReadonlyArray<number>>): Relevance => {
  lists.forEach((list, row) => {
    for (const column of list) {
      if (column >= 0 && column < columns && Number.isInteger(column)) continue
      throw new RangeError(`Row ${row} names column ${column} of a matrix with ${columns} columns.`)
    }
  })
  const sorted = lists.map((list) => [...new Set(list)].sort((x, y) => x - y))
  const indptr = new Uint32Array(lists.length + 1)
  for (let j = 0; j < lists.length; j++) indptr[j + 1] = indptr[j] + sorted[j].length
  const indices = new Uint32Array(indptr[lists.length])
  for (let j = 0; j < lists.length; j++) indices.set(sorted[j], indptr[j])
  return distinctRows(lists.length, columns, indptr, indices).relevance
}

/** Whether row j marks column i, by binary search. */
export const isRelevant = (a: Relevance, j: number, i: number): boolean => {
  let low = a.indptr[j]
  let high = a.indptr[j + 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (a.indices[middle] < i) low = middle + 1
    else high = middle
  }
  return low < a.indptr[j + 1] && a.indices[low] === i
}
