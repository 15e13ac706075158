/**
 * Documents on a trigonometric curve of best radii: a positive margin with a threshold a query in dimension 2r, for every
 * matrix whose rows are at most r runs of the cyclic order of the columns; so for every k-sparse one in dimension 2k.
 *
 * θ_i = 2πi/n, v_i = (r_m cos mθ_i, r_m sin mθ_i)_{m = 1..r}, Σ r_m² = 1. For a row of R runs, the l-th of centre c_l and reaching
 * half a step beyond its ends, w_l from the centre,
 *
 *   q(θ) = (−1)^(R−1) ∏ (cos(θ − c_l) − cos w_l)
 *
 * is positive on the row and negative elsewhere, of degree R. Its non-constant part over r_m is the query; half of its gap
 * h over the query's length the margin, and max over rows of Σ_m |q_m|² / (r_m² h²), convex in r², is minimised. The moment
 * curve (`momentCurve.ts`) has all r_m alike and double zeros on the row, and a third of this margin; margins fall like n^(−2k) for
 * both. Where the margin is large enough to be found numerically, each query is the best for the documents.
 * Source: Gale 1963 (cyclic polytopes); arXiv 2605.23556, appendix C. Cost O(N (n r + r²)), and O(N r) a step over the radii.
 */
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { normaliseRows } from "../margins.ts"
import type { Relevance } from "../Relevance.ts"
import { trigonometricProduct } from "./trigonometricPolynomial.ts"

/** The dimension the construction needs, for a threshold a row. */
export const cyclicCurveDims = (a: Relevance): number => {
  let most = 1
  for (let j = 0; j < a.rows; j++) most = Math.max(most, runsOf(a, j).length)
  return 2 * most
}

/** Unit embeddings in `cyclicCurveDims(a)` dimensions. */
export const cyclicCurve = (a: Relevance): EmbeddingPair => {
  const dims = cyclicCurveDims(a)
  const degree = dims / 2
  const n = a.columns
  const queries = new Float64Array(a.rows * dims)
  /** |q_m|² / h² of each row. */
  const costs = new Float64Array(a.rows * degree)
  for (let j = 0; j < a.rows; j++) {
    const runs = runsOf(a, j)
    // A row of one class has no gap: any query will do.
    if (runs.length === 0) continue
    const factors = runs.map(({ from, to }) => ({
      centre: (Math.PI * (from + to)) / n,
      level: Math.cos((Math.PI * (to - from + 1)) / n)
    }))
    const { coefficients } = trigonometricProduct(factors, degree, runs.length % 2 === 0 ? -1 : 1)
    const half = halfGap(a, j, runs)
    queries.set(coefficients, j * dims)
    for (let m = 0; m < degree; m++) {
      costs[j * degree + m] = (coefficients[2 * m] ** 2 + coefficients[2 * m + 1] ** 2) / half ** 2
    }
  }
  const radii = bestRadii(costs, degree)
  const documents = new Float64Array(n * dims)
  for (let i = 0; i < n; i++) {
    for (let m = 1; m <= degree; m++) {
      const angle = (2 * Math.PI * ((i * m) % n)) / n
      documents[i * dims + 2 * m - 2] = radii[m - 1] * Math.cos(angle)
      documents[i * dims + 2 * m - 1] = radii[m - 1] * Math.sin(angle)
    }
  }
  for (let at = 0; at < queries.length; at++) queries[at] /= radii[(at % dims) >> 1]
  return { dims, queries: normaliseRows(queries, dims), documents: normaliseRows(documents, dims) }
}

interface Run {
  readonly from: number
  /** Inclusive; beyond n − 1 where the run passes the last column. */
  readonly to: number
}

/** The runs of a row in the cyclic order; none where it is empty or full. */
const runsOf = (a: Relevance, j: number): ReadonlyArray<Run> => {
  const [start, end] = [a.indptr[j], a.indptr[j + 1]]
  if (start === end || end - start === a.columns) return []
  const runs: Array<{ from: number; to: number }> = []
  for (let e = start; e < end; e++) {
    const last = runs.at(-1)
    if (last !== undefined && last.to === a.indices[e] - 1) last.to++
    else runs.push({ from: a.indices[e], to: a.indices[e] })
  }
  const [first, last] = [runs[0], runs[runs.length - 1]]
  if (runs.length > 1 && first.from === 0 && last.to === a.columns - 1) {
    last.to += first.to + 1
    runs.shift()
  }
  return runs
}

/** Half of (least q on the row − greatest off it), each factor as a product of sines: no digit is lost near its zeros. */
const halfGap = (a: Relevance, j: number, runs: ReadonlyArray<Run>): number => {
  const n = a.columns
  let positive = Number.POSITIVE_INFINITY
  let negative = Number.POSITIVE_INFINITY
  let next = a.indptr[j]
  for (let i = 0; i < n; i++) {
    let product = 1
    for (const { from, to } of runs) {
      product *= 2 * Math.sin((Math.PI * (i - from + 0.5)) / n) * Math.sin((Math.PI * (to + 0.5 - i)) / n)
    }
    const size = Math.abs(product)
    if (next < a.indptr[j + 1] && a.indices[next] === i) {
      next++
      positive = Math.min(positive, size)
    } else negative = Math.min(negative, size)
  }
  return (positive + negative) / 2
}

/** Radii of least max_j Σ_m costs_jm / r_m², with Σ r_m² = 1, by steps along coordinates of log r². */
const bestRadii = (costs: Float64Array, degree: number): Float64Array => {
  const worst = (squares: Float64Array): number => {
    const total = squares.reduce((sum, square) => sum + square, 0)
    let most = 0
    for (let at = 0; at < costs.length; at += degree) {
      let sum = 0
      for (let m = 0; m < degree; m++) sum += costs[at + m] / squares[m]
      most = Math.max(most, sum * total)
    }
    return most
  }
  let squares = new Float64Array(degree).fill(1)
  let least = worst(squares)
  for (let step = 1; step > 1e-6;) {
    let moved = false
    for (let m = 0; m < degree; m++) {
      for (const factor of [Math.exp(step), Math.exp(-step)]) {
        const tried = squares.map((square, at) => (at === m ? square * factor : square))
        const reached = worst(tried)
        if (reached >= least) continue
        least = reached
        squares = tried
        moved = true
      }
    }
    if (!moved) step /= 2
  }
  const total = squares.reduce((sum, square) => sum + square, 0)
  return squares.map((square) => Math.sqrt(square / total))
}
