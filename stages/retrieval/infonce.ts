/**
 * Free embeddings trained with InfoNCE, as the retrieval paper does: −log softmax of s/T over all documents, mean over relevant
 * pairs, T from 0.1 and trained (`trainTemperature: false` keeps it, as in arXiv 2508.21038). What it trains for is one
 * threshold a query: judge it by the row margin. Source: arXiv 2605.23556 (specification B5).
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

export const infonce = Stage.make("contrastive/infonce", {
  description: "Trains free embeddings of a relevance matrix with the InfoNCE loss.",
  source: import.meta.url,
  params: Schema.Struct({
    ...contrastiveFields,
    temperature: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.1))),
    trainTemperature: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true)))
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
  run: Effect.fn("contrastive/infonce")(function* ({ params, inputs }) {
    const a = yield* readRelevanceMatrix(inputs.relevance)
    const names = yield* documentKeys(inputs.keys, a.columns)
    const bounds = inputs.bounds === undefined ? undefined : yield* inputs.bounds.read
    const uppers = Object.fromEntries(bounds?.rows.map((row) => [row.threshold, row.upper]) ?? [])
    const { curve, pair } = yield* trainContrastive("infonce", a, {
      ...params,
      bias: 0,
      trainBias: false,
      parameterisation: "relative"
    }).pipe(Effect.scoped, Effect.provide(Compute.layer(yield* Backend)))
    return { ...pairOutputs(pair, a.keys, names), margins: marginRows(a, pair, "infonce", uppers), curve }
  })
})

export default infonce
