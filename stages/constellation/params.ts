/** Parameters with a default, as the stages on paired and free views have them. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** A whole number above 0. */
export const count = (fallback: number) =>
  Schema.Int.pipe(
    Schema.check(Schema.isGreaterThan(0)),
    Schema.withDecodingDefaultKey(Effect.succeed(fallback))
  )

/** A number above 0. */
export const above0 = (fallback: number) =>
  Schema.Finite.pipe(
    Schema.check(Schema.isGreaterThan(0)),
    Schema.withDecodingDefaultKey(Effect.succeed(fallback))
  )

/** Any finite number. */
export const amount = (fallback: number) =>
  Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(fallback)))
