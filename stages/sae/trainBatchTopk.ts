/** As `sae/train`, keeping the k·B largest activations of each batch instead of k a row (arXiv 2412.06410). */
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { kField, trainingFields } from "./parameters.ts"
import { trainDictionary, trainingStage } from "./trainingStage.ts"

export const trainBatchTopk = Stage.make("sae/train-batchtopk", {
  ...trainingStage,
  description: "Trains a BatchTopK sparse autoencoder: k features a row on average.",
  source: import.meta.url,
  params: Schema.Struct({ k: kField, ...trainingFields }),
  run: ({ params, inputs }) => trainDictionary(inputs, params, { type: "batchtopk", k: params.k })
})

export default trainBatchTopk
