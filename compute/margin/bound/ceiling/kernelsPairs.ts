/**
 * The points (queries, then documents) that a kernel ceiling looks at, and what a margin m says of each pair's angle.
 *
 * With thresholds τ in [from, to], a relevant pair has cosine ≥ τ + m, another one ≤ τ − m. Two documents that some query
 * separates are apart: ⟨u, v⟩ ≥ τ + m and ⟨u, v'⟩ ≤ τ − m leave v and v' an angle of arccos(τ − m) − arccos(τ + m) or more,
 * least at the τ nearest to 0. So are two queries that differ, where they share their threshold; with a threshold each,
 * two queries of which neither holds the other: 4m ≤ ⟨u − u', v − v'⟩ ≤ 2 |u − u'|, an angle of 2 arcsin m.
 */
import { isRelevant, rowSize, type Relevance, type Threshold } from "../../Relevance.ts"

export interface PairsOfPoints {
  /** Rows and columns of A that are points, rows first. */
  readonly rows: Float64Array
  readonly columns: Float64Array
  /** Pairs of points (first < second): those that nothing parts, those apart, then by query the relevant and the others. */
  readonly first: Uint32Array
  readonly second: Uint32Array
  /** Pairs [0, free) are free, [free, apart) apart. */
  readonly free: number
  readonly apart: number
  /** For each query: where its relevant pairs start and its others; one more entry of `relevant` is the end. */
  readonly relevant: Uint32Array
  readonly others: Uint32Array
}

export const pairsOfPoints = (
  a: Relevance,
  threshold: Threshold,
  rows: Float64Array,
  columns: Float64Array
): PairsOfPoints => {
  const N = rows.length
  const marked = Array.from(rows, (row) => Array.from(columns, (column) => isRelevant(a, row, column)))
  const free: Array<readonly [number, number]> = []
  const apart: Array<readonly [number, number]> = []
  for (let x = 0; x < N; x++) {
    for (let y = x + 1; y < N; y++) {
      ;(queriesApart(a, threshold, rows[x], rows[y]) ? apart : free).push([x, y])
    }
  }
  for (let x = 0; x < columns.length; x++) {
    for (let y = x + 1; y < columns.length; y++) {
      const parted = marked.some((row, j) => row[x] !== row[y] && counts(a, threshold, rows[j]))
      ;(parted ? apart : free).push([N + x, N + y])
    }
  }
  const pairs = [...free, ...apart]
  const relevant: Array<number> = []
  const others: Array<number> = []
  marked.forEach((row, j) => {
    relevant.push(pairs.length)
    row.forEach((is, i) => is && pairs.push([j, N + i]))
    others.push(pairs.length)
    row.forEach((is, i) => !is && pairs.push([j, N + i]))
  })
  relevant.push(pairs.length)
  return {
    rows,
    columns,
    first: Uint32Array.from(pairs, ([x]) => x),
    second: Uint32Array.from(pairs, ([, y]) => y),
    free: free.length,
    apart: free.length + apart.length,
    relevant: Uint32Array.from(relevant),
    others: Uint32Array.from(others)
  }
}

/** A threshold of its own says nothing of a row of one class. */
export const counts = (a: Relevance, threshold: Threshold, row: number): boolean =>
  threshold !== "row" || (rowSize(a, row) > 0 && rowSize(a, row) < a.columns)

/** Whether a margin parts the two queries' vectors. */
const queriesApart = (a: Relevance, threshold: Threshold, x: number, y: number): boolean => {
  let common = 0
  for (let e = a.indptr[x]; e < a.indptr[x + 1]; e++) if (isRelevant(a, y, a.indices[e])) common++
  return threshold === "row"
    ? common < Math.min(rowSize(a, x), rowSize(a, y))
    : common < Math.max(rowSize(a, x), rowSize(a, y))
}

/** The least angle between points that are apart, for thresholds in [from, to] (a threshold each: from ≤ 0 ≤ to). */
export const leastAngle = (margin: number, from: number, to: number): number => {
  const nearest = from > 0 ? from : to < 0 ? to : 0
  const angle = Math.acos(Math.max(-1, nearest - margin)) - Math.acos(Math.min(1, nearest + margin))
  return Math.max(0, angle)
}
