/**
 * Optimisers and learning-rate schedules as tensor programs: they return the states' next values, so that a whole
 * training step is one program.
 *
 * Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) and AdamW (Loshchilov and Hutter, arXiv 1711.05101), as PyTorch
 * computes them: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w(1 − ηλ) − η/(1 − β₁ᵗ) · m / (√(v/(1 − β₂ᵗ)) + ε), with λ = 0 for
 * Adam. The step t counts from 1 and is itself a state.
 */
import * as Op from "./ops.ts"
import type { Operand } from "./ops.ts"
import type { Shape, Tensor } from "./Tensor.ts"

export interface AdamOptions {
  /** η: a number, or a schedule of the step. */
  readonly learningRate: Operand
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  /** λ of AdamW; 0 is Adam. */
  readonly weightDecay?: number
}

/** The name of the state that counts steps. */
export const stepState = "optimiser/step"

/** Steps finished so far, a float scalar state that starts at 0. A schedule may read it. */
export const finishedSteps = (): Tensor => Op.state(stepState, [])

/** Next values of the parameters, of their moments (`<name>/m`, `<name>/v`) and of the step count. */
export const adam = <P extends { readonly [name: string]: Tensor }>(
  parameters: P,
  gradients: { readonly [Name in keyof P]: Tensor },
  options: AdamOptions
): { readonly [state: string]: Tensor } => {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options
  const step = Op.add(finishedSteps(), 1)
  const rate = Op.div(options.learningRate, Op.oneMinusExp(Op.mul(step, Math.log(beta1))))
  // √(v/c) = √v / √c: the square root of the correction is taken once, not for every entry.
  const root = Op.sqrt(Op.oneMinusExp(Op.mul(step, Math.log(beta2))))
  const updates: { [state: string]: Tensor } = { [stepState]: step }
  for (const [name, parameter] of Object.entries(parameters)) {
    const g = gradients[name]!
    const m = Op.add(Op.mul(Op.state(`${name}/m`, parameter.shape), beta1), Op.mul(g, 1 - beta1))
    const v = Op.add(Op.mul(Op.state(`${name}/v`, parameter.shape), beta2), Op.mul(Op.mul(g, g), 1 - beta2))
    const decayed =
      weightDecay === 0 ? parameter : Op.mul(parameter, Op.sub(1, Op.mul(options.learningRate, weightDecay)))
    updates[name] = Op.sub(decayed, Op.mul(rate, Op.div(m, Op.add(Op.div(Op.sqrt(v), root), epsilon))))
    updates[`${name}/m`] = m
    updates[`${name}/v`] = v
  }
  return updates
}

/** The states Adam keeps for parameters of these shapes, all zero at the start. */
export const adamStates = (shapes: {
  readonly [name: string]: Shape
}): { readonly [state: string]: Shape } => {
  const states: { [state: string]: Shape } = { [stepState]: [] }
  for (const [name, shape] of Object.entries(shapes)) {
    states[`${name}/m`] = shape
    states[`${name}/v`] = shape
  }
  return states
}

/** Cosine from `peak` at step 0 to `final · peak` at step `total`, and level after that. */
export const cosineSchedule = (
  finished: Tensor,
  options: { readonly peak: number; readonly total: number; readonly final?: number }
): Tensor => {
  const { peak, total, final = 0 } = options
  const phase = Op.mul(Op.minimum(finished, total), Math.PI / total)
  return Op.mul(Op.add(Op.mul(Op.add(Op.cos(phase), 1), (1 - final) / 2), final), peak)
}

/** Linear from `start · peak` at step 0 to `peak` at step `steps`, times the schedule that follows. */
export const warmUp = (
  finished: Tensor,
  options: { readonly steps: number; readonly start: number }
): Tensor => Op.minimum(Op.add(Op.mul(finished, (1 - options.start) / options.steps), options.start), 1)
