/**
 * The scalars of a training, log t, the bias and the adapter's x, with their gradients from three sums over all scores
 * and one Adam step, in float64.
 *
 * With g = ∂L/∂z summed over edges (G₊ and G₋ over those of adapter sign +1 and −1, S = Σ g s) and D = 1 − δ²:
 *
 *   relative   ∂log t = t (δ² S + D (G₊ − G₋) − b (G₊ + G₋)),   ∂b = −t (G₊ + G₋)
 *   absolute   ∂log t = t (δ² S + D (G₊ − G₋)),                 ∂b = −(G₊ + G₋)
 *   both       ∂x = 2 δ² (1 − δ) t (S − G₊ + G₋)
 */
import { adapterScale } from "./adapter.ts"
import { adam, type RunSettings } from "./training.ts"

/** Places in the array of scalars: values, then first and second moments. */
export const slots = { logT: 0, bias: 1, adapter: 2, first: 3, second: 6, count: 9 } as const
export type Scalars = Float64Array

/** Sums of g over edges with adapter sign +1 and −1, and of g·s over all, not yet divided by the number of entries. */
export interface ScoreSums {
  readonly same: number
  readonly opposite: number
  readonly scored: number
}

/** b_rel: the bias itself, or b / t in the absolute form. */
export const relativeBiasOf = (scalars: Scalars, { form }: Pick<RunSettings, "form">): number =>
  form === "relative" ? scalars[slots.bias] : scalars[slots.bias] / Math.exp(scalars[slots.logT])

/** Gradients of (log t, bias, x); 0 for those that are not trained. */
export const scalarGradients = (
  scalars: Scalars,
  settings: RunSettings,
  sums: ScoreSums,
  entries: number,
  adapted: boolean
): readonly [number, number, number] => {
  const t = Math.exp(scalars[slots.logT])
  const delta = adapted ? adapterScale(scalars[slots.adapter]) : 1
  const square = delta * delta
  const all = (sums.same + sums.opposite) / entries
  const signed = (sums.same - sums.opposite) / entries
  const scored = sums.scored / entries
  const relative = settings.form === "relative"
  let logT = t * (square * scored + (1 - square) * signed)
  if (relative) logT -= t * scalars[slots.bias] * all
  let bias = relative ? -t * all : -all
  const adapter = adapted ? 2 * square * (1 - delta) * t * (scored - signed) : 0
  if (settings.guide !== undefined) {
    const pull = 2 * settings.guide.weight * (relativeBiasOf(scalars, settings) - settings.guide.towards)
    bias += relative ? pull : pull / t
  }
  return [settings.trainInverseTemperature ? logT : 0, settings.trainBias ? bias : 0, adapter]
}

/** One Adam step; `rate` = lr / (1 − β₁ᵗ), `correction` = 1 / (1 − β₂ᵗ). A gradient that is always 0 moves nothing. */
export const stepScalars = (
  scalars: Scalars,
  gradients: readonly [number, number, number],
  rate: number,
  correction: number
): void => {
  for (let k = 0; k < 3; k++) {
    const g = gradients[k]
    const m = adam.beta1 * scalars[slots.first + k] + (1 - adam.beta1) * g
    const v = adam.beta2 * scalars[slots.second + k] + (1 - adam.beta2) * g * g
    scalars[slots.first + k] = m
    scalars[slots.second + k] = v
    scalars[k] -= (rate * m) / (Math.sqrt(v * correction) + adam.epsilon)
  }
}
