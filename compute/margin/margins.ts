/**
 * The margin of a pair of embeddings, three ways, in one streaming pass over the scores s_ji = ⟨u_j, v_i⟩:
 *
 * - zero:   min over all pairs of S_ji s_ji (positives ≥ +m, negatives ≤ −m), S = 2A − 1;
 * - global: half the gap (min positive − max negative) / 2, one threshold for all queries;
 * - row:    min over queries of half their own gap, one threshold each.
 *
 * zero ≤ global ≤ row. All are HALF gaps. Rows are used as they are given; `normaliseRows` puts them on the sphere.
 * Source: arXiv 2605.23556, definitions. Cost 2 N n d flops, memory O(n).
 *
 * `roundingBound` bounds the difference between each computed margin and the exact margin of the exact unit vectors
 * x/|x|, where x are the stored rows with norms within 4 u·d of 1: a margin above it is proved, not observed. It is 0
 * where every row is an axis or minus one: then every score is exact.
 */
import type { Relevance } from "./Relevance.ts"

export interface Margins {
  /** Zero-threshold margin. */
  readonly zero: number
  /** Half gap under the best one threshold; null when A has a single class. */
  readonly global: number | null
  /** Least half gap over rows that have both classes; null when no row has. */
  readonly row: number | null
  /** The best global threshold (least positive + greatest negative) / 2; null when A has a single class. */
  readonly relativeBias: number | null
  readonly leastPositive: number
  readonly greatestNegative: number
  /** Rows with one class only: left out of `row`. */
  readonly oneClassRows: number
  /** Rows ranked right: every relevant document above every other one. */
  readonly rankedRows: number
  /** See the module comment. */
  readonly roundingBound: number
}

type Reals = Float32Array | Float64Array

/** 2^−53: half the distance from 1 to the next float64. */
const unit = 2 ** -53

/** Puts every row on the unit sphere, in float64; a zero row becomes the first axis. */
export const normaliseRows = (data: Reals, dims: number): Float64Array => {
  const result = Float64Array.from(data)
  for (let start = 0; start < result.length; start += dims) {
    let largest = 0
    for (let k = 0; k < dims; k++) largest = Math.max(largest, Math.abs(result[start + k]))
    if (largest === 0) {
      result[start] = 1
      continue
    }
    let square = 0
    for (let k = 0; k < dims; k++) square += (result[start + k] / largest) ** 2
    const norm = largest * Math.sqrt(square)
    for (let k = 0; k < dims; k++) result[start + k] /= norm
  }
  return result
}

/**
 * Measures the margins of unit queries (rows × dims) and unit documents (columns × dims) on A. The visitor, where given,
 * sees each row's least positive and greatest negative (±Infinity where there is none).
 */
export const margins = (
  a: Relevance,
  queries: Reals,
  documents: Reals,
  dims: number,
  visit?: (row: number, leastPositive: number, greatestNegative: number) => void
): Margins => {
  if (queries.length !== a.rows * dims || documents.length !== a.columns * dims) {
    throw new RangeError(
      `margins: ${a.rows} × ${a.columns} relevance needs ${a.rows * dims} and ${a.columns * dims} numbers, got ` +
        `${queries.length} and ${documents.length}.`
    )
  }
  const scores = new Float64Array(a.columns)
  let leastPositive = Number.POSITIVE_INFINITY
  let greatestNegative = Number.NEGATIVE_INFINITY
  let row = Number.POSITIVE_INFINITY
  let oneClassRows = 0
  let rankedRows = 0
  for (let j = 0; j < a.rows; j++) {
    scoreRow(queries, documents, dims, j, scores)
    let positive = Number.POSITIVE_INFINITY
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) {
      const i = a.indices[e]
      if (scores[i] < positive) positive = scores[i]
      scores[i] = Number.NEGATIVE_INFINITY
    }
    let negative = Number.NEGATIVE_INFINITY
    for (let i = 0; i < a.columns; i++) if (scores[i] > negative) negative = scores[i]
    if (positive < leastPositive) leastPositive = positive
    if (negative > greatestNegative) greatestNegative = negative
    const both = positive !== Number.POSITIVE_INFINITY && negative !== Number.NEGATIVE_INFINITY
    if (!both) oneClassRows++
    else if ((positive - negative) / 2 < row) row = (positive - negative) / 2
    if (!both || positive > negative) rankedRows++
    visit?.(j, positive, negative)
  }
  const twoClasses =
    leastPositive !== Number.POSITIVE_INFINITY && greatestNegative !== Number.NEGATIVE_INFINITY
  return {
    zero: Math.min(leastPositive, 0 - greatestNegative),
    global: twoClasses ? (leastPositive - greatestNegative) / 2 : null,
    row: row === Number.POSITIVE_INFINITY ? null : row,
    relativeBias: twoClasses ? (leastPositive + greatestNegative) / 2 : null,
    leastPositive,
    greatestNegative,
    oneClassRows,
    rankedRows,
    roundingBound:
      signedAxes(queries, dims) && signedAxes(documents, dims)
        ? 0
        : roundingBound(usedDims([queries, documents], dims))
  }
}

/**
 * Norms of stored rows are within (d/2 + 4)u of 1 after `normaliseRows` (d/2 + 2 from the sum, 2 from root and
 * division), so normalising exactly moves a score by at most (d + 8)u (|s| ≤ 1); a dot product errs by at most d u.
 * Doubled for higher-order terms and the final subtraction.
 */
export const roundingBound = (dims: number): number => 2 * (2 * dims + 10) * unit

/** Coordinates that some row uses: products with zeros are exact, so that padding costs no margin. */
const usedDims = (sides: ReadonlyArray<Reals>, dims: number): number => {
  let used = 0
  for (let k = 0; k < dims; k++) {
    const uses = (data: Reals): boolean => {
      for (let at = k; at < data.length; at += dims) if (data[at] !== 0) return true
      return false
    }
    if (sides.some(uses)) used++
  }
  return used
}

/** Whether every row has one entry ±1 and zeros beside it. */
const signedAxes = (data: Reals, dims: number): boolean => {
  for (let start = 0; start < data.length; start += dims) {
    let sum = 0
    for (let k = start; k < start + dims; k++) {
      if (data[k] !== 0 && data[k] !== 1 && data[k] !== -1) return false
      sum += Math.abs(data[k])
    }
    if (sum !== 1) return false
  }
  return true
}

const scoreRow = (
  queries: Reals,
  documents: Reals,
  dims: number,
  row: number,
  scores: Float64Array
): void => {
  const base = row * dims
  for (let i = 0, at = 0; i < scores.length; i++) {
    let sum = 0
    for (let k = 0; k < dims; k++, at++) sum += queries[base + k] * documents[at]
    scores[i] = sum
  }
}
