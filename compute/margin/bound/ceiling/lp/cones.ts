/**
 * Nesterov–Todd scaling for the cone of a program: a half-line for each scalar, a Lorentz cone of dimension 3 for each
 * 2 × 2 semidefinite block, held as ((a + c)/√2, (a − c)/√2, √2 b) for [[a, b], [b, c]], which keeps inner products.
 *
 * For s, x inside the cone, W is the symmetric map with W x = W⁻¹ s = λ; J = diag(1, −1, −1), and on a Lorentz cone
 * W = η [w₀, wᵀ; w, 1 + wwᵀ/(1 + w₀)], W⁻² = η⁻² (2 (Jw)(Jw)ᵀ − J).
 * Source: L. Vandenberghe, "The CVXOPT linear and quadratic cone program solvers", 2010. Cost O(size).
 */
export interface Cone {
  /** How many scalars come first. */
  readonly scalars: number
  /** How many Lorentz cones of dimension 3 follow. */
  readonly blocks: number
  readonly size: number
}

export interface Scaling {
  /** For a scalar W; for a block η. */
  readonly factor: Float64Array
  /** For a block the unit vector w (3 numbers). */
  readonly direction: Float64Array
  readonly lambda: Float64Array
}

export const makeCone = (scalars: number, blocks: number): Cone => ({
  scalars,
  blocks,
  size: scalars + 3 * blocks
})

/** The cone's unit element, times `scale`. */
export const unitOf = (cone: Cone, scale: number): Float64Array => {
  const result = new Float64Array(cone.size)
  result.fill(scale, 0, cone.scalars)
  for (let at = cone.scalars; at < cone.size; at += 3) result[at] = scale
  return result
}

/** v₀² − v₁² − v₂², as a product that does not cancel near the boundary. */
const hyperbolic = (v: Float64Array, at: number): number => {
  const radius = Math.sqrt(v[at + 1] * v[at + 1] + v[at + 2] * v[at + 2])
  return (v[at] - radius) * (v[at] + radius)
}

export const makeScaling = (cone: Cone): Scaling => ({
  factor: new Float64Array(cone.scalars + cone.blocks),
  direction: new Float64Array(3 * cone.blocks),
  lambda: new Float64Array(cone.size)
})

/** Sets the scaling of s and x, both inside the cone. */
export const scale = (cone: Cone, s: Float64Array, x: Float64Array, target: Scaling): void => {
  const { direction, factor, lambda } = target
  for (let i = 0; i < cone.scalars; i++) {
    factor[i] = Math.sqrt(s[i] / x[i])
    lambda[i] = Math.sqrt(s[i] * x[i])
  }
  for (let b = 0; b < cone.blocks; b++) {
    const at = cone.scalars + 3 * b
    const normS = Math.sqrt(Math.max(hyperbolic(s, at), 1e-300))
    const normX = Math.sqrt(Math.max(hyperbolic(x, at), 1e-300))
    let inner = 0
    for (let e = 0; e < 3; e++) inner += (s[at + e] / normS) * (x[at + e] / normX)
    const gamma = Math.sqrt((1 + inner) / 2)
    for (let e = 0; e < 3; e++) {
      const sign = e === 0 ? 1 : -1
      direction[3 * b + e] = (s[at + e] / normS + (sign * x[at + e]) / normX) / (2 * gamma)
    }
    const w1 = direction[3 * b + 1]
    const w2 = direction[3 * b + 2]
    direction[3 * b] = Math.sqrt(1 + w1 * w1 + w2 * w2)
    factor[cone.scalars + b] = Math.sqrt(normS / normX)
  }
  apply(cone, target, x, lambda, false)
}

/** W v, or W⁻¹ v. `v` and `result` may be the same array. */
export const apply = (
  cone: Cone,
  { direction, factor }: Scaling,
  v: Float64Array,
  result: Float64Array,
  inverse: boolean
): void => {
  for (let i = 0; i < cone.scalars; i++) result[i] = inverse ? v[i] / factor[i] : v[i] * factor[i]
  for (let b = 0; b < cone.blocks; b++) {
    const at = cone.scalars + 3 * b
    const sign = inverse ? -1 : 1
    const eta = inverse ? 1 / factor[cone.scalars + b] : factor[cone.scalars + b]
    const w0 = direction[3 * b]
    const w1 = sign * direction[3 * b + 1]
    const w2 = sign * direction[3 * b + 2]
    const dot = w1 * v[at + 1] + w2 * v[at + 2]
    const v0 = v[at]
    const common = v0 + dot / (1 + w0)
    const v1 = v[at + 1]
    const v2 = v[at + 2]
    result[at] = eta * (w0 * v0 + dot)
    result[at + 1] = eta * (v1 + common * w1)
    result[at + 2] = eta * (v2 + common * w2)
  }
}

/** The Jordan product u ∘ v. */
export const product = (cone: Cone, u: Float64Array, v: Float64Array, result: Float64Array): void => {
  for (let i = 0; i < cone.scalars; i++) result[i] = u[i] * v[i]
  for (let at = cone.scalars; at < cone.size; at += 3) {
    const first = u[at] * v[at] + u[at + 1] * v[at + 1] + u[at + 2] * v[at + 2]
    const second = u[at] * v[at + 1] + v[at] * u[at + 1]
    const third = u[at] * v[at + 2] + v[at] * u[at + 2]
    result[at] = first
    result[at + 1] = second
    result[at + 2] = third
  }
}

/** The u with λ ∘ u = v. `v` and `result` may be the same array. */
export const divide = (cone: Cone, lambda: Float64Array, v: Float64Array, result: Float64Array): void => {
  for (let i = 0; i < cone.scalars; i++) result[i] = v[i] / lambda[i]
  for (let at = cone.scalars; at < cone.size; at += 3) {
    const norm = Math.max(hyperbolic(lambda, at), 1e-300)
    const l0 = lambda[at]
    const l1 = lambda[at + 1]
    const l2 = lambda[at + 2]
    const first = (l0 * v[at] - l1 * v[at + 1] - l2 * v[at + 2]) / norm
    const second = (v[at + 1] - l1 * first) / l0
    const third = (v[at + 2] - l2 * first) / l0
    result[at] = first
    result[at + 1] = second
    result[at + 2] = third
  }
}

/** The greatest step α ≤ 1 with v + α step / share still in the cone: `share` below 1 keeps it inside. */
export const stepLength = (cone: Cone, v: Float64Array, step: Float64Array, share: number): number => {
  let most = 1 / share
  for (let i = 0; i < cone.scalars; i++) if (step[i] < 0) most = Math.min(most, -v[i] / step[i])
  for (let at = cone.scalars; at < cone.size; at += 3) {
    // The least positive root of (v + α step)ᵀ J (v + α step) = 0.
    const a = step[at] ** 2 - step[at + 1] ** 2 - step[at + 2] ** 2
    const b = v[at] * step[at] - v[at + 1] * step[at + 1] - v[at + 2] * step[at + 2]
    const c = Math.max(hyperbolic(v, at), 0)
    const discriminant = b * b - a * c
    if (discriminant < 0) continue
    const root = Math.sqrt(discriminant)
    // c / (−b ± root) are both roots of a α² + 2 b α + c.
    for (const below of [-b + root, -b - root]) if (below > 0) most = Math.min(most, c / below)
    if (step[at] < 0) most = Math.min(most, -v[at] / step[at])
  }
  return Math.min(1, share * most)
}
