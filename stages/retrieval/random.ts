/** Distinct random k-subsets of n documents, uniform, drawn by rank: C(n, k) may be astronomically large. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { binomial, randomGraph } from "../../compute/margin/graphs.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { InputError } from "../../schemas/errors.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { numberedKeys, relevanceOutputs } from "./relevance.ts"

const count = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

export const randomRelevance = Stage.make("relevance/random", {
  description: "A number of distinct random k-subsets of n documents as queries.",
  source: import.meta.url,
  params: Schema.Struct({
    documents: count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(46))),
    k: count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))),
    rows: count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1000)))
  }),
  inputs: {},
  outputs: { relevance: RelevanceMatrix, keys: RelevanceKeys },
  random: true,
  run: Effect.fn("relevance/random")(function* ({ params }) {
    const { documents, k, rows } = params
    const total = binomial(documents, k)
    if (rows > total || rows > 2e7 || total === Number.POSITIVE_INFINITY) {
      return yield* new InputError({
        what: `${rows} distinct subsets of ${k} among ${documents} documents cannot be drawn.`,
        where: "parameters documents, k and rows",
        expected: `at most ${Math.min(total, 2e7)} rows, and fewer than 2^53 subsets in all`
      })
    }
    const random = makeRandom((yield* Random).seed, "relevance")
    return relevanceOutputs({
      relevance: randomGraph(documents, k, rows, random),
      queries: numberedKeys("query", rows),
      documents: numberedKeys("document", documents)
    })
  })
})

export default randomRelevance
