/**
 * A search for good spherical codes: minimises the soft maximum of all pairwise scores while it is sharpened.
 *
 *   F_p(X) = (1/p) log Σ_{i<j} e^{p ⟨x_i, x_j⟩},   p doubling from 4 to `sharpest`
 *
 * by projected gradient steps on the sphere with backtracking. F_p lies within log(N²/2)/p of the largest score, so the
 * last p bounds how far the smoothing can mislead; the search itself is local, hence several random starts.
 *
 * Cost: `starts` × 20 or so values of p × `steps` × N²·d. Source: the energy method for spherical codes (e.g. Saff &
 * Kuijlaars, "Distributing many points on a sphere", 1997), with the soft maximum in place of a Riesz energy.
 */
import type { RandomStream } from "../random/RandomStream.ts"
import { unitRows } from "./Pairing.ts"
import { codeThreshold } from "./sphericalCodes.ts"

/** `points` independent uniform points on the sphere in `dims` dimensions. */
export const randomCode = (points: number, dims: number, random: RandomStream): Float64Array => {
  const code = new Float64Array(points * dims)
  random.fillGaussian(code)
  return unitRows(code, dims)
}

export interface SearchOptions {
  readonly starts: number
  readonly steps: number
  readonly sharpest: number
}

/** The best code of several starts. */
export const optimisedCode = (
  points: number,
  dims: number,
  random: RandomStream,
  options: SearchOptions = { starts: 5, steps: 60, sharpest: 1 << 20 }
): Float64Array => {
  let best: Float64Array | undefined
  for (let start = 0; start < options.starts; start++) {
    const code = descend(randomCode(points, dims, random), dims, options)
    if (best === undefined || codeThreshold(code, dims) < codeThreshold(best, dims)) best = code
  }
  return best!
}

const descend = (start: Float64Array, dims: number, { sharpest, steps }: SearchOptions): Float64Array => {
  let code = start
  let step = 0.5
  for (let sharpness = 4; sharpness <= sharpest; sharpness *= 2) {
    step = Math.max(step, 1 / sharpness)
    let current = softMaximum(code, dims, sharpness)
    for (let s = 0; s < steps; s++) {
      const moved = unitRows(
        code.map((x, at) => x - step * current.gradient[at]),
        dims
      )
      const next = softMaximum(moved, dims, sharpness)
      if (next.value < current.value) {
        code = moved
        current = next
        step *= 1.3
      } else {
        step /= 3
        if (step < 1e-13) break
      }
    }
  }
  return code
}

/** F_p and its tangential gradient. */
const softMaximum = (
  code: Float64Array,
  dims: number,
  sharpness: number
): { readonly value: number; readonly gradient: Float64Array } => {
  const points = code.length / dims
  const largest = codeThreshold(code, dims)
  const gradient = new Float64Array(code.length)
  let sum = 0
  for (let i = 0; i < points; i++) {
    for (let j = i + 1; j < points; j++) {
      let s = 0
      for (let c = 0; c < dims; c++) s += code[i * dims + c] * code[j * dims + c]
      const weight = Math.exp(sharpness * (s - largest))
      if (weight < 1e-18) continue
      sum += weight
      for (let c = 0; c < dims; c++) {
        gradient[i * dims + c] += weight * (code[j * dims + c] - s * code[i * dims + c])
        gradient[j * dims + c] += weight * (code[i * dims + c] - s * code[j * dims + c])
      }
    }
  }
  for (let at = 0; at < gradient.length; at++) gradient[at] /= sum
  return { value: largest + Math.log(sum) / sharpness, gradient }
}
