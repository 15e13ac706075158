/**
 * A primal–dual interior point method for the programs of coneProgram.ts: infeasible start, Nesterov–Todd scaling,
 * Mehrotra's predictor and corrector, normal equations. 15 to 30 steps to a relative gap of 1e-8.
 *
 *   minimise cᵀz, G z + s = h, E z = e, s in K;   maximise −hᵀx − eᵀy, Gᵀx + Eᵀy + c = 0, x in K.
 *
 *   const { z, value, rows } = solveCone({ unknowns, cost, ...denseRows(matrix, limit), nonnegative, semidefinite })
 *
 * Source: S. Mehrotra, SIAM J. Optim. 2 (1992); L. Vandenberghe, "The CVXOPT linear and quadratic cone program solvers".
 * Cost a step: see normalEquations.ts.
 */
import { apply, divide, makeCone, makeScaling, product, scale, stepLength, unitOf } from "./cones.ts"
import type { ConeProgram, ConeSolution } from "./coneProgram.ts"
import { normalEquations } from "./normalEquations.ts"

export interface SolveConeOptions {
  /** Relative gap and residual to end at; default 1e-8. */
  readonly tolerance?: number
  /** Default 80. */
  readonly iterations?: number
  readonly shouldStop?: () => boolean
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

const largest = (a: Float64Array): number => {
  let most = 0
  for (const value of a) most = Math.max(most, Math.abs(value))
  return most
}

/** y += α x. */
const add = (y: Float64Array, alpha: number, x: Float64Array): void => {
  for (let i = 0; i < y.length; i++) y[i] += alpha * x[i]
}

export const solveCone = (program: ConeProgram, options: SolveConeOptions = {}): ConeSolution => {
  const { cost, limit, unknowns: p } = program
  const tolerance = options.tolerance ?? 1e-8
  const rowCount = limit.length
  const equality = program.equality ?? new Float64Array(0)
  const equalityValue = program.equalityValue ?? new Float64Array(0)
  const cone = makeCone(
    rowCount + (program.nonnegative?.length ?? 0),
    (program.semidefinite?.length ?? 0) / 3
  )
  // tr(unit · unit): one for a scalar, two eigenvalues for a block, whose unit here has eᵀe = 1 for λ = (1, 0, 0).
  const degree = cone.scalars + cone.blocks
  const h = new Float64Array(cone.size)
  h.set(limit)
  const equations = normalEquations(program, cone)
  const scaling = makeScaling(cone)

  const z = new Float64Array(p)
  const y = new Float64Array(equalityValue.length)
  const s = unitOf(cone, Math.max(1, largest(h)))
  const x = unitOf(cone, Math.max(1, largest(cost)))

  const sizeCost = 1 + largest(cost)
  const sizeLimit = 1 + Math.max(largest(h), largest(equalityValue))
  let best: ConeSolution | undefined
  let since = 0
  const work = new Float64Array(cone.size)
  const target = new Float64Array(cone.size)
  const residual = new Float64Array(cone.size)
  const dualResidual = new Float64Array(p)
  const equalResidual = new Float64Array(y.length)
  const shift = new Float64Array(cone.size)
  const weighted = new Float64Array(cone.size)
  const right = new Float64Array(p)
  const ds = new Float64Array(cone.size)
  const dx = new Float64Array(cone.size)

  for (let iteration = 0; ; iteration++) {
    // Residuals.
    equations.transposed(x, dualResidual)
    for (let i = 0; i < p; i++) dualResidual[i] += cost[i]
    for (let e = 0; e < y.length; e++) {
      let sum = -equalityValue[e]
      for (let i = 0; i < p; i++) {
        sum += equality[e * p + i] * z[i]
        dualResidual[i] += equality[e * p + i] * y[e]
      }
      equalResidual[e] = sum
    }
    equations.times(z, residual)
    for (let i = 0; i < cone.size; i++) residual[i] += s[i] - h[i]
    const value = dot(cost, z)
    const mu = dot(s, x) / degree
    const gap = (mu * degree) / (1 + Math.abs(value))
    const failing = Math.max(
      largest(residual) / sizeLimit,
      largest(equalResidual) / sizeLimit,
      largest(dualResidual) / sizeCost
    )
    const merit = Math.max(gap, failing)
    since = best === undefined || merit < 0.5 * Math.max(best.gap, best.residual) ? 0 : since + 1
    if (best === undefined || merit <= Math.max(best.gap, best.residual)) {
      best = {
        z: Float64Array.from(z),
        value,
        rows: x.slice(0, rowCount),
        gap,
        residual: failing,
        iterations: iteration,
        converged: merit <= tolerance
      }
    }
    // At the limit of float64 steps no longer help.
    const lost = !(merit < 1e6 * Math.max(best.gap, best.residual)) || (since >= 6 && merit < 1e-3)
    if (best.converged || lost || iteration >= (options.iterations ?? 80) || options.shouldStop?.())
      return best

    scale(cone, s, x, scaling)
    if (!equations.factor(scaling)) return best

    /** The step for λ ∘ (W⁻¹ ds + W dx) = target, with residuals times `keep`, into ds and dx. */
    const direction = (keep: number): { readonly dz: Float64Array; readonly dy: Float64Array } => {
      divide(cone, scaling.lambda, target, work)
      apply(cone, scaling, work, work, false)
      // dx = W⁻² (G dz + keep · residual + W (λ \ target)).
      for (let i = 0; i < cone.size; i++) shift[i] = keep * residual[i] + work[i]
      apply(cone, scaling, shift, weighted, true)
      apply(cone, scaling, weighted, weighted, true)
      equations.transposed(weighted, right)
      for (let i = 0; i < p; i++) right[i] = -keep * dualResidual[i] - right[i]
      const step = equations.solve(
        right,
        equalResidual.map((value) => -keep * value)
      )
      equations.times(step.dz, dx)
      for (let i = 0; i < cone.size; i++) {
        ds[i] = -keep * residual[i] - dx[i]
        dx[i] += shift[i]
      }
      apply(cone, scaling, dx, dx, true)
      apply(cone, scaling, dx, dx, true)
      return step
    }

    // Predictor.
    product(cone, scaling.lambda, scaling.lambda, target)
    for (let i = 0; i < cone.size; i++) target[i] = -target[i]
    direction(1)
    const alphaS = stepLength(cone, s, ds, 1)
    const alphaX = stepLength(cone, x, dx, 1)
    let predicted = 0
    for (let i = 0; i < cone.size; i++) predicted += (s[i] + alphaS * ds[i]) * (x[i] + alphaX * dx[i])
    const sigma = Math.min(1, Math.max(0, predicted / (mu * degree))) ** 3

    // Corrector.
    apply(cone, scaling, ds, ds, true)
    apply(cone, scaling, dx, dx, false)
    product(cone, ds, dx, work)
    for (let i = 0; i < cone.size; i++) target[i] -= work[i]
    for (let i = 0; i < cone.scalars; i++) target[i] += sigma * mu
    for (let at = cone.scalars; at < cone.size; at += 3) target[at] += sigma * mu
    const { dy, dz } = direction(1 - sigma)
    const share = Math.max(0.9, 1 - mu)
    const bounded = Math.min(0.995, share)
    const stepS = stepLength(cone, s, ds, bounded)
    const stepX = stepLength(cone, x, dx, bounded)
    if (!(stepS > 1e-12 || stepX > 1e-12)) return best
    add(z, stepS, dz)
    add(s, stepS, ds)
    add(x, stepX, dx)
    add(y, stepX, dy)
  }
}
