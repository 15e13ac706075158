/**
 * Constellations with known margins, built from spherical codes.
 *
 * Code as constellation: U = V = X with pairwise scores ≤ a has m = (1 − a)/2, b = (1 + a)/2 (the line m + b = 1).
 *
 * Construction 1 lowers the relative bias of a constellation (m, b) in d − 2 dimensions: with r = √(1 − δ² − φ²),
 *   U' = (δU, φ, r),  V' = (δV, φ, −r)   →   m' = δ² m,   b' = δ² b + φ² − r².
 *
 * Construction 2 serves k modalities at once: with w_1 … w_k the corners of a regular simplex in k − 1 dimensions,
 *   U^(j) = (δX, √(1 − δ²) w_j)   →   m = δ² (1 − a)/2,   b = δ² (1 + a)/2 − (1 − δ²)/(k − 1) for every pair.
 *
 * Source: arXiv 2509.18552, section 4 and Theorem 3.3. Half gaps throughout.
 */
import type { Pairing } from "./Pairing.ts"
import { simplexCode } from "./sphericalCodes.ts"

/** What a construction promises; a measured configuration must agree to rounding. */
export interface Promised {
  readonly margin: number
  readonly relativeBias: number
}

/** Margin and relative bias of a code whose largest pairwise score is `threshold`, paired with itself. */
export const codeConstellation = (threshold: number): Promised => ({
  margin: (1 - threshold) / 2,
  relativeBias: (1 + threshold) / 2
})

/** Construction 1 (`dims` → `dims` + 2). Throws a RangeError unless 0 < δ² and δ² + φ² ≤ 1. */
export const constructionOne = (
  base: Pairing,
  of: Promised,
  delta: number,
  phi: number
): { readonly pairing: Pairing; readonly promised: Promised } => {
  const rest = 1 - delta * delta - phi * phi
  if (!(delta > 0) || rest < -1e-12) {
    throw new RangeError(`Construction 1 takes δ > 0 and δ² + φ² ≤ 1, not δ = ${delta}, φ = ${phi}.`)
  }
  const r2 = Math.max(0, rest)
  return {
    pairing: {
      ...base,
      left: append(base.left, base.dims, delta, [phi, Math.sqrt(r2)]),
      right: append(base.right, base.dims, delta, [phi, -Math.sqrt(r2)]),
      dims: base.dims + 2
    },
    promised: {
      margin: delta * delta * of.margin,
      relativeBias: delta * delta * of.relativeBias + phi * phi - r2
    }
  }
}

/**
 * The δ and φ with which Construction 1 turns a code of threshold a into exactly (m, b). Throws a RangeError where that
 * code is too coarse for the target (δ² > 1 or φ² outside [0, 1 − δ²]).
 */
export const constructionOneFor = (
  threshold: number,
  { margin, relativeBias }: Promised
): { readonly delta: number; readonly phi: number } => {
  const delta2 = (2 * margin) / (1 - threshold)
  const phi2 = (relativeBias - (delta2 * (1 + threshold)) / 2 - delta2 + 1) / 2
  const tolerance = 1e-12
  if (!(delta2 > 0) || phi2 < -tolerance || delta2 + phi2 > 1 + tolerance) {
    throw new RangeError(
      `A code with threshold ${threshold} does not reach margin ${margin} at relative bias ${relativeBias} (δ² = ${delta2}, φ² = ${phi2}).`
    )
  }
  return { delta: Math.sqrt(Math.min(1, delta2)), phi: Math.sqrt(Math.max(0, phi2)) }
}

/** Construction 2: `modalities` = k copies of a code (`dims` → `dims` + k − 1), each row-major. */
export const constructionTwo = (
  code: Float64Array,
  dims: number,
  threshold: number,
  modalities: number,
  delta: number
): {
  readonly embeddings: ReadonlyArray<Float64Array>
  readonly dims: number
  readonly promised: Promised
} => {
  if (!(delta > 0 && delta <= 1) || modalities < 2) {
    throw new RangeError(`Construction 2 takes 0 < δ ≤ 1 and k ≥ 2, not δ = ${delta} and k = ${modalities}.`)
  }
  const width = modalities - 1
  const corners = simplexCode(modalities)
  const rest = 1 - delta * delta
  const embeddings = Array.from({ length: modalities }, (_, j) =>
    append(
      code,
      dims,
      delta,
      Array.from(corners.subarray(j * width, (j + 1) * width), (w) => Math.sqrt(rest) * w)
    )
  )
  return {
    embeddings,
    dims: dims + width,
    promised: {
      margin: (delta * delta * (1 - threshold)) / 2,
      relativeBias: (delta * delta * (1 + threshold)) / 2 - rest / width
    }
  }
}

/** Scales rows of `dims` numbers and appends the same tail to each. */
const append = (
  data: Float32Array | Float64Array,
  dims: number,
  scale: number,
  tail: ReadonlyArray<number>
): Float64Array => {
  const rows = data.length / dims
  const width = dims + tail.length
  const result = new Float64Array(rows * width)
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < dims; c++) result[i * width + c] = scale * data[i * dims + c]
    for (let c = 0; c < tail.length; c++) result[i * width + dims + c] = tail[c]
  }
  return result
}
