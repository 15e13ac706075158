/**
 * One more coordinate in place of a threshold: a pair with a global or row margin in dimension d becomes one with a zero
 * margin in dimension d + 1.
 *
 * Documents (cos φ v_i, sin φ) and queries (cos ψ_j u_j, −sin ψ_j) score cos φ cos ψ_j s_ji − sin φ sin ψ_j. With
 * tan φ tan ψ_j = b_j, the middle of row j's gap of half size m_j, both sides of the gap come to
 *
 *   g_j = cos φ cos ψ_j m_j = m_j / √(1 + b_j² + x + b_j²/x),   x = tan² φ.
 *
 * One threshold b for all: x = |b| is best, φ = ψ, and the zero margin is m / (1 + |b|). A threshold a row: 1/g_j² is convex
 * in log x, so min_j g_j has one maximum over x, found by golden section. A row of one class turns to the last axis, where it
 * scores ± sin φ. The zero margin is positive wherever m is.
 * Cost O(N n d) to measure, O(N) a step of the search.
 */
import { zeroPad, type EmbeddingPair } from "../EmbeddingPair.ts"
import { margins, normaliseRows } from "../margins.ts"
import type { Relevance } from "../Relevance.ts"

/** The zero margin that `lift` gives a pair with half gap m about the one threshold b. */
export const liftedMargin = (margin: number, bias: number): number => margin / (1 + Math.abs(bias))

/** The same vectors in dims + 1 with thresholds of `from` traded for a coordinate; every row needs a threshold of that kind. */
export const lift = (a: Relevance, pair: EmbeddingPair, from: "global" | "row"): EmbeddingPair => {
  const { middle, half } = gaps(a, pair, from)
  let largest = 0
  for (const b of middle) largest = Math.max(largest, Math.abs(b))
  const x = from === "global" ? largest : bestSquare(middle, half)
  if (x === 0) return zeroPad(pair, pair.dims + 1)
  const root = Math.sqrt(x)
  const cosine = 1 / Math.sqrt(1 + x)
  const { dims } = pair
  const wide = dims + 1
  const documents = new Float64Array(a.columns * wide)
  for (let i = 0; i < a.columns; i++) {
    for (let k = 0; k < dims; k++) documents[i * wide + k] = cosine * pair.documents[i * dims + k]
    documents[i * wide + dims] = root * cosine
  }
  const queries = new Float64Array(a.rows * wide)
  for (let j = 0; j < a.rows; j++) {
    // tan ψ = b / √x; a middle of ±∞ has no part in the old coordinates.
    const b = middle[j]
    const mixed = Number.isFinite(b)
    if (mixed) for (let k = 0; k < dims; k++) queries[j * wide + k] = root * pair.queries[j * dims + k]
    queries[j * wide + dims] = mixed ? -b : -Math.sign(b)
  }
  return { dims: wide, queries: normaliseRows(queries, wide), documents: normaliseRows(documents, wide) }
}

/** Each row's middle and half gap; with thresholds a row, a one-class row's middle is −∞ (all relevant) or ∞ (none). */
const gaps = (
  a: Relevance,
  pair: EmbeddingPair,
  from: "global" | "row"
): { readonly middle: Float64Array; readonly half: Float64Array } => {
  const middle = new Float64Array(a.rows)
  const half = new Float64Array(a.rows)
  const measured = margins(a, pair.queries, pair.documents, pair.dims, (row, positive, negative) => {
    middle[row] = (positive + negative) / 2
    half[row] = (positive - negative) / 2
  })
  if (from === "row") return { middle, half }
  if (measured.relativeBias === null || measured.global === null) {
    throw new RangeError("lift: A has a single class, and so no threshold to trade for a coordinate.")
  }
  return { middle: middle.fill(measured.relativeBias), half: half.fill(measured.global) }
}

/** The x of greatest min_j g_j; rows with no positive half gap do not count. */
const bestSquare = (middle: Float64Array, half: Float64Array): number => {
  /** The greatest 1/g_j². */
  const worst = (logarithm: number): number => {
    const x = Math.exp(logarithm)
    let most = 0
    for (let j = 0; j < middle.length; j++) {
      const b = middle[j]
      if (!Number.isFinite(b)) most = Math.max(most, 1 + 1 / x)
      else if (half[j] > 0) most = Math.max(most, (1 + b * b + x + (b * b) / x) / half[j] ** 2)
    }
    return most
  }
  const ratio = (Math.sqrt(5) - 1) / 2
  let low = -40
  let high = 10
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)]
  let [atLeft, atRight] = [worst(left), worst(right)]
  while (high - low > 1e-9) {
    if (atLeft <= atRight) {
      high = right
      right = left
      atRight = atLeft
      left = high - ratio * (high - low)
      atLeft = worst(left)
    } else {
      low = left
      left = right
      atLeft = atRight
      right = low + ratio * (high - low)
      atRight = worst(right)
    }
  }
  return Math.exp((low + high) / 2)
}
