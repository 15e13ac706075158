/**
 * A cheap bound for any relevance matrix, large ones above all: dual weights with one level on the positives and one on
 * the negatives, and embeddings whose documents are at equal angles.
 *
 * Upper: J = S ∘ X with X = x/|A| on positives and (1 − x)/|1 − A| on negatives, rows in proportion (each row of a
 * threshold of its own balanced), p and q uniform or by mass; `certificate.ts` proves it. Lower: documents with Gram
 * α I + (1 − α) 11ᵀ, query j along Σ_i J_ji v_i. Both are one-parameter families searched by golden section; they meet
 * exactly where the rows and the columns of A look alike (a group acts transitively on both), and elsewhere they are
 * valid and loose. Cost: O(N k² + n³) a trial above, O(N n) a trial below; memory O(N k + n²).
 * Source: our own derivation, after the duality of arXiv 2605.23556 and without its assumption on A.
 */
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { roundingBound } from "../margins.ts"
import { negatives, positives, rowSize, type Relevance, type Threshold } from "../Relevance.ts"
import { inRange, verify, type DualWeights } from "./certificate.ts"

export interface TwoLevelBound {
  readonly lower: number
  readonly upper: number
  /** The dual weights that prove `upper`. */
  readonly weights: DualWeights
  /** The embeddings of `lower`, in n + 1 dimensions; built on demand (N × (n + 1) numbers). */
  readonly embeddings: () => EmbeddingPair
}

export const twoLevelBound = (a: Relevance, threshold: Threshold): TwoLevelBound => {
  const upperAt = (share: number): number => verify(a, threshold, twoLevelWeights(a, threshold, share))
  const level = threshold === "zero" ? golden(upperAt, 0, 1, 40) : { at: 0.5, value: upperAt(0.5) }
  // Documents with angle parameter α, queries along x · (mean positive) − y · (mean negative).
  const sizes = [...new Set(Array.from({ length: a.rows }, (_, j) => rowSize(a, j)))].sort((x, y) => x - y)
  const widest = a.columns / Math.max(1, a.columns - 1)
  const bestSpread = (share: number): { readonly at: number; readonly value: number } =>
    golden((spread) => -equiangularMargin(a.columns, sizes, threshold, spread, share), 0, widest, 60)
  const share = threshold === "zero" ? golden((share) => bestSpread(share).value, 0, 1, 60).at : 0.5
  const spread = bestSpread(share)
  const lower = -spread.value
  const best = { spread: spread.at, share }
  return {
    lower: lower - roundingBound(a.columns + 1),
    upper: level.value,
    weights: twoLevelWeights(a, threshold, level.at),
    embeddings: () => equiangular(a, best.spread, best.share)
  }
}

/** X with mass `share` on the positives, spread evenly; with a threshold per row every mixed row is balanced by itself. */
const twoLevelWeights = (a: Relevance, threshold: Threshold, share: number): DualWeights => {
  const { rows, columns } = a
  const ones = positives(a)
  const zeros = negatives(a)
  const positive = new Float64Array(ones)
  const row = new Float64Array(rows)
  const p = new Float64Array(rows)
  for (let j = 0; j < rows; j++) {
    const size = rowSize(a, j)
    const balanced = threshold === "row"
    const mixed = size > 0 && size < columns
    const onPositive = balanced ? (mixed ? 0.5 / size : 0) : ones > 0 ? share / ones : 0
    row[j] = balanced ? (mixed ? 0.5 / (columns - size) : 0) : zeros > 0 ? (1 - share) / zeros : 0
    positive.fill(onPositive, a.indptr[j], a.indptr[j + 1])
    p[j] = size * onPositive + (columns - size) * row[j]
  }
  const q = new Float64Array(columns).fill(0)
  const all = row.reduce((sum, x) => sum + x, 0)
  q.fill(all)
  for (let j = 0; j < rows; j++) {
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) q[a.indices[e]] += positive[e] - row[j]
  }
  const column = new Float64Array(columns).fill(1)
  return inRange({ positive, negative: { type: "product", row, column }, p, q })
}

/**
 * The margin of `equiangular(a, spread, share)`, in O(1) a row. With Gram G = α I + (1 − α) 11ᵀ and query weights
 * y = x/s on s positives and −(1 − x)/(n − s) on the others, (G y)_i = α y_i + (1 − α) Σy and yᵀGy = α Σy² + (1 − α)(Σy)²:
 * rows of one size have the same scores.
 */
const equiangularMargin = (
  n: number,
  sizes: ReadonlyArray<number>,
  threshold: Threshold,
  spread: number,
  share: number
): number => {
  let leastPositive = Number.POSITIVE_INFINITY
  let greatestNegative = Number.NEGATIVE_INFINITY
  let row = Number.POSITIVE_INFINITY
  for (const size of sizes) {
    const up = size === 0 ? 0 : (size === n ? 1 : share) / size
    const down = size === n ? 0 : -(size === 0 ? 1 : 1 - share) / (n - size)
    const total = size * up + (n - size) * down
    const square = spread * (size * up * up + (n - size) * down * down) + (1 - spread) * total * total
    const norm = Math.sqrt(Math.max(square, 1e-300))
    const positive = (spread * up + (1 - spread) * total) / norm
    const negative = (spread * down + (1 - spread) * total) / norm
    if (size > 0) leastPositive = Math.min(leastPositive, positive)
    if (size < n) greatestNegative = Math.max(greatestNegative, negative)
    if (size > 0 && size < n) row = Math.min(row, (positive - negative) / 2)
  }
  if (threshold === "row") return row
  if (threshold === "zero") return Math.min(leastPositive, -greatestNegative)
  return (leastPositive - greatestNegative) / 2
}

/** Documents with Gram α I + (1 − α) 11ᵀ (α ≤ n/(n − 1)), and each query along its weighted positives less the others. */
export const equiangular = (a: Relevance, spread: number, share: number): EmbeddingPair => {
  const n = a.columns
  const dims = n + 1
  // v_i = √α (e_i − c 1) + h e_{n+1}: inner products α(δ − 2c + n c²) + h² = αδ + 1 − α.
  const root = Math.sqrt(spread)
  const centred = spread > 1
  const c = centred ? 1 / n : 0
  const rest = centred ? 1 - spread + spread / n : 1 - spread
  const h = Math.sqrt(Math.max(0, rest))
  const documents = new Float64Array(n * dims)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) documents[i * dims + k] = root * ((k === i ? 1 : 0) - c)
    documents[i * dims + n] = h
  }
  const queries = new Float64Array(a.rows * dims)
  for (let j = 0; j < a.rows; j++) {
    const size = rowSize(a, j)
    const up = size === 0 ? 0 : (size === n ? 1 : share) / size
    const down = size === n ? 0 : -(size === 0 ? 1 : 1 - share) / (n - size)
    const total = size * up + (n - size) * down
    const row = queries.subarray(j * dims, (j + 1) * dims)
    row.fill(root * (down - c * total), 0, n)
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) row[a.indices[e]] = root * (up - c * total)
    row[n] = h * total
    let square = 0
    for (const x of row) square += x * x
    const inverse = square > 0 ? 1 / Math.sqrt(square) : 0
    for (let k = 0; k < dims; k++) row[k] *= inverse
    if (square === 0) row[n] = 1
  }
  return { dims, queries, documents }
}

/** Least value of a unimodal function on [low, high] by golden section. */
const golden = (
  f: (x: number) => number,
  low: number,
  high: number,
  steps: number
): { readonly at: number; readonly value: number } => {
  const ratio = (Math.sqrt(5) - 1) / 2
  let x1 = high - ratio * (high - low)
  let x2 = low + ratio * (high - low)
  let f1 = f(x1)
  let f2 = f(x2)
  for (let step = 0; step < steps; step++) {
    if (f1 <= f2) {
      high = x2
      x2 = x1
      f2 = f1
      x1 = high - ratio * (high - low)
      f1 = f(x1)
    } else {
      low = x1
      x1 = x2
      f1 = f2
      x2 = low + ratio * (high - low)
      f2 = f(x2)
    }
  }
  return f1 <= f2 ? { at: x1, value: f1 } : { at: x2, value: f2 }
}
