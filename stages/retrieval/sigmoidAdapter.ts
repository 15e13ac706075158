/**
 * A linear adapter for queries and one for documents, trained on given embeddings with the sigmoid loss: normalised images in `dims`
 * dimensions. Same inputs and outputs as its sibling, so that one can be swapped for the other.
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
import { pairOutputs, readPair } from "./embeddings.ts"
import { documentKeys, readRelevanceMatrix } from "./relevance.ts"
import { marginRows } from "./scores.ts"

export const sigmoidAdapter = Stage.make("contrastive/sigmoid-adapter", {
  description: "Trains linear adapters of given embeddings with the sigmoid loss.",
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
    bounds: Stage.optional(MarginBounds),
    queries: Embeddings,
    documents: Embeddings
  },
  outputs: { queries: Embeddings, documents: Embeddings, margins: MarginScores, curve: Series },
  resources: { cpu: 2, memory: "4 GiB" },
  random: true,
  compute: true,
  isolated: true,
  run: Effect.fn("contrastive/sigmoid-adapter")(function* ({ params, inputs }) {
    const a = yield* readRelevanceMatrix(inputs.relevance)
    const names = yield* documentKeys(inputs.keys, a.columns)
    const given = yield* readPair(a, a.keys, names, inputs.queries, inputs.documents)
    const features = {
      dims: given.dims,
      queries: Float32Array.from(given.queries),
      documents: Float32Array.from(given.documents)
    }
    const bounds = inputs.bounds === undefined ? undefined : yield* inputs.bounds.read
    const uppers = Object.fromEntries(bounds?.rows.map((row) => [row.threshold, row.upper]) ?? [])
    const { curve, pair } = yield* trainContrastive("sigmoid", a, params, features).pipe(
      Effect.scoped,
      Effect.provide(Compute.layer(yield* Backend))
    )
    return {
      ...pairOutputs(pair, a.keys, names),
      margins: marginRows(a, pair, "sigmoid adapter", uppers),
      curve
    }
  })
})

export default sigmoidAdapter
