/**
 * The sigmoid contrastive loss and its gradients in plain float64: the formula that every other implementation is tested
 * against.
 *
 *   z_ij = t (s_ij − b_rel)  (relative)   or   t s_ij − b  (absolute);   y_ij = +1 on positives, −1 elsewhere
 *   L    = (1 / NM) Σ_ij softplus(−y_ij z_ij)
 *   g_ij = ∂L/∂z_ij = −y_ij sigmoid(−y_ij z_ij) / NM
 *   ∂U = t g V,  ∂V = t gᵀ U,  ∂(log t) = Σ g z  (relative)  or  t Σ g s  (absolute),  ∂b_rel = −t Σ g,  ∂b = −Σ g
 *
 * The same function in two coordinates: L_relative(t, b) = L_absolute(t, t b). SigLIP's own code adds its bias, so its
 * `logit_bias` is −b here. Softplus is exact, max(x, 0) + log1p(e^−|x|), with no epsilon inside a logarithm.
 *
 * Cost: 3·N·M·d multiply-adds. Source: arXiv 2509.18552, section 2.
 */
import type { Pairing } from "./Pairing.ts"

/** How the bias enters: as a score it is compared with (`relative`), or as a logit that is subtracted (`absolute`). */
export type BiasForm = "relative" | "absolute"

/** log(1 + e^x) without overflow or loss of small values. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/** 1 / (1 + e^−x), accurate at both ends. */
export const sigmoid = (x: number): number =>
  x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))

export interface LossSettings {
  readonly form: BiasForm
  readonly inverseTemperature: number
  /** b_rel when the form is relative, b when it is absolute. */
  readonly bias: number
  /** What the reference adds inside its logarithms; 0 unless given. */
  readonly epsilon?: number
}

/** −log(σ(−x) + ε): softplus capped at −log ε. */
export const clampedSoftplus = (x: number, epsilon: number): number =>
  epsilon === 0 ? softplus(x) : -Math.log(sigmoid(-x) + epsilon)

/** The mean loss over all N × M entries of a pairing. */
export const sigmoidLoss = (pairing: Pairing, settings: LossSettings): number => {
  const { columns, match, rows } = pairing
  const { epsilon = 0 } = settings
  let sum = 0
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const z = logit(score(pairing, i, j), settings)
      sum += clampedSoftplus(j === match[i] ? -z : z, epsilon)
    }
  }
  return sum / (rows * columns)
}

export interface LossGradient {
  readonly loss: number
  readonly left: Float64Array
  readonly right: Float64Array
  /** With respect to log t. */
  readonly logInverseTemperature: number
  readonly bias: number
}

/** Loss and gradient with respect to U, V (as free vectors: not yet tangential), log t and the bias. */
export const sigmoidLossGradient = (pairing: Pairing, settings: LossSettings): LossGradient => {
  const { columns, dims, left, match, right, rows } = pairing
  const t = settings.inverseTemperature
  const entries = rows * columns
  const result = { left: new Float64Array(left.length), right: new Float64Array(right.length) }
  let loss = 0
  let sumG = 0
  let sumGs = 0
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const s = score(pairing, i, j)
      const z = logit(s, settings)
      const y = j === match[i] ? 1 : -1
      const g = (-y * sigmoid(-y * z)) / entries
      loss += softplus(-y * z) / entries
      sumG += g
      sumGs += g * s
      for (let c = 0; c < dims; c++) {
        result.left[i * dims + c] += t * g * right[j * dims + c]
        result.right[j * dims + c] += t * g * left[i * dims + c]
      }
    }
  }
  return {
    loss,
    ...result,
    logInverseTemperature: t * (settings.form === "relative" ? sumGs - settings.bias * sumG : sumGs),
    bias: settings.form === "relative" ? -t * sumG : -sumG
  }
}

/** Removes from each gradient row its part along the unit vector of the same row: g ← g − ⟨g, u⟩ u. In place. */
export const projectTangential = (
  gradient: Float64Array | Float32Array,
  vectors: Float64Array | Float32Array,
  dims: number
): void => {
  for (let at = 0; at < gradient.length; at += dims) {
    let along = 0
    for (let c = at; c < at + dims; c++) along += gradient[c] * vectors[c]
    for (let c = at; c < at + dims; c++) gradient[c] -= along * vectors[c]
  }
}

const logit = (s: number, { bias, form, inverseTemperature: t }: LossSettings): number =>
  form === "relative" ? t * (s - bias) : t * s - bias

const score = ({ dims, left, right }: Pairing, i: number, j: number): number => {
  let sum = 0
  for (let c = 0; c < dims; c++) sum += left[i * dims + c] * right[j * dims + c]
  return sum
}
