/**
 * How the two sides of a pairing lie to each other as clouds.
 *
 *   x_i = U_i − V_match(i),  ξ = mean‖x_i − x̄‖² = mean‖x_i‖² − ‖x̄‖² ≥ 0
 *
 * ξ = 0 exactly when V is U moved by one vector, which constellations of least dimension approach. `notebookXi` is the
 * number the authors' notebook plots, mean‖x_i‖ − ‖x̄‖ without the squares: a different statistic, kept for comparison.
 *
 * Cost: O(N·d). Source: arXiv 2509.18552, appendix E.
 */
import type { Pairing } from "./Pairing.ts"

export interface ModalityGap {
  readonly xi: number
  readonly notebookXi: number
  /** ‖mean U − mean V‖, each right row counted once. */
  readonly centroidGap: number
  /** ‖mean U‖ and ‖mean V‖: 0 for a cloud spread evenly over the sphere, 1 for a single point. */
  readonly leftCentroid: number
  readonly rightCentroid: number
}

const meanRow = (data: Float32Array | Float64Array, dims: number): Float64Array => {
  const mean = new Float64Array(dims)
  for (let at = 0; at < data.length; at += dims) for (let c = 0; c < dims; c++) mean[c] += data[at + c]
  const rows = data.length / dims
  for (let c = 0; c < dims; c++) mean[c] /= rows
  return mean
}

const norm = (vector: Float64Array): number => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))

export const measureModalityGap = ({ dims, left, match, right, rows }: Pairing): ModalityGap => {
  const meanDifference = new Float64Array(dims)
  let lengths = 0
  for (let i = 0; i < rows; i++) {
    let square = 0
    for (let c = 0; c < dims; c++) {
      const x = left[i * dims + c] - right[match[i] * dims + c]
      meanDifference[c] += x / rows
      square += x * x
    }
    lengths += Math.sqrt(square)
  }
  // A second pass, and not mean‖x‖² − ‖x̄‖², which cancels when ξ is small.
  let xi = 0
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < dims; c++) {
      const x = left[i * dims + c] - right[match[i] * dims + c] - meanDifference[c]
      xi += (x * x) / rows
    }
  }
  const leftMean = meanRow(left, dims)
  const rightMean = meanRow(right, dims)
  return {
    xi,
    notebookXi: lengths / rows - norm(meanDifference),
    centroidGap: norm(leftMean.map((x, c) => x - rightMean[c])),
    leftCentroid: norm(leftMean),
    rightCentroid: norm(rightMean)
  }
}
