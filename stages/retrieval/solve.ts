/**
 * The best embeddings found in dimension d, for the threshold that is asked for, with all three margins measured. See
 * `compute/margin/solve`. A solution in a lower dimension may be wired as a start, so that a sweep never loses ground.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import { centroidQueries } from "../../compute/margin/EmbeddingPair.ts"
import {
  distinctColumns,
  ofAll,
  ofDistinct,
  type DistinctColumns
} from "../../compute/margin/distinctColumns.ts"
import { singleClass } from "../../compute/margin/Relevance.ts"
import { solveDimension } from "../../compute/margin/solve/solveDimension.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import { MarginBounds } from "../../schemas/MarginBounds.ts"
import { MarginScores } from "../../schemas/MarginScores.ts"
import type { Matrix } from "../../schemas/Matrix.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { pairOutputs, readPair } from "./embeddings.ts"
import { documentKeys, readRelevanceMatrix } from "./relevance.ts"
import { marginRows, readUppers } from "./scores.ts"

const positive = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

export const solve = Stage.make("margin/solve", {
  description: "Embeddings of the largest margin found in a given dimension.",
  source: import.meta.url,
  params: Schema.Struct({
    dims: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    threshold: Schema.Literals(["zero", "global", "row"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("global" as const))
    ),
    /** Rounds of the search; each costs twice the round before. */
    rounds: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(3)))
  }),
  inputs: {
    relevance: RelevanceMatrix,
    keys: Stage.optional(RelevanceKeys),
    bounds: Stage.optional(MarginBounds),
    optimum: Stage.optional(Embeddings),
    warmQueries: Stage.optional(Embeddings),
    warmDocuments: Stage.optional(Embeddings)
  },
  outputs: { queries: Embeddings, documents: Embeddings, margins: MarginScores },
  resources: { cpu: 1, memory: "4 GiB" },
  random: true,
  isolated: true,
  run: Effect.fn("margin/solve")(function* ({ params, inputs }) {
    const a = yield* readRelevanceMatrix(inputs.relevance)
    const { dims, rounds, threshold } = params
    if (threshold !== "zero" && singleClass(a)) {
      return yield* new InputError({
        what: "Every entry of the relevance matrix is alike: there is nothing for a threshold to part.",
        where: "input 'relevance'",
        expected: "relevant and irrelevant pairs",
        next: "threshold=zero"
      })
    }
    const names = yield* documentKeys(inputs.keys, a.columns)
    const distinct = distinctColumns(a)
    const warm: Array<EmbeddingPair> = []
    if (inputs.warmQueries !== undefined && inputs.warmDocuments !== undefined) {
      const pair = yield* readPair(a, a.keys, names, inputs.warmQueries, inputs.warmDocuments)
      if (pair.dims <= dims) warm.push(ofDistinct(pair, distinct))
    }
    const optimum = inputs.optimum === undefined ? undefined : yield* inputs.optimum.read
    const { seed } = yield* Random
    const solved = yield* Effect.promise(() =>
      solveDimension(distinct.relevance, threshold, {
        dims,
        seed,
        rounds,
        ...(optimum === undefined ? {} : { dimensionFree: optimumPair(optimum, distinct) }),
        warm
      })
    )
    const pair = ofAll(solved, distinct)
    const uppers = yield* readUppers(inputs.bounds)
    return {
      ...pairOutputs(pair, a.keys, names),
      margins: marginRows(a, pair, `solver (${threshold})`, uppers)
    }
  })
})

/** The dimension-free documents of the distinct columns, with queries along the sums of theirs. */
const optimumPair = (optimum: Matrix, distinct: DistinctColumns): EmbeddingPair => {
  const queries = new Float64Array(0)
  const all = { dims: optimum.dims, queries, documents: Float64Array.from(optimum.data) }
  const { dims, documents } = ofDistinct(all, distinct)
  return { dims, documents, queries: centroidQueries(distinct.relevance, documents, dims) }
}

export default solve
