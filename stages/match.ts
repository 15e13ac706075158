/**
 * Matches the features of sparse codes one to one (arXiv 2605.28870, the signal study): for every pair of views the matched
 * correlation of values and of activity, with a proved bound, against the same after permuting the rows of one side.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { matchFeatures } from "../compute/alignment/matched.ts"
import { finiteOrNull, meanAndDeviation } from "../compute/alignment/scores.ts"
import { permutationsOf } from "../compute/alignment/subsamples.ts"
import * as Stage from "../engine/Stage.ts"
import { Progress } from "../engine/services/Progress.ts"
import { Random } from "../engine/services/Random.ts"
import { FeatureMatches } from "../schemas/FeatureMatches.ts"
import { InputError } from "../schemas/errors.ts"
import type { ValueOf } from "../schemas/Kind.ts"
import { SparseCodes } from "../schemas/SparseCodes.ts"
import { joinViews, loadSparse, withKeys } from "./internal/alignmentViews.ts"

const natural = (least: number) => Schema.Int.check(Schema.isGreaterThanOrEqualTo(least))

export const match = Stage.make("alignment/match", {
  description: "Matches the features of sparse codes one to one, against row-permuted baselines.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Row permutations for the baseline; its spread is tiny, so two suffice. */
    permutations: natural(0).pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))),
    /** Largest gap between the correlation and its bound, as a share of the bound. */
    tolerance: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(0.001))
    )
  }),
  inputs: { codes: Stage.each(SparseCodes) },
  outputs: { matches: FeatureMatches },
  random: true,
  isolated: true,
  run: Effect.fn("alignment/match")(function* ({ params, inputs: { codes } }) {
    const { permutations, tolerance } = params
    const progress = yield* Progress
    const { seed } = yield* Random
    if (codes.length < 2) {
      return yield* new InputError({
        what: `There ${codes.length === 1 ? "is one code" : "are no codes"}.`,
        expected: "at least two sparse codes to match"
      })
    }
    const joined = yield* joinViews(codes.map(withKeys))
    const n = joined.keys.length
    const views = yield* Effect.forEach(codes, (member, v) => loadSparse(member, joined.rows[v]))
    const orders = permutationsOf(seed, "match", n, permutations)
    const total = codes.length * (codes.length - 1) * (1 + permutations)
    let done = 0
    const matches: Array<ValueOf<typeof FeatureMatches>[number]> = []
    for (let a = 0; a < codes.length; a++) {
      for (let b = a + 1; b < codes.length; b++) {
        for (const values of ["weighted", "binary"] as const) {
          const correlate = Effect.fnUntraced(function* (order?: Uint32Array) {
            const found = matchFeatures(views[a], views[b], {
              binary: values === "binary",
              tolerance,
              ...(order === undefined ? {} : { order })
            })
            yield* progress.report(++done, total, `${codes[a].name} × ${codes[b].name}, ${values}`)
            yield* Effect.yieldNow
            return found
          })
          const found = yield* correlate()
          const baseline = (yield* Effect.forEach(orders, correlate)).map((permuted) => permuted.correlation)
          const { mean, sd } = meanAndDeviation(baseline)
          matches.push({
            a: codes[a].name,
            b: codes[b].name,
            values,
            n,
            correlation: finiteOrNull(found.correlation),
            bound: finiteOrNull(found.bound),
            pairs: found.pairs,
            baselineMean: finiteOrNull(mean),
            baselineSd: baseline.length > 1 ? finiteOrNull(sd) : null,
            permutations,
            ratio: finiteOrNull(found.correlation / mean)
          })
        }
      }
    }
    return { matches }
  })
})
