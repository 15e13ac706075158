/**
 * Eigenvalues of a symmetric matrix, largest first, and the eigenvectors of the largest few: Householder reduction
 * (kernels), implicit QL for the values, inverse iteration for the vectors asked for.
 *
 * Cost 4/3 n³ flops for the reduction, O(n²) for the values, O(n · count²) for the vectors; exact to rounding, and
 * deterministic. Sources: Golub & Van Loan, Matrix Computations (4th ed.), sections 8.3 and 8.2.2; Parlett, The Symmetric
 * Eigenvalue Problem (1998), section 4.
 */
import { reduceSymmetric } from "./kernels/Kernels.ts"
import type { KernelRows, Tridiagonal } from "./kernels/Kernels.ts"

const EPSILON = 2 ** -52

export interface Eigen {
  /** All n eigenvalues, falling. */
  readonly values: Float64Array
  /** count × n, rows are unit eigenvectors of the largest eigenvalues. */
  readonly vectors: Float64Array
}

/** The eigenvalues of `matrix` (n × n, symmetric) and the eigenvectors of its `count` largest. */
export const largestEigen = (matrix: Float64Array, n: number, count: number): Eigen => {
  let values: Float64Array = new Float64Array(n)
  const vectors = reduceSymmetric(matrix, n, count, (form, found) => {
    values = eigenvaluesOf(form)
    inverseIteration(form, values.subarray(0, count), found)
  })
  return { values, vectors }
}

/** The eigenvalues of a symmetric tridiagonal matrix, falling: implicit QL with Wilkinson's shift. */
export const eigenvaluesOf = ({ diagonal, coupling }: Tridiagonal): Float64Array => {
  const n = diagonal.length
  const d = diagonal.slice()
  const e = new Float64Array(n)
  e.set(coupling.subarray(1))
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; ; iteration++) {
      let m = l
      for (; m < n - 1; m++) {
        if (Math.abs(e[m]) <= EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) break
      }
      if (m === l) break
      if (iteration === 200)
        throw new RangeError("The eigenvalues did not converge; does the matrix hold NaN?")
      const ratio = (d[l + 1] - d[l]) / (2 * e[l])
      const length = Math.sqrt(ratio * ratio + 1)
      let g = d[m] - d[l] + e[l] / (ratio + (ratio >= 0 ? length : -length))
      let s = 1
      let c = 1
      let p = 0
      let i = m - 1
      for (; i >= l; i--) {
        const f = s * e[i]
        const b = c * e[i]
        const r = Math.sqrt(f * f + g * g)
        e[i + 1] = r
        if (r === 0) {
          d[i + 1] -= p
          e[m] = 0
          break
        }
        s = f / r
        c = g / r
        g = d[i + 1] - p
        const t = (d[i] - g) * s + 2 * c * b
        p = s * t
        d[i + 1] = g + p
        g = c * t - b
      }
      if (i >= l) continue
      d[l] -= p
      e[l] = g
      e[m] = 0
    }
  }
  return d.sort().reverse()
}

/**
 * Unit eigenvectors of a tridiagonal matrix for given eigenvalues, falling, written as rows. Vectors of close eigenvalues
 * are made orthogonal to one another.
 */
const inverseIteration = (form: Tridiagonal, values: Float64Array, vectors: KernelRows): void => {
  const n = form.diagonal.length
  let norm = 0
  for (let i = 0; i < n; i++) {
    norm = Math.max(norm, Math.abs(form.diagonal[i]) + Math.abs(form.coupling[i]))
  }
  if (norm === 0) norm = 1
  const solver = new ShiftedSolver(form, norm)
  let shift = Infinity
  let seed = 1
  for (let c = 0; c < values.length; c++) {
    // Equal eigenvalues get shifts a little apart, so that each solve turns to a vector of its own.
    shift = Math.min(values[c], shift - 4 * EPSILON * norm)
    solver.factor(shift)
    const x = vectors.rows.subarray(c * n, (c + 1) * n)
    let first = c
    while (first > 0 && values[first - 1] - values[c] < 1e-3 * norm) first--
    for (let attempt = 0; attempt < 5; attempt++) {
      for (let i = 0; i < n; i++) {
        seed = (Math.imul(seed, 1664525) + 1013904223) | 0
        x[i] = seed / 2 ** 31
      }
      normalise(x)
      let kept = 1
      for (let sweep = 0; sweep < 3; sweep++) {
        solver.solve(x)
        normalise(x)
        kept = vectors.orthogonalise(c, first)
        normalise(x)
      }
      if (kept > 1e-2) break
    }
    vectors.orthogonalise(c, first)
    normalise(x)
  }
}

const normalise = (x: Float64Array): void => {
  let largest = 0
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]))
  if (largest === 0) return
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += (x[i] / largest) ** 2
  const scale = 1 / (largest * Math.sqrt(sum))
  for (let i = 0; i < x.length; i++) x[i] *= scale
}

/** LU with partial pivoting of T − shift · I, and solves with it. */
class ShiftedSolver {
  private readonly form: Tridiagonal
  private readonly tiny: number
  /** Rows of U: main, first and second entry above it; l: multipliers; swapped: whether rows i and i + 1 changed places. */
  private readonly main: Float64Array
  private readonly above: Float64Array
  private readonly second: Float64Array
  private readonly l: Float64Array
  private readonly swapped: Uint8Array

  constructor(form: Tridiagonal, norm: number) {
    const n = form.diagonal.length
    this.form = form
    this.tiny = EPSILON * norm
    this.main = new Float64Array(n)
    this.above = new Float64Array(n)
    this.second = new Float64Array(n)
    this.l = new Float64Array(n)
    this.swapped = new Uint8Array(n)
  }

  factor(shift: number): void {
    const { diagonal, coupling } = this.form
    const n = diagonal.length
    let u = diagonal[0] - shift
    let v = n > 1 ? coupling[1] : 0
    for (let i = 0; i < n - 1; i++) {
      const lower = coupling[i + 1]
      const nextMain = diagonal[i + 1] - shift
      const nextAbove = i + 2 < n ? coupling[i + 2] : 0
      if (Math.abs(lower) > Math.abs(u)) {
        this.swapped[i] = 1
        this.l[i] = u / lower
        this.main[i] = lower
        this.above[i] = nextMain
        this.second[i] = nextAbove
        u = v - this.l[i] * nextMain
        v = -this.l[i] * nextAbove
      } else {
        this.swapped[i] = 0
        const pivot = u === 0 ? this.tiny : u
        this.l[i] = lower / pivot
        this.main[i] = pivot
        this.above[i] = v
        this.second[i] = 0
        u = nextMain - this.l[i] * v
        v = nextAbove
      }
    }
    this.main[n - 1] = u
    this.above[n - 1] = 0
    this.second[n - 1] = 0
    for (let i = 0; i < n; i++) {
      if (Math.abs(this.main[i]) < this.tiny) this.main[i] = this.main[i] < 0 ? -this.tiny : this.tiny
    }
  }

  solve(x: Float64Array): void {
    const n = x.length
    for (let i = 0; i < n - 1; i++) {
      if (this.swapped[i] === 1) {
        const kept = x[i]
        x[i] = x[i + 1]
        x[i + 1] = kept - this.l[i] * x[i]
      } else {
        x[i + 1] -= this.l[i] * x[i]
      }
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i]
      if (i + 1 < n) sum -= this.above[i] * x[i + 1]
      if (i + 2 < n) sum -= this.second[i] * x[i + 2]
      x[i] = sum / this.main[i]
      // Growth without bound is what inverse iteration lives on; keep it representable.
      if (Math.abs(x[i]) > 1e250) for (let j = 0; j < n; j++) x[j] *= 1e-250
    }
  }
}
