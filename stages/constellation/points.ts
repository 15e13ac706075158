/** The settings of one point of a sweep, as `constellation/train` takes them. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { RunSettings } from "../../compute/constellation/training.ts"

export const Point = Schema.Struct({
  name: Schema.String,
  /** `relative`: `bias` is b_rel, a score. `absolute`: `bias` is b, a logit that is subtracted. */
  form: Schema.Literals(["relative", "absolute"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("relative" as const))
  ),
  /** t at the start, > 0. */
  inverseTemperature: Schema.Finite.pipe(
    Schema.check(Schema.isGreaterThan(0)),
    Schema.withDecodingDefaultKey(Effect.succeed(10))
  ),
  bias: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  trainInverseTemperature: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  trainBias: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  /** Adds weight · (b_rel − towards)² to the loss. */
  guide: Schema.NullOr(Schema.Struct({ towards: Schema.Finite, weight: Schema.Finite })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(null))
  )
})
export type Point = typeof Point.Type
/** A point as a pipeline writes it. */
export type PointInput = typeof Point.Encoded

export const settingsOf = (point: Point): RunSettings => ({
  form: point.form,
  inverseTemperature: point.inverseTemperature,
  bias: point.bias,
  trainInverseTemperature: point.trainInverseTemperature,
  trainBias: point.trainBias,
  guide: point.guide ?? undefined
})
