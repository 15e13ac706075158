/**
 * Trains a TopK sparse autoencoder on a view: untied encoder and decoder, k features a row.
 *
 * Recipe of the alignment paper (arXiv 2605.28870): mean squared error over batch and coordinates, AdamW at
 * 4e-4 with a cosine to 5 %, unit decoder rows, features that do not fire are reset. Cost of a step: 2·B·d·D flops to encode,
 * the rest is proportional to B·k·d and, for the optimiser, to d·D.
 */
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { kField, trainingFields } from "./parameters.ts"
import { trainDictionary, trainingStage } from "./trainingStage.ts"

export const trainSae = Stage.make("sae/train", {
  ...trainingStage,
  description: "Trains a TopK sparse autoencoder.",
  source: import.meta.url,
  params: Schema.Struct({ k: kField, ...trainingFields }),
  run: ({ params, inputs }) => trainDictionary(inputs, params, { type: "topk", k: params.k })
})

export default trainSae
