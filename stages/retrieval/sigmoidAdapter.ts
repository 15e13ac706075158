/**
 * A linear adapter for queries and one for documents, trained on given embeddings with the sigmoid loss: normalised
 * images in `dims` dimensions.
 */
import * as Effect from "effect/Effect"
import * as Stage from "../../engine/Stage.ts"
import { adapterTraining, train } from "./training.ts"
import { SigmoidParams } from "./trainingParams.ts"

export const sigmoidAdapter = Stage.make("contrastive/sigmoid-adapter", {
  description: "Trains linear adapters of given embeddings with the sigmoid loss.",
  source: import.meta.url,
  params: SigmoidParams,
  ...adapterTraining,
  run: Effect.fn("contrastive/sigmoid-adapter")(({ inputs, params }) => train("sigmoid", params, inputs))
})

export default sigmoidAdapter
