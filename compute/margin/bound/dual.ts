/**
 * Dual weights read off embeddings that nearly maximise a smoothed margin.
 *
 * At a maximum the softmin weights X of the pairs are optimal dual weights of the smoothed problem: J = S ∘ X satisfies
 * Σ_i J_ji v_i = μ_j u_j and Σ_j J_ji u_j = ν_i v_i, and then ‖diag(μ)^(−½) J diag(ν)^(−½)‖₂ = 1 with p ∝ μ, q ∝ ν.
 * Anything computed here is a proposal; `certificate.ts` proves what it is worth. Cost 6 N n d flops, memory N n.
 */
import type { Relevance, Threshold } from "../Relevance.ts"
import { inRange, type DualWeights } from "./certificate.ts"

/** The softmin weights at sharpness t of unit queries (N × d) and documents (n × d), with the matching p and q. */
export const softminDual = (
  a: Relevance,
  threshold: Threshold,
  sharpness: number,
  queries: Float64Array,
  documents: Float64Array,
  dims: number
): DualWeights => {
  const { rows, columns } = a
  const values = new Float64Array(rows * columns)
  const positive = new Float64Array(a.indices.length)
  let leastPositive = Number.POSITIVE_INFINITY
  let greatestNegative = Number.NEGATIVE_INFINITY
  const gaps = new Float64Array(rows)
  for (let j = 0; j < rows; j++) {
    for (let i = 0, o = 0; i < columns; i++) {
      let score = 0
      for (let k = 0; k < dims; k++, o++) score += queries[j * dims + k] * documents[o]
      values[j * columns + i] = score
    }
    let least = Number.POSITIVE_INFINITY
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) {
      const o = j * columns + a.indices[e]
      positive[e] = values[o]
      least = Math.min(least, values[o])
      values[o] = Number.NEGATIVE_INFINITY
    }
    let greatest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < columns; i++) greatest = Math.max(greatest, values[j * columns + i])
    leastPositive = Math.min(leastPositive, least)
    greatestNegative = Math.max(greatestNegative, greatest)
    gaps[j] = (least - greatest) / 2
  }
  const shared = Math.min(leastPositive, -greatestNegative)
  let atPositive = threshold === "zero" ? shared : leastPositive
  let atNegative = threshold === "zero" ? -shared : greatestNegative
  let leastGap = Number.POSITIVE_INFINITY
  for (const gap of gaps) if (Number.isFinite(gap)) leastGap = Math.min(leastGap, gap)
  let positiveMass = 0
  let negativeMass = 0
  for (let j = 0; j < rows; j++) {
    const from = a.indptr[j]
    const to = a.indptr[j + 1]
    const row = values.subarray(j * columns, (j + 1) * columns)
    const oneClass = from === to || to - from === columns
    if (threshold === "row" && oneClass) {
      row.fill(0)
      positive.fill(0, from, to)
      continue
    }
    if (threshold === "row") {
      atPositive = Number.POSITIVE_INFINITY
      for (let e = from; e < to; e++) atPositive = Math.min(atPositive, positive[e])
      atNegative = Number.NEGATIVE_INFINITY
      for (const score of row) atNegative = Math.max(atNegative, score)
    }
    let rowPositive = 0
    let rowNegative = 0
    for (let e = from; e < to; e++)
      rowPositive += positive[e] = Math.exp(sharpness * (atPositive - positive[e]))
    for (let i = 0; i < columns; i++) rowNegative += row[i] = Math.exp(sharpness * (row[i] - atNegative))
    if (threshold === "row") {
      const whole = Math.exp(sharpness * (leastGap - gaps[j])) * Math.sqrt(rowPositive * rowNegative)
      for (let e = from; e < to; e++) positive[e] *= whole / rowPositive
      for (let i = 0; i < columns; i++) row[i] *= whole / rowNegative
    }
    positiveMass += rowPositive
    negativeMass += rowNegative
  }
  if (threshold === "global") {
    for (let e = 0; e < positive.length; e++) positive[e] /= positiveMass
    for (let o = 0; o < values.length; o++) values[o] /= negativeMass
  }
  return inRange({
    positive,
    negative: { type: "dense", values },
    ...stationaryWeights(a, positive, values, queries, documents, dims)
  })
}

/** p_j = |Σ_i J_ji v_i| and q_i = |Σ_j J_ji u_j|. */
export const stationaryWeights = (
  a: Relevance,
  positive: Float64Array,
  negative: Float64Array,
  queries: Float64Array,
  documents: Float64Array,
  dims: number
): { readonly p: Float64Array; readonly q: Float64Array } => {
  const { rows, columns } = a
  const p = new Float64Array(rows)
  const pushed = new Float64Array(columns * dims)
  const pull = new Float64Array(dims)
  const add = (j: number, i: number, weight: number): void => {
    if (weight === 0) return
    const document = i * dims
    const query = j * dims
    for (let k = 0; k < dims; k++) {
      pull[k] += weight * documents[document + k]
      pushed[document + k] += weight * queries[query + k]
    }
  }
  for (let j = 0; j < rows; j++) {
    pull.fill(0)
    for (let i = 0; i < columns; i++) add(j, i, -negative[j * columns + i])
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) add(j, a.indices[e], positive[e])
    p[j] = norm(pull, 0, dims)
  }
  const q = Float64Array.from({ length: columns }, (_, i) => norm(pushed, i * dims, dims))
  return { p, q }
}

const norm = (data: Float64Array, start: number, dims: number): number => {
  let square = 0
  for (let k = start; k < start + dims; k++) square += data[k] * data[k]
  return Math.sqrt(square)
}
