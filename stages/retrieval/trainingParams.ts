/** Parameters of contrastive training on a relevance matrix; the defaults are the published recipe of arXiv 2605.23556. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const positive = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))

const shared = {
  dims: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10))),
  steps: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100_000))),
  learningRate: Schema.Finite.pipe(
    Schema.check(Schema.isGreaterThan(0)),
    Schema.withDecodingDefaultKey(Effect.succeed(1e-2))
  ),
  schedule: Schema.Literals(["warm-up-cosine", "constant"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("warm-up-cosine" as const))
  ),
  evaluateEvery: positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1000))),
  start: Schema.Literals(["gaussian", "spectral"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("gaussian" as const))
  ),
  gradient: Schema.Literals(["euclidean", "tangential"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("euclidean" as const))
  ),
  /** Which embeddings are the output: the best at any evaluation (by the global margin), or those after the last step. */
  keep: Schema.Literals(["best", "latest"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("best" as const))
  ),
  /** Stop when what `watch` names gained less than 1e-4 (margin) or 1e-5 (loss) over so many steps; 0 never does. */
  patience: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  watch: Schema.Literals(["margin", "loss"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("margin" as const))
  ),
  /** Stop at the first evaluation that ranks every query right. */
  stopWhenRanked: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
  trainTemperature: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true)))
}

export const SigmoidParams = Schema.Struct({
  ...shared,
  /** Inverse temperature t at the start. */
  temperature: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
  /** The relative bias b (with `absolute`: the bias). */
  bias: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  trainBias: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
  parameterisation: Schema.Literals(["relative", "absolute"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("relative" as const))
  )
})

export const InfonceParams = Schema.Struct({
  ...shared,
  /** Temperature T at the start. */
  temperature: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.1)))
})

/** What training needs to know; InfoNCE has no bias. */
export type TrainingParams = typeof SigmoidParams.Type

export const withoutBias = (params: typeof InfonceParams.Type): TrainingParams => ({
  ...params,
  bias: 0,
  trainBias: false,
  parameterisation: "relative"
})
