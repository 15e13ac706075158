/**
 * A linear probe for the modality: least squares with an offset, fitted to every other left and right row (targets +1 and
 * −1, both sides given equal weight), judged on the rest. Balanced accuracy on held-out rows; ½ by chance, 1 when the
 * modalities lie apart.
 *
 * Fitted on at most `limit` rows a side, evenly spaced. Cost: min(N, limit)·d² + d³/3.
 * Source: the modality-gap study of arXiv 2509.18552, section 5.
 */
import { solveInPlace } from "./linearSolve.ts"
import type { Pairing } from "./Pairing.ts"

const ridge = 1e-6

export const probeModality = (pairing: Pairing, limit: number = 4096): number => {
  const { columns, dims, left, right, rows } = pairing
  const n = dims + 1
  const matrix = new Float64Array(n * n)
  const target = new Float64Array(n)
  const row = new Float64Array(n)
  row[dims] = 1
  const learn = (data: Float32Array | Float64Array, total: number, side: 1 | -1): void => {
    const chosen = evenRows(total, limit)
    for (const i of chosen) {
      for (let c = 0; c < dims; c++) row[c] = data[i * dims + c]
      for (let a = 0; a < n; a++) {
        const x = row[a] / chosen.length
        target[a] += side * x
        for (let b = 0; b < n; b++) matrix[a * n + b] += x * row[b]
      }
    }
  }
  learn(left, rows, 1)
  learn(right, columns, -1)
  for (let a = 0; a < n; a++) matrix[a * n + a] += ridge
  if (!solveInPlace(matrix, target)) return Number.NaN
  const accuracy = (data: Float32Array | Float64Array, total: number, side: 1 | -1): number => {
    let hits = 0
    let seen = 0
    for (let i = 1; i < total; i += 2) {
      let height = target[dims]
      for (let c = 0; c < dims; c++) height += target[c] * data[i * dims + c]
      seen++
      if (side * height > 0) hits++
    }
    return hits / seen
  }
  return (accuracy(left, rows, 1) + accuracy(right, columns, -1)) / 2
}

/** Even row numbers below `total`, at most `limit` of them, evenly spaced. */
const evenRows = (total: number, limit: number): ReadonlyArray<number> => {
  const available = Math.ceil(total / 2)
  const count = Math.min(available, limit)
  return Array.from({ length: count }, (_, i) => 2 * Math.floor((i * available) / count))
}
