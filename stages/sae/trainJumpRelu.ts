/** As `sae/train`, with a learned threshold for each feature and a price on active features (arXiv 2407.14435). */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { trainingFields } from "./parameters.ts"
import { trainDictionary, trainingStage } from "./trainingStage.ts"

export const trainJumpRelu = Stage.make("sae/train-jumprelu", {
  ...trainingStage,
  description: "Trains a JumpReLU sparse autoencoder: a learned threshold for each feature.",
  source: import.meta.url,
  params: Schema.Struct({
    /** λ: the squared error that one more active feature must save; rows of unit length are supposed. */
    sparsity: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(3e-3))
    ),
    /** ε: width of the window in which a threshold has a gradient, and where thresholds start. */
    bandwidth: Schema.Finite.check(Schema.isGreaterThan(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(0.05))
    ),
    ...trainingFields
  }),
  run: ({ params, inputs }) => {
    const { sparsity, bandwidth } = params
    return trainDictionary(inputs, params, { type: "jumprelu", sparsity, bandwidth })
  }
})

export default trainJumpRelu
