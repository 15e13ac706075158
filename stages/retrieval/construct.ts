/**
 * Embeddings by formula, without training: the moment curve, the simplex, random codes, Johnson–Lindenstrauss maps of the
 * dimension-free documents, tensor lifts. `queries: "max-margin"` replaces the formula's queries by the best ones for its
 * documents (a convex problem for each query). See `compute/margin/constructions`.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { equiangular } from "../../compute/margin/bound/twoLevel.ts"
import {
  gaussianCode,
  projectDocuments,
  rademacherCode,
  symmetricLift
} from "../../compute/margin/constructions/codes.ts"
import { momentCurve } from "../../compute/margin/constructions/momentCurve.ts"
import { centroidQueries, type EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import { maxMarginQueries } from "../../compute/margin/solve/maxMarginQueries.ts"
import type { Relevance } from "../../compute/margin/Relevance.ts"
import { makeRandom, type RandomStream } from "../../compute/random/RandomStream.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { InputError } from "../../schemas/errors.ts"
import { MarginScores } from "../../schemas/MarginScores.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { pairOutputs } from "./embeddings.ts"
import { documentKeys, readRelevanceMatrix } from "./relevance.ts"
import { marginRows } from "./scores.ts"

const constructions = [
  "moment-curve",
  "moment-curve-row",
  "simplex",
  "gaussian",
  "rademacher",
  "lifted-gaussian",
  "projected"
] as const
const positive = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

export const construct = Stage.make("margin/construct", {
  description: "Embeddings of a relevance matrix by an explicit construction.",
  source: import.meta.url,
  params: Schema.Struct({
    construction: Schema.Literals(constructions).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("moment-curve" as const))
    ),
    /** Dimension of random codes and projections; lifts start from it. The others choose their own. */
    dims: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
    /** Power of the tensor lift. */
    power: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))),
    queries: Schema.Literals(["formula", "max-margin", "max-margin-row"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("formula" as const))
    )
  }),
  inputs: {
    relevance: RelevanceMatrix,
    keys: Stage.optional(RelevanceKeys),
    optimum: Stage.optional(Embeddings)
  },
  outputs: { queries: Embeddings, documents: Embeddings, margins: MarginScores },
  random: true,
  run: Effect.fn("margin/construct")(function* ({ params, inputs }) {
    const a = yield* readRelevanceMatrix(inputs.relevance)
    const names = yield* documentKeys(inputs.keys, a.columns)
    const random = makeRandom((yield* Random).seed, "margin/construct")
    const optimum = inputs.optimum === undefined ? undefined : yield* inputs.optimum.read
    const formula = build(a, params, random, optimum)
    if (formula === undefined) {
      return yield* new InputError({
        what: "There are no documents to project.",
        where: "input 'optimum'",
        expected: "the documents of margin/bound"
      })
    }
    const pair =
      params.queries === "formula"
        ? formula
        : maxMarginQueries(a, formula, params.queries === "max-margin" ? "zero" : "row")
    return { ...pairOutputs(pair, a.keys, names), margins: marginRows(a, pair, params.construction, {}) }
  })
})

const build = (
  a: Relevance,
  params: {
    readonly construction: (typeof constructions)[number]
    readonly dims: number
    readonly power: number
  },
  random: RandomStream,
  optimum: { readonly dims: number; readonly data: Float32Array | Float64Array } | undefined
): EmbeddingPair | undefined => {
  switch (params.construction) {
    case "moment-curve":
      return momentCurve(a, "zero")
    case "moment-curve-row":
      return momentCurve(a, "row")
    case "simplex":
      return equiangular(a, a.columns / Math.max(1, a.columns - 1), 0.5)
    case "gaussian":
      return gaussianCode(a, params.dims, random)
    case "rademacher":
      return rademacherCode(a, params.dims, random)
    case "lifted-gaussian": {
      const lifted = symmetricLift(gaussianCode(a, params.dims, random), params.power)
      return { ...lifted, queries: centroidQueries(a, lifted.documents, lifted.dims) }
    }
    case "projected": {
      if (optimum === undefined) return undefined
      const documents = projectDocuments(Float64Array.from(optimum.data), optimum.dims, params.dims, random)
      return { dims: params.dims, documents, queries: centroidQueries(a, documents, params.dims) }
    }
  }
}

export default construct
