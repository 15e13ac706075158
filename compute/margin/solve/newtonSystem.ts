/**
 * Newton's equations of the margin problem on spheres, in tangent coordinates, by two eliminations.
 *
 * Unknowns: a tangent step x_l of each "left" point and y_r of each "right" point (one side is the queries, the other the
 * documents; with a threshold a query, its b_j rides with the query), then t and, for one shared threshold, b. With
 * slack w_e, multiplier λ_e and stiffness D_e = λ_e / w_e of the pair e = (l, r), S its sign and s its score,
 *
 *   M = Σ_e D_e c_e c_eᵀ + H,   c_e = (S B_lᵀ y_r, S C_rᵀ x_l, −S, −1) the slack's gradient,
 *   H = −Σ_e λ_e S_e ∇²s_e :   + λ S s on the diagonal blocks (the sphere's curvature),   − λ S B_lᵀ C_r across,
 *
 * and M is made positive definite by δ·(Σ_e λ_e of the point) on the diagonal: δ = 2 always suffices. The left blocks, which
 * are coupled to right ones only, are eliminated first, then a dense Cholesky of the right side's Schur complement, of order
 * Q = R (d − 1) + 1 or 2. Pairs whose stiffness and force are both negligible are left out of the coupling, not of the blocks.
 * Cost L (d − 1) Q² / 2 + Q³ / 6 where every pair counts; with a few active pairs a point, only the cubic term stays.
 * Source: Nocedal & Wright, Numerical Optimization, chapter 19.
 */
import { NewtonKernel } from "../kernels/NewtonKernel.ts"
import { fromFrame, toFrame } from "./tangentFrames.ts"

/** One side: points (count × d) with their frames; `own` where each point has a threshold of its own. */
export interface Side {
  readonly count: number
  readonly own: boolean
  readonly points: Float64Array
  readonly reflectors: Float64Array
  /** How far apart in the pairs' arrays two neighbours of this side are. */
  readonly stride: number
}

/** Values a pair. */
export interface PairValues {
  readonly sign: Float64Array
  readonly scores: Float64Array
  readonly slacks: Float64Array
  readonly multipliers: Float64Array
}

/** A step: tangent coordinates with the point's threshold, where it has one, behind them. */
export interface NewtonStep {
  readonly left: Float64Array
  readonly right: Float64Array
  /** t, and b where it is shared. */
  readonly shared: Float64Array
}

export class NewtonSystem {
  readonly dims: number
  readonly leftWidth: number
  readonly rightWidth: number
  readonly globals: number
  readonly order: number
  private readonly left: Side
  private readonly right: Side
  private readonly values: PairValues
  private readonly kernel: NewtonKernel
  private readonly dense: Float64Array
  private readonly blocks: Float64Array
  private readonly stiffness: Float64Array
  private readonly coupling: Float64Array
  private readonly crossing: Float64Array
  private readonly leftMass: Float64Array
  private readonly rightMass: Float64Array
  private readonly vectors: Float64Array
  private readonly lifted: Float64Array
  private readonly rightSide: Float64Array
  private readonly active: Int32Array
  private readonly p: Float64Array
  private readonly q: Float64Array

  constructor(left: Side, right: Side, values: PairValues, dims: number, shared: boolean) {
    this.left = left
    this.right = right
    this.values = values
    this.dims = dims
    this.leftWidth = dims - 1 + (left.own ? 1 : 0)
    this.rightWidth = dims - 1 + (right.own ? 1 : 0)
    this.globals = shared ? 2 : 1
    this.order = right.count * this.rightWidth + this.globals
    const pairs = values.sign.length
    this.kernel = new NewtonKernel(this.order, left.count, this.leftWidth)
    this.dense = this.kernel.dense
    this.blocks = this.kernel.blocks
    this.stiffness = new Float64Array(pairs)
    this.coupling = new Float64Array(pairs)
    this.crossing = new Float64Array(pairs)
    this.leftMass = new Float64Array(left.count)
    this.rightMass = new Float64Array(right.count)
    this.vectors = new Float64Array(Math.max(left.count, right.count) * dims)
    this.lifted = new Float64Array(Math.max(left.count, right.count) * dims)
    this.rightSide = new Float64Array(this.order)
    this.active = new Int32Array(right.count)
    this.p = new Float64Array(Math.max(this.leftWidth, this.rightWidth))
    this.q = new Float64Array(this.rightWidth)
  }

  /** Stiffness of the pairs, and which of them couple: once before `factor`, whatever its δ. */
  prepare(negligible: number): void {
    const { coupling, crossing, left, leftMass, right, rightMass, stiffness } = this
    const { multipliers, sign, slacks } = this.values
    leftMass.fill(0)
    rightMass.fill(0)
    for (let l = 0; l < left.count; l++) {
      for (let r = 0, e = l * left.stride; r < right.count; r++, e += right.stride) {
        if (sign[e] === 0) continue
        const force = multipliers[e]
        stiffness[e] = force / slacks[e]
        leftMass[l] += force
        rightMass[r] += force
      }
    }
    for (let l = 0; l < left.count; l++) {
      for (let r = 0, e = l * left.stride; r < right.count; r++, e += right.stride) {
        const counts = multipliers[e] + stiffness[e] > negligible * (leftMass[l] + rightMass[r])
        coupling[e] = counts ? stiffness[e] : 0
        crossing[e] = counts ? sign[e] * multipliers[e] : 0
      }
    }
  }

  /** Factors M with δ = `shift`; false where it is not positive definite. */
  factor(shift: number): boolean {
    this.rightBlocks(shift)
    if (!this.leftBlocks(shift)) return false
    this.fixRotation()
    return this.kernel.factorDense()
  }

  /**
   * Rotating all points at once changes nothing: M is singular along these d (d − 1) / 2 directions, and its rounding errors
   * would be taken for negative curvature. A stiffness against the right side's share of them changes no other step.
   */
  private fixRotation(): void {
    const { dims, globals, kernel, leftWidth, order, right, rightWidth } = this
    const { columns } = kernel
    const { points, reflectors } = right
    const count = order - globals
    // `leftWidth` rotations at a time: so deep are the kernel's columns.
    let first = 1
    let second = 0
    while (first < dims) {
      columns.fill(0)
      for (let k = 0; k < leftWidth && first < dims; k++) {
        for (let r = 0; r < right.count; r++) {
          const at = r * dims
          const up = points[at + second]
          const down = points[at + first]
          const along = 2 * (reflectors[at + first] * up - reflectors[at + second] * down)
          for (let y = 0; y < dims - 1; y++) {
            const turned = (y === first ? up : y === second ? -down : 0) - along * reflectors[at + y]
            const column = r * rightWidth + y
            columns[((column >> 2) * leftWidth + k) * 4 + (column & 3)] = turned
          }
        }
        if (++second === first) {
          first++
          second = 0
        }
      }
      kernel.addProducts(count, 1 / right.count)
    }
  }

  private rightBlocks(shift: number): void {
    const { dense, dims, globals, left, order, q, right, rightMass, rightWidth, stiffness } = this
    const { multipliers, scores, sign } = this.values
    dense.fill(0)
    const tangent = dims - 1
    const firstShared = order - globals
    for (let r = 0; r < right.count; r++) {
      const base = r * rightWidth
      let curvature = shift * rightMass[r]
      for (let l = 0, e = r * right.stride; l < left.count; l++, e += left.stride) {
        const s = sign[e]
        if (s === 0) continue
        const d = stiffness[e]
        curvature += multipliers[e] * s * scores[e]
        toFrame(right.reflectors, r * dims, dims, left.points, l * dims, q, 0)
        if (right.own) q[tangent] = -1
        for (let x = 0; x < rightWidth; x++) {
          const dq = d * q[x]
          const row = (base + x) * order + base
          for (let y = 0; y <= x; y++) dense[row + y] += dq * q[y]
          dense[firstShared * order + base + x] -= s * dq
          if (globals === 2) dense[(firstShared + 1) * order + base + x] -= dq
        }
        dense[firstShared * order + firstShared] += d
        if (globals === 2) {
          dense[(firstShared + 1) * order + firstShared] += s * d
          dense[(firstShared + 1) * order + firstShared + 1] += d
        }
      }
      for (let x = 0; x < tangent; x++) dense[(base + x) * order + base + x] += curvature
      // A point without pairs, and a threshold without any, stay where they are.
      if (rightMass[r] === 0) for (let x = 0; x < rightWidth; x++) dense[(base + x) * order + base + x] = 1
    }
  }

  private leftBlocks(shift: number): boolean {
    const { active, blocks, coupling, crossing, dims, globals, kernel, left, leftMass, leftWidth, order } =
      this
    const { p, q, right, rightWidth, stiffness } = this
    const { columns, map } = kernel
    const { multipliers, scores, sign } = this.values
    const tangent = dims - 1
    for (let l = 0; l < left.count; l++) {
      const block = l * leftWidth * leftWidth
      const frame = l * dims
      blocks.fill(0, block, block + leftWidth * leftWidth)
      if (leftMass[l] === 0) {
        for (let x = 0; x < leftWidth; x++) blocks[block + x * leftWidth + x] = 1
        continue
      }
      let curvature = shift * leftMass[l]
      let count = 0
      for (let r = 0, e = l * left.stride; r < right.count; r++, e += right.stride) {
        if (coupling[e] !== 0 || crossing[e] !== 0) active[count++] = r
      }
      // Packed columns of the coupling: those of the active right points, then the shared ones, then zeros.
      const shared = count * rightWidth
      const width = shared + globals
      for (let c = shared; c % 4 !== 0 || c < width; c++) {
        const at = (c >> 2) * leftWidth * 4 + (c & 3)
        for (let x = 0; x < leftWidth; x++) columns[at + 4 * x] = 0
      }
      const tAt = (shared >> 2) * leftWidth * 4 + (shared & 3)
      const bAt = ((shared + 1) >> 2) * leftWidth * 4 + ((shared + 1) & 3)
      for (let c = 0; c < globals; c++) map[shared + c] = order - globals + c
      for (let r = 0, e = l * left.stride, column = 0; r < right.count; r++, e += right.stride) {
        const s = sign[e]
        if (s === 0) continue
        const d = stiffness[e]
        curvature += multipliers[e] * s * scores[e]
        toFrame(left.reflectors, frame, dims, right.points, r * dims, p, 0)
        if (left.own) p[tangent] = -1
        for (let x = 0; x < leftWidth; x++) {
          const dp = d * p[x]
          const row = block + x * leftWidth
          for (let y = 0; y <= x; y++) blocks[row + y] += dp * p[y]
          columns[tAt + 4 * x] -= s * dp
          if (globals === 2) columns[bAt + 4 * x] -= dp
        }
        if (coupling[e] === 0 && crossing[e] === 0) continue
        const c = coupling[e]
        const h = crossing[e]
        const other = r * dims
        toFrame(right.reflectors, other, dims, left.points, frame, q, 0)
        if (right.own) q[tangent] = -1
        let both = 0
        for (let k = 0; k < dims; k++) both += left.reflectors[frame + k] * right.reflectors[other + k]
        for (let y = 0; y < rightWidth; y++, column++) {
          const at = (column >> 2) * leftWidth * 4 + (column & 3)
          const cq = c * q[y]
          map[column] = r * rightWidth + y
          if (y === tangent) {
            for (let x = 0; x < leftWidth; x++) columns[at + 4 * x] = cq * p[x]
            continue
          }
          // B_lᵀ C_r = I − 2 v vᵀ − 2 w wᵀ + 4 (v·w) v wᵀ on the first d − 1 coordinates.
          const w = right.reflectors[other + y]
          const onV = h * (2 * left.reflectors[frame + y] - 4 * both * w)
          const onW = 2 * h * w
          for (let x = 0; x < tangent; x++) {
            columns[at + 4 * x] =
              cq * p[x] + left.reflectors[frame + x] * onV + right.reflectors[other + x] * onW
          }
          if (left.own) columns[at + 4 * tangent] = cq * p[tangent]
          columns[at + 4 * y] -= h
        }
      }
      for (let x = 0; x < tangent; x++) blocks[block + x * leftWidth + x] += curvature
      if (!kernel.factorBlock(l)) return false
      kernel.eliminate(l, width)
    }
    return true
  }

  /** The system is no longer used: its memory may serve another. */
  release(): void {
    this.kernel.release()
  }

  /**
   * Solves M · step = (pull on t) + Σ_e forces_e c_e.
   *
   * @param forces ν_e of each pair
   */
  solve(pull: number, forces: Float64Array, step: NewtonStep): void {
    const { blocks, coupling, crossing, dims, globals, left, leftMass, leftWidth, lifted, order, p } = this
    const { right, rightSide, rightWidth, stiffness, vectors } = this
    const { sign } = this.values
    const tangent = dims - 1
    const shared = order - globals
    // Left: h = M_ll⁻¹ Σ ν p, and its ambient vectors.
    step.left.fill(0)
    rightSide.fill(0)
    rightSide[shared] = pull
    vectors.fill(0)
    for (let l = 0; l < left.count; l++) {
      if (leftMass[l] === 0) continue
      const at = l * leftWidth
      let own = 0
      const to = l * dims
      for (let r = 0, e = l * left.stride; r < right.count; r++, e += right.stride) {
        if (sign[e] === 0) continue
        const f = sign[e] * forces[e]
        own -= f
        for (let k = 0, from = r * dims; k < dims; k++) vectors[to + k] += f * right.points[from + k]
      }
      toFrame(left.reflectors, to, dims, vectors, to, step.left, at)
      if (left.own) step.left[at + tangent] = own
      forward(blocks, l * leftWidth * leftWidth, leftWidth, step.left, at)
      backward(blocks, l * leftWidth * leftWidth, leftWidth, step.left, at)
      fromFrame(left.reflectors, to, dims, step.left, at, lifted, to)
    }
    // Right: Σ (ν − D p·h) q + λ S C ᵀ(B h).
    for (let r = 0; r < right.count; r++) {
      let own = 0
      p.fill(0)
      const other = r * dims
      const to = other
      vectors.fill(0, to, to + dims)
      for (let l = 0, e = r * right.stride; l < left.count; l++, e += left.stride) {
        const s = sign[e]
        if (s === 0) continue
        const from = l * dims
        let along = 0
        for (let k = 0; k < dims; k++) along += lifted[from + k] * right.points[other + k]
        if (left.own) along -= step.left[l * leftWidth + tangent]
        // along is S p·h
        const f = s * forces[e] - coupling[e] * along
        const h = crossing[e]
        own -= f
        for (let k = 0; k < dims; k++) vectors[to + k] += f * left.points[from + k] + h * lifted[from + k]
        const all = s * forces[e] - stiffness[e] * along
        rightSide[shared] -= s * all
        if (globals === 2) rightSide[shared + 1] -= all
      }
      toFrame(right.reflectors, other, dims, vectors, to, rightSide, r * rightWidth)
      if (right.own) rightSide[r * rightWidth + tangent] = own
    }
    choleskySolve(this.dense, order, rightSide)
    step.right.set(rightSide.subarray(0, shared))
    step.shared.set(rightSide.subarray(shared))
    // Left again: x = h − M_ll⁻¹ (M_lr y + M_lg g).
    for (let r = 0; r < right.count; r++) {
      fromFrame(right.reflectors, r * dims, dims, step.right, r * rightWidth, lifted, r * dims)
    }
    const dt = step.shared[0]
    const db = globals === 2 ? step.shared[1] : 0
    const back = this.p
    for (let l = 0; l < left.count; l++) {
      if (leftMass[l] === 0) continue
      const to = l * dims
      let own = 0
      vectors.fill(0, to, to + dims)
      for (let r = 0, e = l * left.stride; r < right.count; r++, e += right.stride) {
        const s = sign[e]
        if (s === 0) continue
        const other = r * dims
        let along = 0
        for (let k = 0; k < dims; k++) along += lifted[other + k] * left.points[to + k]
        if (right.own) along -= step.right[r * rightWidth + tangent]
        // S times D (q·y + c_g·g)
        const f = coupling[e] * along - stiffness[e] * (s * dt + db)
        const h = crossing[e]
        own -= f
        for (let k = 0; k < dims; k++) vectors[to + k] += f * right.points[other + k] - h * lifted[other + k]
      }
      toFrame(left.reflectors, to, dims, vectors, to, back, 0)
      if (left.own) back[tangent] = own
      forward(blocks, l * leftWidth * leftWidth, leftWidth, back, 0)
      backward(blocks, l * leftWidth * leftWidth, leftWidth, back, 0)
      for (let x = 0; x < leftWidth; x++) step.left[l * leftWidth + x] -= back[x]
    }
  }

  /** How much each slack changes along `step`: to first order, and in second (the coefficient of the square). */
  slackChange(step: NewtonStep, first: Float64Array, second: Float64Array): void {
    const { dims, globals, left, leftWidth, lifted, right, rightWidth, vectors } = this
    const { scores, sign } = this.values
    for (let l = 0; l < left.count; l++) {
      fromFrame(left.reflectors, l * dims, dims, step.left, l * leftWidth, vectors, l * dims)
    }
    for (let r = 0; r < right.count; r++) {
      fromFrame(right.reflectors, r * dims, dims, step.right, r * rightWidth, lifted, r * dims)
    }
    const dt = step.shared[0]
    const db = globals === 2 ? step.shared[1] : 0
    for (let l = 0; l < left.count; l++) {
      const own = left.own ? step.left[l * leftWidth + dims - 1] : 0
      let leftSquare = 0
      for (let x = l * dims; x < (l + 1) * dims; x++) leftSquare += vectors[x] * vectors[x]
      for (let r = 0, e = l * left.stride; r < right.count; r++, e += right.stride) {
        let along = -db - own - (right.own ? step.right[r * rightWidth + dims - 1] : 0)
        let both = 0
        let square = leftSquare
        for (let k = 0, x = l * dims, y = r * dims; k < dims; k++, x++, y++) {
          along += vectors[x] * right.points[y] + left.points[x] * lifted[y]
          both += vectors[x] * lifted[y]
          square += lifted[y] * lifted[y]
        }
        first[e] = sign[e] * along - dt
        second[e] = sign[e] * (both - 0.5 * scores[e] * square)
      }
    }
  }
}

/** A step with no entry set. */
export const newtonStep = (system: NewtonSystem, left: number, right: number): NewtonStep => ({
  left: new Float64Array(left * system.leftWidth),
  right: new Float64Array(right * system.rightWidth),
  shared: new Float64Array(system.globals)
})

const choleskySolve = (a: Float64Array, n: number, x: Float64Array): void => {
  forward(a, 0, n, x, 0)
  backward(a, 0, n, x, 0)
}

/** x ← L⁻¹ x for the n × n lower factor at `at` and the n numbers at `to`. */
const forward = (a: Float64Array, at: number, n: number, x: Float64Array, to: number): void => {
  for (let i = 0; i < n; i++) {
    const row = at + i * n
    let sum = x[to + i]
    for (let k = 0; k < i; k++) sum -= a[row + k] * x[to + k]
    x[to + i] = sum / a[row + i]
  }
}

/** x ← L⁻ᵀ x. */
const backward = (a: Float64Array, at: number, n: number, x: Float64Array, to: number): void => {
  for (let i = n - 1; i >= 0; i--) {
    const row = at + i * n
    const value = x[to + i] / a[row + i]
    x[to + i] = value
    for (let k = 0; k < i; k++) x[to + k] -= a[row + k] * value
  }
}
