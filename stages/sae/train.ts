/**
 * Trains a TopK sparse autoencoder on a view: untied encoder and decoder, k features a row.
 *
 * Recipe of the alignment paper (arXiv 2605.28870, specification S3): mean squared error over batch and coordinates, AdamW at
 * 4e-4 with a cosine to 5 %, unit decoder rows, features that do not fire are reset. Cost of a step: 2·B·d·D flops to encode,
 * the rest is proportional to B·k·d and, for the optimiser, to d·D.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Compute } from "../../compute/Compute.ts"
import { Backend } from "../../engine/services/Backend.ts"
import * as Stage from "../../engine/Stage.ts"
import { Dictionary } from "../../schemas/Dictionary.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { TrainingCurve } from "../../schemas/TrainingCurve.ts"
import { dictionaryOf } from "./dictionary.ts"
import { kField, trainingFields } from "./parameters.ts"
import { train } from "./training.ts"

export const trainSae = Stage.make("sae/train", {
  description: "Trains a TopK sparse autoencoder.",
  source: import.meta.url,
  params: Schema.Struct({ k: kField, ...trainingFields }),
  inputs: { embeddings: Embeddings },
  outputs: { dictionary: Dictionary, curve: TrainingCurve },
  resources: { cpu: 2, memory: "4 GiB" },
  random: true,
  compute: true,
  isolated: true,
  run: Effect.fn("sae/train")(function* ({ params, inputs }) {
    const matrix = yield* inputs.embeddings.readFloat32
    const activation = { type: "topk", k: params.k } as const
    const layer = Compute.layer(yield* Backend)
    const trained = yield* train(matrix, params, activation).pipe(Effect.scoped, Effect.provide(layer))
    return { dictionary: dictionaryOf(trained, activation, params), curve: trained.curve.rows() }
  })
})

export default trainSae
