/**
 * A metric is a typed value: every number a study reports says which way is better, what it ranges over, how it is
 * defined, and what it would be by chance.
 */
import * as Schema from "effect/Schema"

/** The permutation null: the metric after permuting the rows of one side. */
export const Null = Schema.Struct({
  mean: Schema.Finite,
  sd: Schema.Finite,
  /** (1 + permutations at least as good as the value) / (1 + permutations); null below 19, which cannot reach .05. */
  p: Schema.NullOr(Schema.Finite),
  permutations: Schema.Int
})
export type Null = typeof Null.Type

export const Metric = Schema.Struct({
  name: Schema.String,
  /** Not a number (a constant column, say) is written null. */
  value: Schema.NullOr(Schema.Finite),
  direction: Schema.Literals(["higher", "lower"]),
  range: Schema.Tuple([Schema.NullOr(Schema.Finite), Schema.NullOr(Schema.Finite)]),
  /** Tie rule, self-exclusion, biased or unbiased: what another implementation needs to get the same number. */
  definition: Schema.String,
  n: Schema.Int,
  /** The chance level: by a formula where there is one, else the mean of the permutations, else null. */
  chance: Schema.NullOr(Schema.Finite),
  null: Schema.NullOr(Null),
  /** Standard deviation over subsamples (ddof 1) and how many there were. */
  subsamples: Schema.NullOr(Schema.Struct({ mean: Schema.Finite, sd: Schema.Finite, count: Schema.Int }))
})
export type Metric = typeof Metric.Type
