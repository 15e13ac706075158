/**
 * Proved bounds on the margin in every dimension, by threshold, with embeddings that come close (the documents of the
 * global-threshold optimum go on to the solver as a start). See `compute/margin/bound`.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { dimensionFree, equivariantStart } from "../../compute/margin/bound/dimensionFree.ts"
import { distinctColumns, ofAll } from "../../compute/margin/distinctColumns.ts"
import * as Stage from "../../engine/Stage.ts"
import { Progress } from "../../engine/services/Progress.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { MarginBounds } from "../../schemas/MarginBounds.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { documentKeys, readRelevanceMatrix } from "./relevance.ts"

export const bound = Stage.make("margin/bound", {
  description: "Dimension-free margins with certified upper bounds, for the three thresholds.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Stop at (upper − lower)/upper below this. */
    tolerance: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.002)))
  }),
  inputs: { relevance: RelevanceMatrix, keys: Stage.optional(RelevanceKeys) },
  outputs: { bounds: MarginBounds, documents: Embeddings },
  resources: { cpu: 1, memory: "4 GiB" },
  isolated: true,
  run: Effect.fn("margin/bound")(function* ({ params, inputs }) {
    const a = yield* readRelevanceMatrix(inputs.relevance)
    const names = yield* documentKeys(inputs.keys, a.columns)
    const distinct = distinctColumns(a)
    const progress = yield* Progress
    const thresholds = ["zero", "row", "global"] as const
    const solved = yield* Effect.forEach(
      thresholds,
      (threshold, at) =>
        Effect.sync(() => dimensionFree(distinct.relevance, threshold, { tolerance: params.tolerance })).pipe(
          Effect.tap(() => progress.report(at + 1, thresholds.length, threshold))
        ),
      { concurrency: 1 }
    )
    const pair = ofAll(
      solved.findLast((solution) => solution.embeddings !== undefined)?.embeddings ??
        equivariantStart(distinct.relevance),
      distinct
    )
    return {
      bounds: solved.map(({ threshold, lower, upper, dual }) => ({
        threshold,
        lower,
        upper,
        gap: lower === null || upper === null ? null : (upper - lower) / upper,
        dual,
        rows: a.rows,
        documents: a.columns
      })),
      documents: { keys: names, dims: pair.dims, data: pair.documents }
    }
  })
})

export default bound
