/**
 * Solutions that are known beforehand, offered as they are: what the search returns is never worse.
 *
 * - orthogonal: all queries on one axis, all documents on another; every score is exactly 0, and so is every margin;
 * - cyclic curve: positive wherever d ≥ 2k (a threshold a row) or 2k + 1, queries the best for their documents;
 * - spherical code: where each row asks for one document, or for all but one: queries are documents, or minus the one left
 *   out. For the zero threshold the code of dimension d − 1 with the threshold traded for a coordinate (`lift.ts`).
 */
import { cyclicCurve, cyclicCurveDims } from "../constructions/cyclicCurve.ts"
import { sphericalCode } from "../constructions/sphericalCodes.ts"
import { zeroPad, type EmbeddingPair } from "../EmbeddingPair.ts"
import { margins } from "../margins.ts"
import { rowSize, type Relevance, type Threshold } from "../Relevance.ts"
import { allQueries, isComplete, rowOrbits } from "./cyclicAction.ts"
import { lift } from "./lift.ts"
import { maxMarginQueries } from "./maxMarginQueries.ts"

export interface KnownPair {
  readonly name: string
  /** In the dimension asked for. */
  readonly pair: EmbeddingPair
}

/** The known pairs of A in dimension `dims` for a threshold that A has. */
export const knownPairs = (a: Relevance, dims: number, threshold: Threshold): ReadonlyArray<KnownPair> => {
  const result: Array<KnownPair> = [{ name: "orthogonal", pair: orthogonal(a, dims) }]
  const offer = (name: string, pair: EmbeddingPair | undefined): void => {
    if (pair !== undefined) result.push({ name, pair: zeroPad(pair, dims) })
  }
  const curve = curvePair(a, threshold === "row" ? dims : dims - 1)
  offer("cyclic-curve", curve === undefined || threshold === "row" ? curve : lift(a, curve, "row"))
  offer("spherical-code", codePair(a, dims, threshold))
  return result
}

/** On the line there are no two orthogonal vectors: there all are one, which is 0 for any threshold but the zero one. */
const orthogonal = (a: Relevance, dims: number): EmbeddingPair => {
  const axis = (count: number, at: number): Float64Array => {
    const data = new Float64Array(count * dims)
    for (let row = 0; row < count; row++) data[row * dims + at] = 1
    return data
  }
  return { dims, queries: axis(a.rows, 0), documents: axis(a.columns, dims > 1 ? 1 : 0) }
}

/** A positive row margin where `dims` has room for the curve. Of a complete graph one row of each orbit is looked at. */
const curvePair = (a: Relevance, dims: number): EmbeddingPair | undefined => {
  if (a.columns < 3 || cyclicCurveDims(a) > dims) return undefined
  if (!isComplete(a)) return bestQueries(a, cyclicCurve(a))
  const blocks = Array.from({ length: cyclicCurveDims(a) / 2 }, (_, m) => m + 1)
  const action = { order: a.columns, orbits: 1, blocks }
  const orbits = rowOrbits(a, action)
  const pair = bestQueries(orbits.relevance, cyclicCurve(orbits.relevance))
  return { ...pair, queries: allQueries(action, orbits, pair) }
}

/** For each row the query of greatest gap of two: the given one, and the best by computation, which fails near rounding. */
const bestQueries = (a: Relevance, pair: EmbeddingPair): EmbeddingPair => {
  const gapsOf = ({ dims, documents, queries }: EmbeddingPair): Float64Array => {
    const gaps = new Float64Array(a.rows)
    margins(a, queries, documents, dims, (row, positive, negative) => {
      gaps[row] = positive - negative
    })
    return gaps
  }
  const computed = maxMarginQueries(a, pair, "row")
  const [before, after] = [gapsOf(pair), gapsOf(computed)]
  const { dims } = pair
  const queries = pair.queries.map((x, at) => {
    const row = Math.floor(at / dims)
    return after[row] > before[row] ? computed.queries[at] : x
  })
  return { ...pair, queries }
}

/** Undefined where a row is neither one document nor all but one, or no code of the table has n points. */
const codePair = (a: Relevance, dims: number, threshold: Threshold): EmbeddingPair | undefined => {
  const n = a.columns
  for (let j = 0; j < a.rows; j++) if (rowSize(a, j) !== 1 && rowSize(a, j) !== n - 1) return undefined
  const code = sphericalCode(n, threshold === "zero" ? dims - 1 : dims)
  if (code === undefined) return undefined
  const queries = new Float64Array(a.rows * code.dims)
  for (let j = 0; j < a.rows; j++) {
    const one = rowSize(a, j) === 1
    const column = one ? a.indices[a.indptr[j]] : leftOut(a, j)
    for (let k = 0; k < code.dims; k++) {
      queries[j * code.dims + k] = (one ? 1 : -1) * code.points[column * code.dims + k]
    }
  }
  const pair = { dims: code.dims, queries, documents: code.points }
  return threshold === "zero" ? lift(a, pair, "row") : pair
}

/** The column that a row with all but one does not mark. */
const leftOut = (a: Relevance, j: number): number => {
  const from = a.indptr[j]
  let column = 0
  while (from + column < a.indptr[j + 1] && a.indices[from + column] === column) column++
  return column
}
