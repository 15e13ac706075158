/** The parameters that every way of training a sparse autoencoder has. Defaults suit a laptop; the paper's are named. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const positiveInt = Schema.Int.check(Schema.isGreaterThan(0))
const share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

export const trainingFields = {
  /** D, the number of features; the paper trains 8,192 and 16,384. */
  dictionarySize: positiveInt.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2048))),
  /** Optimiser steps; the paper runs 50,000. */
  steps: positiveInt.pipe(Schema.withDecodingDefaultKey(Effect.succeed(5000))),
  /** Rows a step, drawn uniformly with replacement; the paper draws 2,048. */
  batchSize: positiveInt.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1024))),
  learningRate: Schema.Finite.check(Schema.isGreaterThan(0)).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(4e-4))
  ),
  /** The last learning rate as a share of the first, reached by a cosine. */
  finalRate: share.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.05))),
  weightDecay: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(0))
  ),
  /** Divide each decoder row by its norm after every step. */
  renormalise: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  /** Steps between resets of features that did not fire, in the first 80 %; 0 never resets. */
  resetEvery: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(2500))
  ),
  /** Share of the rows set aside for validation; 0 (the paper) measures on training rows. */
  validationFraction: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 0.9 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(0.05))
  ),
  /** Steps between points of the curve. */
  evaluateEvery: positiveInt.pipe(Schema.withDecodingDefaultKey(Effect.succeed(250))),
  /** Stop after this many points without a validation loss 0.1 % below the best; 0 never stops early. */
  patience: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(0))
  )
}

export type TrainingParams = {
  readonly [Name in keyof typeof trainingFields]: (typeof trainingFields)[Name]["Type"]
}

/** Active features a row. The paper trains 32, 64 and 128. */
export const kField = positiveInt.pipe(Schema.withDecodingDefaultKey(Effect.succeed(32)))
