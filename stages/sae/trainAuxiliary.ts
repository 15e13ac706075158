/**
 * As `sae/train`, with the auxiliary loss in place of resets: dead features learn what the others leave over
 * (arXiv 2406.04093). `--swap sae/a=sae/train-auxiliary`.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { auxiliarySize } from "../../compute/sae/auxiliary.ts"
import * as Stage from "../../engine/Stage.ts"
import { kField, trainingFields } from "./parameters.ts"
import { trainDictionary, trainingStage } from "./trainingStage.ts"

const { resetEvery: _, ...fields } = trainingFields
const positiveInt = Schema.Int.check(Schema.isGreaterThan(0))

export const trainAuxiliary = Stage.make("sae/train-auxiliary", {
  ...trainingStage,
  description: "Trains a TopK sparse autoencoder with an auxiliary loss for dead features.",
  source: import.meta.url,
  params: Schema.Struct({
    k: kField,
    /** k_aux, dead features a row; null is a power of two near d/2. */
    auxiliaryK: Schema.NullOr(positiveInt).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
    /** α of the auxiliary loss. */
    auxiliaryWeight: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(1 / 32))
    ),
    /** Steps without an activation after which a feature is dead; the paper counts 10 million tokens. */
    deadAfter: positiveInt.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100))),
    ...fields
  }),
  run: ({ params, inputs }) => {
    const { auxiliaryK, auxiliaryWeight: weight, deadAfter: after, dictionarySize } = params
    const auxiliary = (dims: number) => ({
      k: auxiliaryK ?? auxiliarySize(dims, dictionarySize),
      weight,
      after
    })
    return trainDictionary(inputs, { ...params, resetEvery: 0 }, { type: "topk", k: params.k }, auxiliary)
  }
})

export default trainAuxiliary
