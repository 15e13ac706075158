/**
 * A perceptron with an offset that learns to tell left rows (+1) from right rows (−1): the paper's separability test for
 * trained models, at any size. It starts from the plane half-way between the centroids, visits rows in a fixed
 * interleaved order, stops at the first round without a mistake, and else returns the best plane it saw (pocket).
 *
 * No mistake proves separability. Mistakes after the last round prove nothing: `separateByPlane` decides small cases.
 *
 * Cost: (N + M)·d a round. Source: arXiv 2509.18552, section 5 (scikit-learn's Perceptron there).
 */
import type { Pairing } from "./Pairing.ts"

export interface PerceptronResult {
  readonly leftMisclassified: number
  readonly rightMisclassified: number
  readonly separated: boolean
  readonly rounds: number
  readonly normal: Float64Array
  readonly offset: number
}

export const perceptron = (
  pairing: Pairing,
  options: { readonly rounds: number } = { rounds: 1000 }
): PerceptronResult => {
  const { columns, dims, left, right, rows } = pairing
  const weights = new Float64Array(dims + 1)
  for (let i = 0; i < left.length; i++) weights[i % dims] += left[i] / rows
  for (let j = 0; j < right.length; j++) weights[j % dims] -= right[j] / columns
  let middle = 0
  for (let i = 0; i < left.length; i++) middle += (weights[i % dims] * left[i]) / rows / 2
  for (let j = 0; j < right.length; j++) middle += (weights[j % dims] * right[j]) / columns / 2
  weights[dims] = -middle

  let best = judge(pairing, weights)
  let kept = Float64Array.from(weights)
  let round = 0
  // Interleaved, so that a long side does not undo what a short one taught: left row i, then right row ⌊i·M/N⌋ when new.
  const longest = Math.max(rows, columns)
  while (best.leftMisclassified + best.rightMisclassified > 0 && round < options.rounds) {
    round++
    let mistakes = 0
    for (let step = 0; step < longest; step++) {
      const i = Math.floor((step * rows) / longest)
      const j = Math.floor((step * columns) / longest)
      if (step === 0 || i !== Math.floor(((step - 1) * rows) / longest)) {
        mistakes += teach(left, i * dims, dims, weights, 1)
      }
      if (step === 0 || j !== Math.floor(((step - 1) * columns) / longest)) {
        mistakes += teach(right, j * dims, dims, weights, -1)
      }
    }
    const judged = judge(pairing, weights)
    if (
      judged.leftMisclassified + judged.rightMisclassified <
      best.leftMisclassified + best.rightMisclassified
    ) {
      best = judged
      kept = Float64Array.from(weights)
    }
    if (mistakes === 0) break
  }
  return {
    ...best,
    separated: best.leftMisclassified + best.rightMisclassified === 0,
    rounds: round,
    normal: kept.subarray(0, dims),
    offset: -kept[dims]
  }
}

/** One visit: moves the plane when the row lies on the wrong side of it. Returns whether it did, as 0 or 1. */
const teach = (
  data: Float32Array | Float64Array,
  at: number,
  dims: number,
  weights: Float64Array,
  side: 1 | -1
): number => {
  if (side * height(data, at, dims, weights) > 0) return 0
  for (let c = 0; c < dims; c++) weights[c] += side * data[at + c]
  weights[dims] += side
  return 1
}

const height = (
  data: Float32Array | Float64Array,
  at: number,
  dims: number,
  weights: Float64Array
): number => {
  let sum = weights[dims]
  for (let c = 0; c < dims; c++) sum += weights[c] * data[at + c]
  return sum
}

const judge = ({ columns, dims, left, right, rows }: Pairing, weights: Float64Array) => {
  let leftMisclassified = 0
  let rightMisclassified = 0
  for (let i = 0; i < rows; i++) if (!(height(left, i * dims, dims, weights) > 0)) leftMisclassified++
  for (let j = 0; j < columns; j++) if (!(height(right, j * dims, dims, weights) < 0)) rightMisclassified++
  return { leftMisclassified, rightMisclassified }
}
