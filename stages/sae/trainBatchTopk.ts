/** As `sae/train`, keeping the k·B largest activations of each batch instead of k a row (arXiv 2412.06410). */
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

export const trainBatchTopk = Stage.make("sae/train-batchtopk", {
  description: "Trains a BatchTopK sparse autoencoder: k features a row on average.",
  source: import.meta.url,
  params: Schema.Struct({ k: kField, ...trainingFields }),
  inputs: { embeddings: Embeddings },
  outputs: { dictionary: Dictionary, curve: TrainingCurve },
  resources: { cpu: 2, memory: "4 GiB" },
  random: true,
  compute: true,
  isolated: true,
  run: Effect.fn("sae/train-batchtopk")(function* ({ params, inputs }) {
    const matrix = yield* inputs.embeddings.readFloat32
    const activation = { type: "batchtopk", k: params.k } as const
    const layer = Compute.layer(yield* Backend)
    const trained = yield* train(matrix, params, activation).pipe(Effect.scoped, Effect.provide(layer))
    return { dictionary: dictionaryOf(trained, activation, params), curve: trained.curve.rows() }
  })
})

export default trainBatchTopk
