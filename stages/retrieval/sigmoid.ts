/**
 * Free embeddings trained with the sigmoid loss, as the retrieval paper does: Σ softplus(∓t(s − b)) over all pairs, t from 1,
 * b fixed at 0 unless `trainBias`. The margin it trains for is the global one. Source: arXiv 2605.23556 and its code.
 */
import * as Effect from "effect/Effect"
import * as Stage from "../../engine/Stage.ts"
import { freeTraining, train } from "./training.ts"
import { SigmoidParams } from "./trainingParams.ts"

export const sigmoid = Stage.make("contrastive/sigmoid", {
  description: "Trains free embeddings of a relevance matrix with the sigmoid loss.",
  source: import.meta.url,
  params: SigmoidParams,
  ...freeTraining,
  run: Effect.fn("contrastive/sigmoid")(({ inputs, params }) => train("sigmoid", params, inputs))
})

export default sigmoid
