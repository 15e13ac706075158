/** A reader whose every read is checked: before the first byte, and again after the last one. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ArtifactError } from "../../schemas/errors.ts"

/**
 * `check` fails where the file is not the one whose bytes are known to be right. A reader is opened early and read late,
 * perhaps hours later; what changed meanwhile is found before it is used, and what changes under a read when it ends.
 */
export const guarded = <R extends object>(reader: R, check: Effect.Effect<unknown, ArtifactError>): R =>
  Object.fromEntries(
    Object.entries(reader).map(([name, value]: [string, unknown]) => {
      if (Effect.isEffect(value))
        return [name, guardEffect(value as Effect.Effect<unknown, ArtifactError>, check)]
      if (Stream.isStream(value))
        return [name, guardStream(value as Stream.Stream<unknown, ArtifactError>, check)]
      return [name, value]
    })
  ) as R

const guardEffect = (
  read: Effect.Effect<unknown, ArtifactError>,
  check: Effect.Effect<unknown, ArtifactError>
): Effect.Effect<unknown, ArtifactError> =>
  Effect.andThen(
    check,
    read.pipe(
      // Nonsense is often how a change shows.
      Effect.tapError(() => check),
      Effect.tap(() => check)
    )
  )

const guardStream = (
  blocks: Stream.Stream<unknown, ArtifactError>,
  check: Effect.Effect<unknown, ArtifactError>
): Stream.Stream<unknown, ArtifactError> =>
  Stream.unwrap(Effect.as(check, blocks)).pipe(Stream.concat(Stream.drain(Stream.fromEffect(check))))
