/**
 * A linear adapter for queries and one for documents, trained on given embeddings with the InfoNCE loss: normalised
 * images in `dims` dimensions.
 */
import * as Effect from "effect/Effect"
import * as Stage from "../../engine/Stage.ts"
import { adapterTraining, train } from "./training.ts"
import { InfonceParams, withoutBias } from "./trainingParams.ts"

export const infonceAdapter = Stage.make("contrastive/infonce-adapter", {
  description: "Trains linear adapters of given embeddings with the InfoNCE loss.",
  source: import.meta.url,
  params: InfonceParams,
  ...adapterTraining,
  run: Effect.fn("contrastive/infonce-adapter")(({ inputs, params }) =>
    train("infonce", withoutBias(params), inputs)
  )
})

export default infonceAdapter
