/**
 * The linear algebra of the interior point step: products with G = [S N; blocks] and the solution of
 *
 *   [H Eᵀ; E 0] [dz; dy] = [r; t],   H = Gᵀ W⁻² G = Nᵀ (Sᵀ D S) N + what the blocks add,
 *
 * with H factored by Cholesky, a multiple of the identity at rounding level added where it is singular, and E by its Schur
 * complement. Cost a step: O(rows · entries²) for Sᵀ D S, then nnz(Sᵀ D S) · unknowns + nodes · unknowns²/2.
 */
import { cholesky } from "../../../../linalg/cholesky.ts"
import type { Cone, Scaling } from "./cones.ts"
import type { ConeProgram } from "./coneProgram.ts"

export interface NormalEquations {
  /** G z into `result`: rows, then nonnegative unknowns (with a minus: the slack is h − G z), then blocks. */
  readonly times: (z: Float64Array, result: Float64Array) => void
  /** Gᵀ x into `result`. */
  readonly transposed: (x: Float64Array, result: Float64Array) => void
  /** Factors H for a scaling; false where it cannot be. */
  readonly factor: (scaling: Scaling) => boolean
  /** Solves for a right side: dz and dy. */
  readonly solve: (
    r: Float64Array,
    t: Float64Array
  ) => { readonly dz: Float64Array; readonly dy: Float64Array }
}

const half = Math.SQRT1_2

/** The entries of each node that are not 0. */
const compress = (
  nodes: Float64Array,
  p: number
): { readonly entryStart: Int32Array; readonly entryOf: Int32Array; readonly entryValue: Float64Array } => {
  const count = nodes.length / p
  const filled = nodes.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0)
  const entryStart = new Int32Array(count + 1)
  const entryOf = new Int32Array(filled)
  const entryValue = new Float64Array(filled)
  let at = 0
  for (let g = 0; g < count; g++) {
    for (let i = 0; i < p; i++) {
      const value = nodes[g * p + i]
      if (value === 0) continue
      entryOf[at] = i
      entryValue[at++] = value
    }
    entryStart[g + 1] = at
  }
  return { entryStart, entryOf, entryValue }
}

export const normalEquations = (program: ConeProgram, cone: Cone): NormalEquations => {
  const { nodes, rowNode, rowStart, rowValue, unknowns: p } = program
  const nodeCount = nodes.length / p
  const rows = rowStart.length - 1
  const nonnegative = program.nonnegative ?? new Int32Array(0)
  const semidefinite = program.semidefinite ?? new Int32Array(0)
  const equality = program.equality ?? new Float64Array(0)
  const equalities = equality.length / p
  const atNodes = new Float64Array(nodeCount)
  const { entryOf, entryStart, entryValue } = compress(nodes, p)

  const times = (z: Float64Array, result: Float64Array): void => {
    for (let g = 0; g < nodeCount; g++) {
      let sum = 0
      for (let at = entryStart[g]; at < entryStart[g + 1]; at++) sum += entryValue[at] * z[entryOf[at]]
      atNodes[g] = sum
    }
    for (let r = 0; r < rows; r++) {
      let sum = 0
      for (let e = rowStart[r]; e < rowStart[r + 1]; e++) sum += rowValue[e] * atNodes[rowNode[e]]
      result[r] = sum
    }
    for (let i = 0; i < nonnegative.length; i++) result[rows + i] = -z[nonnegative[i]]
    for (let b = 0, at = cone.scalars; b < semidefinite.length; b += 3, at += 3) {
      const first = z[semidefinite[b]]
      const last = z[semidefinite[b + 2]]
      result[at] = -half * (first + last)
      result[at + 1] = -half * (first - last)
      result[at + 2] = -Math.SQRT2 * z[semidefinite[b + 1]]
    }
  }

  const transposed = (x: Float64Array, result: Float64Array): void => {
    result.fill(0)
    atNodes.fill(0)
    for (let r = 0; r < rows; r++) {
      for (let e = rowStart[r]; e < rowStart[r + 1]; e++) atNodes[rowNode[e]] += rowValue[e] * x[r]
    }
    for (let g = 0; g < nodeCount; g++) {
      const weight = atNodes[g]
      if (weight === 0) continue
      for (let at = entryStart[g]; at < entryStart[g + 1]; at++)
        result[entryOf[at]] += weight * entryValue[at]
    }
    for (let i = 0; i < nonnegative.length; i++) result[nonnegative[i]] -= x[rows + i]
    for (let b = 0, at = cone.scalars; b < semidefinite.length; b += 3, at += 3) {
      result[semidefinite[b]] -= half * (x[at] + x[at + 1])
      result[semidefinite[b + 1]] -= Math.SQRT2 * x[at + 2]
      result[semidefinite[b + 2]] -= half * (x[at] - x[at + 1])
    }
  }

  const crossed = new Float64Array(nodeCount * nodeCount)
  const line = new Float64Array(p)
  const h = new Float64Array(p * p)

  /** The upper triangle of Nᵀ (Sᵀ D S) N into h. */
  const addRows = (scaling: Scaling): void => {
    crossed.fill(0)
    for (let r = 0; r < rows; r++) {
      const d = 1 / scaling.factor[r] ** 2
      for (let e = rowStart[r]; e < rowStart[r + 1]; e++) {
        const base = rowNode[e] * nodeCount
        const value = d * rowValue[e]
        for (let f = rowStart[r]; f < rowStart[r + 1]; f++) crossed[base + rowNode[f]] += value * rowValue[f]
      }
    }
    for (let g = 0; g < nodeCount; g++) {
      line.fill(0)
      let any = false
      for (let f = 0; f < nodeCount; f++) {
        const weight = crossed[g * nodeCount + f]
        if (weight === 0) continue
        any = true
        for (let at = entryStart[f]; at < entryStart[f + 1]; at++)
          line[entryOf[at]] += weight * entryValue[at]
      }
      if (!any) continue
      for (let entry = entryStart[g]; entry < entryStart[g + 1]; entry++) {
        const weight = entryValue[entry]
        const i = entryOf[entry]
        for (let j = i, at = i * p + i; j < p; j++, at++) h[at] += weight * line[j]
      }
    }
  }

  /** What a block adds: Mᵀ W⁻² M on its three unknowns, M their map to the Lorentz cone. */
  const addBlocks = ({ direction, factor }: Scaling): void => {
    for (let b = 0; b < cone.blocks; b++) {
      const scale = 1 / factor[cone.scalars + b] ** 2
      const w = [direction[3 * b], -direction[3 * b + 1], -direction[3 * b + 2]]
      const columns = [
        [half, half, 0],
        [0, 0, Math.SQRT2],
        [half, -half, 0]
      ]
      for (let e = 0; e < 3; e++) {
        for (let f = 0; f < 3; f++) {
          const u = columns[e]
          const v = columns[f]
          const wu = w[0] * u[0] + w[1] * u[1] + w[2] * u[2]
          const wv = w[0] * v[0] + w[1] * v[1] + w[2] * v[2]
          const value = 2 * wu * wv - (u[0] * v[0] - u[1] * v[1] - u[2] * v[2])
          const i = semidefinite[3 * b + e]
          const j = semidefinite[3 * b + f]
          if (i <= j) h[i * p + j] += scale * value
        }
      }
    }
  }

  let lower: Float64Array | undefined
  let schur: Float64Array | undefined
  let solved = new Float64Array(0)

  const backSolve = (factor: Float64Array, size: number, right: Float64Array): Float64Array => {
    const x = Float64Array.from(right)
    for (let i = 0; i < size; i++) {
      let sum = x[i]
      for (let j = 0, at = i * size; j < i; j++, at++) sum -= factor[at] * x[j]
      x[i] = sum / factor[i * size + i]
    }
    for (let i = size - 1; i >= 0; i--) {
      const value = x[i] / factor[i * size + i]
      x[i] = value
      for (let j = 0, at = i * size; j < i; j++, at++) x[j] -= factor[at] * value
    }
    return x
  }

  const factor = (scaling: Scaling): boolean => {
    h.fill(0)
    addRows(scaling)
    for (let i = 0; i < nonnegative.length; i++) {
      h[nonnegative[i] * (p + 1)] += 1 / scaling.factor[rows + i] ** 2
    }
    addBlocks(scaling)
    let trace = 0
    for (let i = 0; i < p; i++) trace += h[i * (p + 1)]
    for (let i = 0; i < p; i++) for (let j = 0; j < i; j++) h[i * p + j] = h[j * p + i]
    let added = 0
    lower = undefined
    for (let ridge = 1e-15; ridge < 1e-6 && lower === undefined; ridge *= 100) {
      const more = (ridge * trace) / p - added
      for (let i = 0; i < p; i++) h[i * (p + 1)] += more
      added += more
      lower = cholesky(h, p, 1e-16)
    }
    if (lower === undefined) return false
    if (equalities === 0) return true
    solved = new Float64Array(equalities * p)
    const gram = new Float64Array(equalities * equalities)
    for (let e = 0; e < equalities; e++) {
      solved.set(backSolve(lower, p, equality.slice(e * p, (e + 1) * p)), e * p)
      for (let f = 0; f < equalities; f++) {
        let sum = 0
        for (let i = 0; i < p; i++) sum += equality[f * p + i] * solved[e * p + i]
        gram[e * equalities + f] = sum
      }
    }
    schur = cholesky(gram, equalities, 1e-16)
    return schur !== undefined
  }

  const solve = (
    r: Float64Array,
    t: Float64Array
  ): { readonly dz: Float64Array; readonly dy: Float64Array } => {
    const dz = backSolve(lower!, p, r)
    const right = new Float64Array(equalities)
    for (let e = 0; e < equalities; e++) {
      let sum = -t[e]
      for (let i = 0; i < p; i++) sum += equality[e * p + i] * dz[i]
      right[e] = sum
    }
    const dy = equalities === 0 ? right : backSolve(schur!, equalities, right)
    for (let e = 0; e < equalities; e++) for (let i = 0; i < p; i++) dz[i] -= dy[e] * solved[e * p + i]
    return { dz, dy }
  }

  return { times, transposed, factor, solve }
}
