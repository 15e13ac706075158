/**
 * The auxiliary loss that gives dead features a gradient (Gao et al., "Scaling and evaluating sparse autoencoders", arXiv
 * 2406.04093, section 2.4 and appendix A.2): they model what the others leave over.
 *
 *   dead    has not been active in the last `after` steps
 *   e       x − x̂ of the autoencoder, without gradient
 *   ê       W_dᵀ z, z the `k` largest activations of dead features, after relu
 *   loss    mean over batch and coordinates of (e − ê)², added with weight α
 *
 * Without a dead feature ê is 0 and nothing is moved. Cost of a step: a second top-k over the features and 4·B·k·d flops.
 */
import * as Op from "../program/ops.ts"
import type { Tensor } from "../program/Tensor.ts"

export interface Auxiliary {
  /** k_aux, dead features a row. */
  readonly k: number
  /** α. */
  readonly weight: number
  /** Steps without an activation after which a feature counts as dead. */
  readonly after: number
}

/** Below every activation. */
const never = -1e30

/** k_aux of the paper: a power of two near d/2, and no more than there are features. */
export const auxiliarySize = (dims: number, features: number): number =>
  Math.min(features, 2 ** Math.max(0, Math.round(Math.log2(dims / 2))))

/** Steps since each feature was last active, [D]: a state that the training's program updates. */
const silence = (features: number): Tensor => Op.state("silent", [features])

/** The weighted loss of `error` = x̂ − x [B, d], from `hidden` [B, D] and `decoder` [D, d]. */
export const auxiliaryLoss = (
  { after, k, weight }: Auxiliary,
  hidden: Tensor,
  decoder: Tensor,
  error: Tensor
): Tensor => {
  const features = decoder.shape[0]!
  const dead = Op.greaterEqual(silence(features), after)
  const { values, indices } = Op.topk(Op.where(dead, hidden, never), k)
  const modelled = Op.matmul(Op.putAlong(Op.relu(values), indices, features), decoder)
  return Op.mul(Op.mean(Op.square(Op.add(modelled, Op.stopGradient(error)))), weight)
}

/** The next value of the state, given how often each feature was active in this step. */
export const nextSilence = (fired: Tensor): Tensor =>
  Op.where(Op.greater(fired, 0), 0, Op.add(silence(fired.shape[0]!), 1))
