/** Inputs that cannot be served any more: found after a failure, so that whoever produced them runs again. */
import * as Effect from "effect/Effect"
import type { StoreShape } from "../../artifacts/Store.ts"
import type { ArtifactError } from "../../schemas/errors.ts"

/**
 * The digests among `digests` that the store lacks. Where `suspicious` says that reading one failed, the bytes of those
 * that are there are hashed again, and only theirs; what is damaged is set aside and so lacking.
 */
export const unservable = Effect.fnUntraced(function* (
  store: StoreShape,
  digests: ReadonlyArray<string>,
  suspicious: boolean
): Effect.fn.Return<ReadonlySet<string>, ArtifactError> {
  const gone = new Set<string>()
  for (const digest of new Set(digests)) {
    if (!(yield* store.present([digest]))) gone.add(digest)
    else if (suspicious && !(yield* isWhole(store, digest))) gone.add(digest)
  }
  return gone
})

const isWhole = (store: StoreShape, digest: string): Effect.Effect<boolean, ArtifactError> =>
  store.recheck(digest).pipe(
    Effect.as(true),
    Effect.catchIf(
      ({ reason }) => reason === "corrupt" || reason === "missing",
      () => Effect.succeed(false)
    )
  )
