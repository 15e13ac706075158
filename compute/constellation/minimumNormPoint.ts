/**
 * The point of least norm in a polytope that is given by its extreme points through an oracle. It decides whether sets
 * of vectors can be separated, with a certificate either way:
 *
 *   x = argmin ‖x‖, x ∈ P;   ⟨x, p⟩ ≥ ‖x‖² for every p ∈ P exactly at the optimum.
 *
 * For P = conv(U): x ≠ 0 is a direction h with ⟨h, U_i⟩ > 0 for all i, written as a convex combination of at most d of the
 * U_i. For P = conv(U) − conv(V): ‖x‖ is the distance of the two hulls, so ‖x‖ > 0 exactly when a hyperplane separates.
 *
 * Cost: a few times d oracle calls (N·d each) and small solves. Source: P. Wolfe, "Finding the nearest point in a
 * polytope", Mathematical Programming 11, 1976.
 */
import { solveInPlace } from "./linearSolve.ts"

/** An extreme point and the key that names it. */
export interface Extreme {
  readonly key: number
  readonly point: Float64Array
}

export interface NearestPoint {
  readonly point: Float64Array
  readonly norm: number
  /** Keys and weights of the convex combination that is the point; affinely independent. */
  readonly support: ReadonlyArray<{ readonly key: number; readonly weight: number }>
  /** Whether the optimality test passed to the tolerance before the rounds ran out. */
  readonly converged: boolean
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let c = 0; c < a.length; c++) sum += a[c] * b[c]
  return sum
}

/**
 * @param lowest the extreme point of P that minimises ⟨direction, ·⟩
 * @param dims the length of points
 */
export const minimumNormPoint = (
  lowest: (direction: Float64Array) => Extreme,
  dims: number,
  options: { readonly tolerance: number; readonly rounds: number } = { tolerance: 1e-12, rounds: 10_000 }
): NearestPoint => {
  const first = new Float64Array(dims)
  first[0] = 1
  let members: Array<Extreme> = [lowest(first)]
  let weights: Array<number> = [1]
  let point = Float64Array.from(members[0].point)
  let converged = false
  for (let round = 0; round < options.rounds; round++) {
    const square = dot(point, point)
    const candidate = lowest(point)
    const largest = members.reduce((most, member) => Math.max(most, dot(member.point, member.point)), 1)
    if (dot(point, candidate.point) >= square - options.tolerance * largest || square < 1e-24) {
      converged = true
      break
    }
    if (members.some((member) => member.key === candidate.key)) break
    members.push(candidate)
    weights.push(0)
    // Minor cycles: walk towards the least-norm point of the affine hull, dropping the members that stop the walk.
    for (;;) {
      const target = affineMinimiser(members)
      if (target === undefined) {
        members.pop()
        weights.pop()
        break
      }
      if (target.every((weight) => weight > 1e-14)) {
        weights = target
        break
      }
      let share = 1
      for (let i = 0; i < target.length; i++) {
        if (target[i] <= 1e-14) share = Math.min(share, weights[i] / (weights[i] - target[i]))
      }
      weights = weights.map((weight, i) => (1 - share) * weight + share * target[i])
      const kept = weights.map((weight) => weight > 1e-14)
      members = members.filter((_, i) => kept[i])
      weights = weights.filter((_, i) => kept[i])
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    weights = weights.map((weight) => weight / total)
    point = new Float64Array(dims)
    members.forEach((member, i) => {
      for (let c = 0; c < dims; c++) point[c] += weights[i] * member.point[c]
    })
    if (dot(point, point) >= square) break
  }
  return {
    point,
    norm: Math.sqrt(dot(point, point)),
    support: members.map((member, i) => ({ key: member.key, weight: weights[i] })),
    converged
  }
}

/** Weights, summing to 1, of the least-norm point of the members' affine hull; undefined when they are dependent. */
const affineMinimiser = (members: ReadonlyArray<Extreme>): Array<number> | undefined => {
  const n = members.length + 1
  const matrix = new Float64Array(n * n)
  for (let i = 1; i < n; i++) {
    matrix[i] = matrix[i * n] = 1
    for (let j = 1; j < n; j++) matrix[i * n + j] = dot(members[i - 1].point, members[j - 1].point)
  }
  const right = new Float64Array(n)
  right[0] = 1
  return solveInPlace(matrix, right) ? Array.from(right.subarray(1)) : undefined
}
