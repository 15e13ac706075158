/**
 * Can a hyperplane tell the two modalities apart, and how many vectors lie on the right side of it?
 *
 * `separateThroughOrigin` is Theorem 3.6 made constructive: in a constellation with m > |b| and N ≥ d + 2 there is a
 * direction h with ⟨h, U_i⟩ > 0 for every i and ⟨h, V_j⟩ < 0 for all j but d. h is the point of conv(U) nearest to 0: it is a
 * convex combination of at most d of the U_i, and every V_j outside that support has only negative scores with it.
 *
 * `separateByPlane` takes a plane with an offset, decided exactly by the distance of the two convex hulls.
 *
 * Source: arXiv 2509.18552, Theorem 3.6.
 */
import { minimumNormPoint, type Extreme } from "./minimumNormPoint.ts"
import type { Pairing } from "./Pairing.ts"

export interface OriginSeparation {
  /** h, unit length; undefined when 0 lies in the hull of the left side, where no h exists. */
  readonly direction: Float64Array | undefined
  /** Left rows with ⟨h, U_i⟩ > 0 and right rows with ⟨h, V_j⟩ < 0. */
  readonly leftSeparated: number
  readonly rightSeparated: number
  /** How many left rows h is made of: the theorem's bound on the right rows that may be missed. */
  readonly support: number
}

export const separateThroughOrigin = ({ columns, dims, left, right, rows }: Pairing): OriginSeparation => {
  const nearest = minimumNormPoint((direction) => extreme(left, dims, direction, 1), dims)
  if (nearest.norm < 1e-9) {
    return { direction: undefined, leftSeparated: 0, rightSeparated: 0, support: nearest.support.length }
  }
  const direction = nearest.point.map((x) => x / nearest.norm)
  return {
    direction,
    leftSeparated: count(rows, dims, (at) => along(at, left, direction) > 0),
    rightSeparated: count(columns, dims, (at) => along(at, right, direction) < 0),
    support: nearest.support.length
  }
}

export interface PlaneSeparation {
  readonly separable: boolean
  /** Distance of the two convex hulls: twice the geometric margin of the best separating plane; 0 when they meet. */
  readonly hullDistance: number
  /** Left rows above and right rows below the plane ⟨normal, x⟩ = offset. */
  readonly leftSeparated: number
  readonly rightSeparated: number
  readonly normal: Float64Array
  readonly offset: number
}

/** The widest separating plane, or evidence that there is none. For up to some thousand rows; see `perceptron` beyond. */
export const separateByPlane = ({ columns, dims, left, right, rows }: Pairing): PlaneSeparation => {
  const nearest = minimumNormPoint((direction) => {
    const low = extreme(left, dims, direction, 1)
    const high = extreme(right, dims, direction, -1)
    return { key: low.key * columns + high.key, point: low.point.map((x, c) => x - high.point[c]) }
  }, dims)
  const normal = nearest.point
  let lowest = Infinity
  let highest = -Infinity
  for (let i = 0; i < rows; i++) lowest = Math.min(lowest, along(i * dims, left, normal))
  for (let j = 0; j < columns; j++) highest = Math.max(highest, along(j * dims, right, normal))
  const offset = (lowest + highest) / 2
  return {
    separable: lowest > highest && nearest.norm > 1e-9,
    hullDistance: nearest.norm,
    leftSeparated: count(rows, dims, (at) => along(at, left, normal) > offset),
    rightSeparated: count(columns, dims, (at) => along(at, right, normal) < offset),
    normal,
    offset
  }
}

const along = (at: number, data: Float32Array | Float64Array, direction: Float64Array): number => {
  let sum = 0
  for (let c = 0; c < direction.length; c++) sum += data[at + c] * direction[c]
  return sum
}

/** How many rows of `dims` numbers satisfy a condition on where they start. */
const count = (rows: number, dims: number, holds: (at: number) => boolean): number => {
  let total = 0
  for (let i = 0; i < rows; i++) if (holds(i * dims)) total++
  return total
}

/** The row with the least `sign` · ⟨direction, row⟩. */
const extreme = (
  data: Float32Array | Float64Array,
  dims: number,
  direction: Float64Array,
  sign: 1 | -1
): Extreme => {
  let key = 0
  let least = Infinity
  for (let i = 0; i * dims < data.length; i++) {
    const value = sign * along(i * dims, data, direction)
    if (value < least) {
      least = value
      key = i
    }
  }
  return { key, point: Float64Array.from(data.subarray(key * dims, (key + 1) * dims)) }
}
