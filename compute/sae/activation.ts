/**
 * What makes the codes of a sparse autoencoder sparse, as tensor programs.
 *
 * - `topk` keeps the k largest activations of each row, after relu (Makhzani and Frey, arXiv 1312.5663; Gao et al.,
 *   arXiv 2406.04093).
 * - `batchtopk` keeps the k·B largest of a whole batch (Bussmann et al., arXiv 2412.06410), exactly k·B also where values tie:
 *   of equals, the earlier rows' and features'. Kept entries of value 0 are kept and not active. Afterwards a threshold, the
 *   running mean of the smallest kept activation, stands in for the batch; what equals it is active, as that activation was.
 * - `jumprelu` keeps what passes a learned threshold θ of its feature (Rajamanoharan et al., arXiv 2407.14435), trained with
 *   the paper's straight-through derivatives: dz/dθ = −(θ/ε)·K and dL0/dθ = −(1/ε)·K, K = 1 where |h − θ| < ε/2.
 */
import * as Op from "../program/ops.ts"
import type { Tensor } from "../program/Tensor.ts"

export type Activation =
  | { readonly type: "topk"; readonly k: number }
  | { readonly type: "batchtopk"; readonly k: number }
  | {
      readonly type: "jumprelu"
      /** λ: squared error that one active feature must save. */
      readonly sparsity: number
      /** ε, the width of the straight-through window. */
      readonly bandwidth: number
    }

/** Codes of a batch, and what decoding and training need of them. */
export interface Codes {
  /** x̂ − centre, [B, d]. */
  readonly decoded: Tensor
  /** Activations that fired, added up by feature over the batch, [D]. */
  readonly fired: Tensor
  /** Active features a row, added up over the batch, differentiable where the activation is trained for it. */
  readonly active: Tensor
  /** Next values of the activation's own states. */
  readonly updates: { readonly [state: string]: Tensor }
}

/** 0, with the gradient of x. */
const slope = (x: Tensor): Tensor => Op.sub(x, Op.stopGradient(x))

const positive = (x: Tensor): Tensor => Op.cast(Op.greater(x, 0), "float")

/** `hidden` is x·Wᵀ + b [B, D]; `decoder` is [D, d]. */
export const activate = (
  activation: Activation,
  hidden: Tensor,
  decoder: Tensor,
  finished: Tensor
): Codes => {
  const [batch, features] = hidden.shape as readonly [number, number]
  switch (activation.type) {
    case "topk": {
      const { values, indices } = Op.topk(hidden, activation.k)
      const kept = Op.relu(values)
      const fired = Op.sum(Op.putAlong(positive(kept), indices, features), { axes: [0] })
      return {
        decoded: Op.matmul(Op.putAlong(kept, indices, features), decoder),
        fired,
        active: Op.sum(fired),
        updates: {}
      }
    }
    case "batchtopk": {
      // By place and not by a comparison with the smallest value kept, which every tied entry would pass.
      const flat = Op.reshape(Op.relu(hidden), [batch * features])
      const { values, indices } = Op.topk(flat, batch * activation.k)
      const cut = Op.stopGradient(Op.min(values))
      const codes = Op.reshape(Op.putAlong(values, indices, batch * features), [batch, features])
      const running = Op.state("threshold", [1])
      const moved = Op.add(running, Op.mul(Op.sub(cut, running), 0.01))
      const fired = Op.sum(positive(codes), { axes: [0] })
      return {
        decoded: Op.matmul(codes, decoder),
        fired,
        active: Op.sum(fired),
        updates: { threshold: Op.where(Op.equal(finished, 0), Op.reshape(cut, [1]), moved) }
      }
    }
    case "jumprelu": {
      const threshold = Op.exp(Op.state("logThreshold", [features]))
      const gate = Op.cast(Op.greater(hidden, threshold), "float")
      const inside = Op.cast(Op.less(Op.abs(Op.sub(hidden, threshold)), activation.bandwidth / 2), "float")
      const through = Op.mul(Op.mul(inside, threshold), -1 / activation.bandwidth)
      const codes = Op.add(Op.mul(hidden, gate), slope(Op.mul(Op.stopGradient(threshold), through)))
      return {
        decoded: Op.matmul(codes, decoder),
        fired: Op.sum(gate, { axes: [0] }),
        active: Op.sum(Op.add(gate, slope(through))),
        updates: {}
      }
    }
  }
}
