/**
 * The trigonometric moment curve (cyclic polytope): a positive margin for every k-sparse matrix in dimension 2k with a
 * threshold per query, 2k + 1 with none, whatever the number of documents.
 *
 * θ_i = 2πi/n, v_i = (cos jθ_i, sin jθ_i)_{j = 1..k}/√k. For a query S, q_S(θ) = −∏_{s ∈ S} (1 − cos(θ − θ_s)) is a
 * trigonometric polynomial of degree |S| ≤ k that is 0 on S and negative elsewhere: u_S is its non-constant part, and
 * the threshold its constant one. With one more coordinate, (√(1−c²) v_i, c) carries the constant (and half of the gap),
 * so that no threshold is needed; c is chosen by search. Margins fall like n^(−2k).
 * Source: Alon, Frankl, Rödl 1985; Gale 1963; arXiv 2605.23556, appendix C. Cost O(N k² + n k).
 */
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { rowSize, type Relevance } from "../Relevance.ts"
import { trigonometricProduct } from "./trigonometricPolynomial.ts"

/** The dimension the construction needs. */
export const momentCurveDims = (a: Relevance, threshold: "zero" | "row"): number =>
  2 * largestRow(a) + (threshold === "zero" ? 1 : 0)

const largestRow = (a: Relevance): number => {
  let k = 1
  for (let j = 0; j < a.rows; j++) k = Math.max(k, rowSize(a, j))
  return k
}

/** Unit embeddings in `momentCurveDims(a, threshold)` dimensions. */
export const momentCurve = (a: Relevance, threshold: "zero" | "row"): EmbeddingPair => {
  const k = largestRow(a)
  const polynomials = Array.from({ length: a.rows }, (_, j) => polynomialOf(a, j, k))
  if (threshold === "row") return assemble(a, k, polynomials, undefined)
  const halves = polynomials.map(({ gap }) => gap / 2)
  // The margin for weight c of the constant coordinate: gap/2 over the length of the query.
  const least = (c: number): number => {
    let margin = Number.POSITIVE_INFINITY
    for (let j = 0; j < a.rows; j++) {
      const { square, constant, gap } = polynomials[j]
      const half = gap / 2
      if (gap === 0) continue
      margin = Math.min(
        margin,
        half / Math.sqrt((k * square) / (1 - c * c) + (constant + half) ** 2 / (c * c))
      )
    }
    return margin
  }
  let low = 1e-6
  let high = 1 - 1e-6
  for (let step = 0; step < 80; step++) {
    const third = (high - low) / 3
    if (least(low + third) < least(high - third)) low += third
    else high -= third
  }
  return assemble(a, k, polynomials, { weight: (low + high) / 2, halves })
}

interface Polynomial {
  /** cos and sin coefficients of degrees 1 … k, interleaved. */
  readonly coefficients: Float64Array
  readonly constant: number
  /** Σ of squared coefficients. */
  readonly square: number
  /** Least of −q over the documents outside S. */
  readonly gap: number
}

const polynomialOf = (a: Relevance, j: number, k: number): Polynomial => {
  const n = a.columns
  const columns = a.indices.subarray(a.indptr[j], a.indptr[j + 1])
  // −∏ (1 − cos) = −(−1)^|S| ∏ (cos − 1)
  const factors = Array.from(columns, (i) => ({ centre: (2 * Math.PI * i) / n, level: 1 }))
  const { coefficients, constant } = trigonometricProduct(factors, k, columns.length % 2 === 0 ? -1 : 1)
  let square = 0
  for (const x of coefficients) square += x * x
  let gap = Number.POSITIVE_INFINITY
  let next = a.indptr[j]
  for (let i = 0; i < n; i++) {
    if (next < a.indptr[j + 1] && a.indices[next] === i) {
      next++
      continue
    }
    let product = 1
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) {
      product *= 2 * Math.sin((Math.PI * (i - a.indices[e])) / n) ** 2
    }
    gap = Math.min(gap, product)
  }
  return { coefficients, constant, square, gap: Number.isFinite(gap) ? gap : 0 }
}

const assemble = (
  a: Relevance,
  k: number,
  polynomials: ReadonlyArray<Polynomial>,
  constant: { readonly weight: number; readonly halves: ReadonlyArray<number> } | undefined
): EmbeddingPair => {
  const dims = 2 * k + (constant === undefined ? 0 : 1)
  const c = constant?.weight ?? 0
  const w = Math.sqrt(1 - c * c)
  const documents = new Float64Array(a.columns * dims)
  for (let i = 0; i < a.columns; i++) {
    for (let m = 1; m <= k; m++) {
      const angle = (2 * Math.PI * ((i * m) % a.columns)) / a.columns
      documents[i * dims + 2 * m - 2] = (w * Math.cos(angle)) / Math.sqrt(k)
      documents[i * dims + 2 * m - 1] = (w * Math.sin(angle)) / Math.sqrt(k)
    }
    if (constant !== undefined) documents[i * dims + dims - 1] = c
  }
  const queries = new Float64Array(a.rows * dims)
  polynomials.forEach((polynomial, j) => {
    const row = queries.subarray(j * dims, (j + 1) * dims)
    for (let m = 0; m < 2 * k; m++) row[m] = (polynomial.coefficients[m] * Math.sqrt(k)) / w
    if (constant !== undefined) row[dims - 1] = (polynomial.constant + constant.halves[j]) / c
    // A full row has no gap: its query is 1 in the constant coordinate.
    if (constant !== undefined && polynomial.gap === 0) row.fill(0).fill(1, dims - 1)
    let square = 0
    for (const x of row) square += x * x
    if (square === 0) row[0] = 1
    else for (let m = 0; m < dims; m++) row[m] /= Math.sqrt(square)
  })
  return { dims, queries, documents }
}
