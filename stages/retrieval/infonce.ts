/**
 * Free embeddings trained with InfoNCE, as the retrieval paper does: −log softmax of s/T over all documents, mean over relevant
 * pairs, T from 0.1 and trained (`trainTemperature: false` keeps it, as in arXiv 2508.21038). What it trains for is one
 * threshold a query: judge it by the row margin. Source: arXiv 2605.23556 and its code.
 */
import * as Effect from "effect/Effect"
import * as Stage from "../../engine/Stage.ts"
import { freeTraining, train } from "./training.ts"
import { InfonceParams, withoutBias } from "./trainingParams.ts"

export const infonce = Stage.make("contrastive/infonce", {
  description: "Trains free embeddings of a relevance matrix with the InfoNCE loss.",
  source: import.meta.url,
  params: InfonceParams,
  ...freeTraining,
  run: Effect.fn("contrastive/infonce")(({ inputs, params }) => train("infonce", withoutBias(params), inputs))
})

export default infonce
