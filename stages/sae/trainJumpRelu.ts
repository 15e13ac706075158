/** As `sae/train`, with a learned threshold for each feature and a price on active features (arXiv 2407.14435). */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Compute } from "../../compute/Compute.ts"
import { Backend } from "../../engine/services/Backend.ts"
import * as Stage from "../../engine/Stage.ts"
import { Dictionary } from "../../schemas/Dictionary.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { TrainingCurve } from "../../schemas/TrainingCurve.ts"
import { dictionaryOf } from "./dictionary.ts"
import { trainingFields } from "./parameters.ts"
import { train } from "./training.ts"

export const trainJumpRelu = Stage.make("sae/train-jumprelu", {
  description: "Trains a JumpReLU sparse autoencoder: a learned threshold for each feature.",
  source: import.meta.url,
  params: Schema.Struct({
    /** λ: the squared error that one more active feature must save. */
    sparsity: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(1e-3))
    ),
    /** ε: width of the window in which a threshold has a gradient, and where thresholds start. */
    bandwidth: Schema.Finite.check(Schema.isGreaterThan(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(1e-3))
    ),
    ...trainingFields
  }),
  inputs: { embeddings: Embeddings },
  outputs: { dictionary: Dictionary, curve: TrainingCurve },
  resources: { cpu: 2, memory: "4 GiB" },
  random: true,
  compute: true,
  isolated: true,
  run: Effect.fn("sae/train-jumprelu")(function* ({ params, inputs }) {
    const matrix = yield* inputs.embeddings.readFloat32
    const { sparsity, bandwidth } = params
    const activation = { type: "jumprelu", sparsity, bandwidth } as const
    const layer = Compute.layer(yield* Backend)
    const trained = yield* train(matrix, params, activation).pipe(Effect.scoped, Effect.provide(layer))
    return { dictionary: dictionaryOf(trained, activation, params), curve: trained.curve.rows() }
  })
})

export default trainJumpRelu
