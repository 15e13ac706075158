/**
 * Certificates: dual weights that prove an upper bound on the margin of a relevance matrix in every dimension.
 *
 * For J with the signs of S = 2A − 1 (≥ 0 where A is 1, ≤ 0 elsewhere) and weights p, q > 0 on the rows and columns
 * where J is not zero, any unit vectors and any threshold(s) b_j satisfy
 *
 *   m Σ|J| ≤ Σ J_ji (⟨u_j, v_i⟩ − b_j) ≤ ‖diag(p)^(−½) J diag(q)^(−½)‖₂ √(Σp Σq) + imbalance,
 *
 * where the imbalance bounds −Σ_j b_j Σ_i J_ji: nothing for the zero threshold (b = 0), |ΣJ| for one global threshold
 * (the best b is a midpoint of scores, so |b| ≤ 1), Σ_j |Σ_i J_ji| for a threshold per row. The stored weights need not
 * be normalised: J is exactly what the floats say, and sums are taken with their rounding errors.
 *
 * `verify` trusts nothing of the solver. It forms K = Lᵀ L, L = diag(p)^(−½) J diag(q)^(−½), n × n, and accepts
 * λmax(K) ≤ τ only if a floating-point Cholesky of τI − K runs through: then λmin(τI − K) ≥ −γ_{n+1}/(1−γ_{n+1}) tr(τI−K)
 * (S. M. Rump, "Verification of positive definiteness", BIT 46, 2006), to which the rounding error of K is added. A power
 * or Lanczos value only chooses the τ that is tried; it proves nothing.
 *
 * These error bounds are relative: they hold where nothing underflows or overflows. So a weight is 0 or between 2^−100 and
 * 2^100, and weights beyond prove nothing; `inRange` puts a proposal there. Then every product that is formed lies between
 * 2^−600 and 2^600, far from both ends.
 * Source: arXiv 2605.23556, dual of m^rd(∞, A). Cost O(nnz k + n³) for product negatives, O(N n²) for
 * dense ones.
 */
import { cholesky } from "../../linalg/cholesky.ts"
import type { Relevance, Threshold } from "../Relevance.ts"

/** Dual weights X ≥ 0 of every entry, J = S ∘ X, and the row and column weights p and q. */
export interface DualWeights {
  /** X on the positives, in the order of `relevance.indices`. */
  readonly positive: Float64Array
  /** X on the negatives: every entry (row-major N × n, ignored at positives), or row ⊗ column. */
  readonly negative:
    | { readonly type: "dense"; readonly values: Float64Array }
    | { readonly type: "product"; readonly row: Float64Array; readonly column: Float64Array }
  readonly p: Float64Array
  readonly q: Float64Array
}

const unit = 2 ** -53
/** 2^−1022, the least normal number: far above what one underflow may lose. */
const underflow = 2 ** -1022

const least = 2 ** -100
const greatest = 2 ** 100

/** γ_k = k u / (1 − k u): the relative error of a sum or product of k roundings. */
const gamma = (count: number): number => (count * unit) / (1 - count * unit)

/** Proposed weights of any scale as `verify` takes them: the largest X is 1, and what is tiny beside it is 0 (p, q: tiny). */
export const inRange = ({ negative, p, positive, q }: DualWeights): DualWeights => {
  const top = (values: Float64Array): number => values.reduce((most, x) => Math.max(most, x), 0)
  const scaled = (values: Float64Array, by: number): Float64Array =>
    values.map((x) => (x * by >= least ? x * by : 0))
  const raised = (values: Float64Array): Float64Array => {
    const by = 1 / (top(values) || 1)
    return values.map((x) => Math.max(x * by, least))
  }
  // The row and the column of a product scale together: their largest product is at most 1.
  const [row, column] = negative.type === "product" ? [top(negative.row), top(negative.column)] : [1, 1]
  const x = Math.max(top(positive), negative.type === "dense" ? top(negative.values) : row * column)
  const by = x > 0 ? 1 / x : 1
  return {
    positive: scaled(positive, by),
    negative:
      negative.type === "dense"
        ? { type: "dense", values: scaled(negative.values, by) }
        : {
            type: "product",
            row: scaled(negative.row, by * (column || 1)),
            column: scaled(negative.column, 1 / (column || 1))
          },
    p: raised(p),
    q: raised(q)
  }
}

/**
 * A proved upper bound on the margin of A under the given threshold, whatever the dimension. Infinity where the weights
 * prove nothing (wrong sign, out of range, a zero p or q under a nonzero J, not a number).
 */
export const verify = (a: Relevance, threshold: Threshold, dual: DualWeights): number => {
  const { rows, columns } = a
  if (dual.positive.length !== a.indices.length || dual.p.length !== rows || dual.q.length !== columns) {
    return Number.POSITIVE_INFINITY
  }
  const all =
    dual.negative.type === "dense"
      ? [dual.positive, dual.negative.values, dual.p, dual.q]
      : [dual.positive, dual.negative.row, dual.negative.column, dual.p, dual.q]
  for (const values of all) {
    for (const value of values) {
      if (!(value === 0 || (value >= least && value <= greatest))) return Number.POSITIVE_INFINITY
    }
  }
  const scaled =
    dual.negative.type === "dense"
      ? denseGram(a, dual, dual.negative.values)
      : productGram(a, dual, dual.negative)
  if (scaled === undefined) return Number.POSITIVE_INFINITY
  const { gram, absoluteTrace, grossMass, imbalance, mass, oneClassMass } = scaled
  // Rows of one class have no threshold that both bounds; a threshold of their own may be anything, so J must vanish there.
  if (threshold === "row" && oneClassMass > 0) return Number.POSITIVE_INFINITY
  if (!(mass > 0)) return Number.POSITIVE_INFINITY
  const roundings = gamma(rows + columns + 16)
  const largest =
    eigenvalueBound(gram, columns) + gamma(rows + 16) * absoluteTrace * (1 + gamma(rows * columns))
  const sumP = sum(dual.p) * (1 + roundings)
  const sumQ = sum(dual.q) * (1 + roundings)
  const slack =
    threshold === "zero"
      ? 0
      : (threshold === "global" ? Math.abs(imbalance.total) : imbalance.byRow) + 2 * roundings * grossMass
  const bound =
    (Math.sqrt(Math.max(0, largest)) * Math.sqrt(sumP) * Math.sqrt(sumQ) + slack) / (mass * (1 - roundings))
  return bound >= 0 ? Math.min(1, bound * (1 + 16 * unit)) : Number.POSITIVE_INFINITY
}

interface ScaledGram {
  /** K̂, n × n row-major. */
  readonly gram: Float64Array
  /** Trace of the same sum taken over absolute values: K̂ is within γ times this of K, in norm. */
  readonly absoluteTrace: number
  /** Σ|J| as computed, less what subtractions may have lost of it; and with it, which no sum of its parts exceeds. */
  readonly mass: number
  readonly grossMass: number
  readonly oneClassMass: number
  readonly imbalance: { readonly total: number; readonly byRow: number }
}

const denseGram = (a: Relevance, dual: DualWeights, values: Float64Array): ScaledGram | undefined => {
  const { rows, columns } = a
  if (values.length !== rows * columns) return undefined
  const gram = new Float64Array(columns * columns)
  const scaled = new Float64Array(columns)
  const totals = new RowTotals()
  let absoluteTrace = 0
  const root = dual.q.map(Math.sqrt)
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) scaled[i] = -values[j * columns + i]
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) scaled[a.indices[e]] = dual.positive[e]
    if (!totals.add(scaled, a.indptr[j + 1] - a.indptr[j])) continue
    if (dual.p[j] === 0) return undefined
    const rootP = Math.sqrt(dual.p[j])
    for (let i = 0; i < columns; i++) {
      if (scaled[i] === 0) continue
      if (root[i] === 0) return undefined
      scaled[i] /= rootP * root[i]
      absoluteTrace += scaled[i] * scaled[i]
    }
    for (let i = 0; i < columns; i++) {
      const factor = scaled[i]
      if (factor === 0) continue
      const o = i * columns
      for (let l = 0; l <= i; l++) gram[o + l] += factor * scaled[l]
    }
  }
  mirror(gram, columns)
  return { gram, absoluteTrace, ...totals.result() }
}

const productGram = (
  a: Relevance,
  dual: DualWeights,
  negative: { readonly row: Float64Array; readonly column: Float64Array }
): ScaledGram | undefined => {
  const { rows, columns } = a
  if (negative.row.length !== rows || negative.column.length !== columns) return undefined
  const root = dual.q.map(Math.sqrt)
  // Row j of L is −α b off the positives; writing it as −α b + c with c on the positives alone keeps K sparse to form.
  const b = new Float64Array(columns)
  for (let i = 0; i < columns; i++) {
    if (negative.column[i] > 0 && root[i] === 0) return undefined
    b[i] = negative.column[i] === 0 ? 0 : negative.column[i] / root[i]
  }
  const columnMass = sum(negative.column)
  const gram = new Float64Array(columns * columns)
  const cross = new Float64Array(columns)
  let alphaSquares = 0
  let total = 0
  let byRow = 0
  let mass = 0
  let oneClassMass = 0
  let positiveTrace = 0
  const c: Array<number> = []
  for (let j = 0; j < rows; j++) {
    const from = a.indptr[j]
    const to = a.indptr[j + 1]
    let positiveMass = 0
    let covered = 0
    for (let e = from; e < to; e++) {
      positiveMass += dual.positive[e]
      covered += negative.column[a.indices[e]]
    }
    const negativeMass = to - from === columns ? 0 : negative.row[j] * Math.max(0, columnMass - covered)
    mass += positiveMass + negativeMass
    total += positiveMass - negativeMass
    byRow += Math.abs(positiveMass - negativeMass)
    if (from === to || to - from === columns) oneClassMass += positiveMass + negativeMass
    if (positiveMass === 0 && negative.row[j] === 0) continue
    if (dual.p[j] === 0) return undefined
    const rootP = Math.sqrt(dual.p[j])
    const alpha = negative.row[j] / rootP
    alphaSquares += alpha * alpha
    c.length = to - from
    for (let e = from; e < to; e++) {
      const i = a.indices[e]
      if (dual.positive[e] > 0 && root[i] === 0) return undefined
      c[e - from] = (dual.positive[e] === 0 ? 0 : dual.positive[e] / (rootP * root[i])) + alpha * b[i]
      cross[i] += alpha * c[e - from]
      positiveTrace += c[e - from] * c[e - from]
      const o = i * columns
      for (let l = from; l <= e; l++) gram[o + a.indices[l]] += c[e - from] * c[l - from]
    }
  }
  mirror(gram, columns)
  let absoluteTrace = positiveTrace
  for (let i = 0; i < columns; i++) {
    absoluteTrace += alphaSquares * b[i] * b[i] + 2 * b[i] * cross[i]
    for (let l = 0; l < columns; l++)
      gram[i * columns + l] += alphaSquares * b[i] * b[l] - b[i] * cross[l] - cross[i] * b[l]
  }
  // Masses are differences here (columnMass − covered): their errors, at most γ of the uncancelled sums, count as slack.
  const uncancelled = gamma(columns + 8) * sum(negative.row) * columnMass
  return {
    gram,
    absoluteTrace,
    mass: mass - uncancelled,
    grossMass: mass + uncancelled,
    oneClassMass,
    imbalance: { total: Math.abs(total) + uncancelled, byRow: byRow + uncancelled }
  }
}

class RowTotals {
  private mass = 0
  private oneClassMass = 0
  private total = 0
  private byRow = 0

  /** Adds row J_j, of which `size` entries are positives; false where it is all zero. */
  add(row: Float64Array, size: number): boolean {
    let mass = 0
    let signed = 0
    for (const x of row) {
      mass += Math.abs(x)
      signed += x
    }
    this.mass += mass
    this.total += signed
    this.byRow += Math.abs(signed)
    if (size === 0 || size === row.length) this.oneClassMass += mass
    return mass > 0
  }

  result(): Pick<ScaledGram, "mass" | "grossMass" | "oneClassMass" | "imbalance"> {
    return {
      mass: this.mass,
      grossMass: this.mass,
      oneClassMass: this.oneClassMass,
      imbalance: { total: this.total, byRow: this.byRow }
    }
  }
}

/**
 * A proved upper bound on the largest eigenvalue of a symmetric n × n matrix of floats, within about 1e-11 of it, or 1e-7
 * where eigenvalues crowd (see the module comment); Infinity where none could be proved.
 */
export const eigenvalueBound = (matrix: Float64Array, n: number): number => {
  let trace = 0
  for (let i = 0; i < n; i++) trace += Math.abs(matrix[i * n + i])
  if (!(trace < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY
  if (trace === 0) return matrix.some((x) => x !== 0) ? Number.POSITIVE_INFINITY : 0
  const estimate = powerEstimate(matrix, n)
  const tried = new Float64Array(n * n)
  /** τ plus the errors of the test, where Cholesky of τI − K runs through. */
  const proved = (tau: number): number | undefined => {
    let shiftedTrace = 0
    let diagonal = 0
    for (let o = 0; o < tried.length; o++) tried[o] = -matrix[o]
    for (let i = 0; i < n; i++) {
      const entry = tau - matrix[i * n + i]
      tried[i * n + i] = entry
      shiftedTrace += Math.abs(entry)
      diagonal = Math.max(diagonal, Math.abs(entry))
    }
    if (cholesky(tried, n, 0) === undefined) return undefined
    // Rump's bound, with its term for underflow, and one rounding in each diagonal entry of τI − K.
    const errors = 2 * gamma(n + 1) * shiftedTrace * (1 + gamma(n)) + unit * diagonal
    return (tau + errors + 3 * n * (2 * n + diagonal) * underflow) * (1 + 4 * unit)
  }
  // The estimate is too small where eigenvalues crowd; the excess it needs is found by tens, then by halving.
  let failed = 1e-13
  for (let excess = 1e-12; excess < 1e4; excess *= 10) {
    let bound = proved(estimate * (1 + excess))
    if (bound === undefined) {
      failed = excess
      continue
    }
    let passed = excess
    while (passed > 1e-11 && (passed > 1.05 * failed || passed - failed > 1e-7)) {
      const middle = Math.sqrt(passed * failed)
      const better = proved(estimate * (1 + middle))
      if (better === undefined) failed = middle
      else {
        passed = middle
        bound = better
      }
    }
    return bound
  }
  return Number.POSITIVE_INFINITY
}

/** An estimate from below of the largest eigenvalue: power steps on a fixed start. Only where to try Cholesky. */
const powerEstimate = (matrix: Float64Array, n: number): number => {
  let x = new Float64Array(n)
  for (let i = 0; i < n; i++) x[i] = 1 + ((i * 7919) % 101) / 101
  let value = 0
  for (let step = 0; step < 300; step++) {
    const y = new Float64Array(n)
    let square = 0
    let along = 0
    let length = 0
    for (let i = 0; i < n; i++) {
      let entry = 0
      for (let l = 0; l < n; l++) entry += matrix[i * n + l] * x[l]
      y[i] = entry
      square += entry * entry
      along += entry * x[i]
      length += x[i] * x[i]
    }
    const next = along / length
    if (square === 0) break
    const scale = 1 / Math.sqrt(square)
    for (let i = 0; i < n; i++) y[i] *= scale
    x = y
    if (step > 20 && Math.abs(next - value) < 1e-13 * Math.abs(next)) {
      value = next
      break
    }
    value = next
  }
  return value
}

const sum = (values: Float64Array): number => {
  let total = 0
  for (const value of values) total += value
  return total
}

const mirror = (gram: Float64Array, n: number): void => {
  for (let i = 0; i < n; i++) for (let l = 0; l < i; l++) gram[l * n + i] = gram[i * n + l]
}
