/** S_{n,k}: every k-subset of n documents is the answer to one query. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { binomial, completeGraph } from "../../compute/margin/graphs.ts"
import * as Stage from "../../engine/Stage.ts"
import { InputError } from "../../schemas/errors.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { numberedKeys, relevanceOutputs } from "./relevance.ts"

const count = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

export const completeRelevance = Stage.make("relevance/complete", {
  description: "All k-subsets of n documents as queries.",
  source: import.meta.url,
  params: Schema.Struct({
    documents: count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(20))),
    k: count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2)))
  }),
  inputs: {},
  outputs: { relevance: RelevanceMatrix, keys: RelevanceKeys },
  run: Effect.fn("relevance/complete")(function* ({ params }) {
    const { documents, k } = params
    const rows = binomial(documents, k)
    if (rows < 1 || rows > 2e7) {
      return yield* new InputError({
        what: `There are ${rows} subsets of ${k} among ${documents} documents.`,
        where: "parameters documents and k",
        expected: "1 to 20,000,000 rows",
        next: "use relevance/random for a sample of them"
      })
    }
    return relevanceOutputs({
      relevance: completeGraph(documents, k),
      queries: numberedKeys("query", rows),
      documents: numberedKeys("document", documents)
    })
  })
})

export default completeRelevance
