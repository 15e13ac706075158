/** What a margin buys: rankings under noise and composed queries. See `compute/margin/robustness.ts`. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { composedQueries, marginUnderNoise } from "../../compute/margin/robustness.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { Series } from "../../schemas/Series.ts"
import { readPair } from "./embeddings.ts"
import { documentKeys, readRelevanceMatrix } from "./relevance.ts"

const point = (series: string, x: number, y: number | null) => ({ series, x, y, low: null, high: null })

export const robustness = Stage.make("retrieval/robustness", {
  description: "Margin and ranking under noise, and AND/OR queries composed of two.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Expected lengths of the noise on each unit vector. */
    noise: Schema.Array(Schema.Finite).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed([0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]))
    ),
    /** Pairs of queries to compose. */
    pairs: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2000)))
  }),
  inputs: {
    relevance: RelevanceMatrix,
    keys: Stage.optional(RelevanceKeys),
    queries: Embeddings,
    documents: Embeddings
  },
  outputs: { noise: Series, composed: Series },
  random: true,
  run: Effect.fn("retrieval/robustness")(function* ({ params, inputs }) {
    const a = yield* readRelevanceMatrix(inputs.relevance)
    const names = yield* documentKeys(inputs.keys, a.columns)
    const pair = yield* readPair(a, a.keys, names, inputs.queries, inputs.documents)
    const random = makeRandom((yield* Random).seed, "retrieval/robustness")
    const noisy = marginUnderNoise(a, pair, params.noise, random)
    const composed = composedQueries(a, pair, params.pairs, random.stream("pairs"))
    return {
      noise: [
        ...noisy.map(({ sigma, rankedRight }) => point("ranked right under noise", sigma, rankedRight)),
        ...noisy.map(({ sigma, global }) => point("global margin under noise", sigma, global))
      ],
      composed: [
        point("OR of two queries", 0, composed.or),
        point("AND of two queries", 0, composed.and),
        point("both above neither", 0, composed.bothAboveNeither)
      ]
    }
  })
})

export default robustness
