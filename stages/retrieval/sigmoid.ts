/**
 * Free embeddings trained with the sigmoid loss, as the retrieval paper does: Σ softplus(∓t(s − b)) over all pairs, t from 1,
 * b fixed at 0 unless `trainBias`. The margin it trains for is the global one. Source: arXiv 2605.23556 (specification B5).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Compute } from "../../compute/Compute.ts"
import { Backend } from "../../engine/services/Backend.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { MarginBounds } from "../../schemas/MarginBounds.ts"
import { MarginScores } from "../../schemas/MarginScores.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { Series } from "../../schemas/Series.ts"
import { contrastiveFields, trainContrastive } from "./contrastive.ts"
import { pairOutputs } from "./embeddings.ts"
import { documentKeys, readRelevanceMatrix } from "./relevance.ts"
import { marginRows } from "./scores.ts"

export const sigmoid = Stage.make("contrastive/sigmoid", {
  description: "Trains free embeddings of a relevance matrix with the sigmoid loss.",
  source: import.meta.url,
  params: Schema.Struct({
    ...contrastiveFields,
    temperature: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
    trainTemperature: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
    /** The relative bias b (with `absolute`: the bias). */
    bias: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
    trainBias: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
    parameterisation: Schema.Literals(["relative", "absolute"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("relative" as const))
    )
  }),
  inputs: {
    relevance: RelevanceMatrix,
    keys: Stage.optional(RelevanceKeys),
    bounds: Stage.optional(MarginBounds)
  },
  outputs: { queries: Embeddings, documents: Embeddings, margins: MarginScores, curve: Series },
  resources: { cpu: 2, memory: "4 GiB" },
  random: true,
  compute: true,
  isolated: true,
  run: Effect.fn("contrastive/sigmoid")(function* ({ params, inputs }) {
    const a = yield* readRelevanceMatrix(inputs.relevance)
    const names = yield* documentKeys(inputs.keys, a.columns)
    const bounds = inputs.bounds === undefined ? undefined : yield* inputs.bounds.read
    const uppers = Object.fromEntries(bounds?.rows.map((row) => [row.threshold, row.upper]) ?? [])
    const { curve, pair } = yield* trainContrastive("sigmoid", a, params).pipe(
      Effect.scoped,
      Effect.provide(Compute.layer(yield* Backend))
    )
    return { ...pairOutputs(pair, a.keys, names), margins: marginRows(a, pair, "sigmoid", uppers), curve }
  })
})

export default sigmoid
