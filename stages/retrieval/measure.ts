/** Margins three ways and retrieval quality of any pair of embeddings on a relevance matrix; rows are put on the sphere. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import { definitions, retrievalQuality } from "../../compute/margin/quality.ts"
import type { Relevance } from "../../compute/margin/Relevance.ts"
import * as Stage from "../../engine/Stage.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { MarginBounds } from "../../schemas/MarginBounds.ts"
import { MarginScores } from "../../schemas/MarginScores.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { RetrievalQuality } from "../../schemas/RetrievalQuality.ts"
import { readPair } from "./embeddings.ts"
import { documentKeys, readRelevanceMatrix } from "./relevance.ts"
import { marginRows, readUppers } from "./scores.ts"

export const measure = Stage.make("retrieval/measure", {
  description: "Zero, global and row margins beside their bounds, and recall, MRR and nDCG.",
  source: import.meta.url,
  params: Schema.Struct({
    method: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("given"))),
    cutoffs: Schema.Array(Schema.Int).pipe(Schema.withDecodingDefaultKey(Effect.succeed([1, 2, 10, 100])))
  }),
  inputs: {
    relevance: RelevanceMatrix,
    keys: Stage.optional(RelevanceKeys),
    bounds: Stage.optional(MarginBounds),
    queries: Embeddings,
    documents: Embeddings
  },
  outputs: { margins: MarginScores, quality: RetrievalQuality },
  run: Effect.fn("retrieval/measure")(function* ({ params, inputs }) {
    const a = yield* readRelevanceMatrix(inputs.relevance)
    const names = yield* documentKeys(inputs.keys, a.columns)
    const pair = yield* readPair(a, a.keys, names, inputs.queries, inputs.documents)
    const uppers = yield* readUppers(inputs.bounds)
    const cutoffs = [...new Set(params.cutoffs.filter((k) => k >= 1))].sort((x, y) => x - y)
    return { margins: marginRows(a, pair, params.method, uppers), quality: qualityRows(a, pair, cutoffs) }
  })
})

const qualityRows = (
  a: Relevance,
  pair: EmbeddingPair,
  cutoffs: ReadonlyArray<number>
): ValueOf<typeof RetrievalQuality> => {
  const quality = retrievalQuality(a, pair, cutoffs)
  return quality.scores.map(({ metric, k, value, chance }) => ({
    metric: `${metric}@${k}`,
    k,
    value,
    direction: "higher",
    chance,
    queries: quality.queries,
    definition: definitions[metric]
  }))
}

export default measure
