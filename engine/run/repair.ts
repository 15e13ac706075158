/** Inputs that cannot be served any more: found after a failure, so that whoever produced them runs again. */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import * as Effect from "effect/Effect"
import type { StoreShape } from "../../artifacts/Store.ts"
import { unreadable } from "../../artifacts/failures.ts"
import type { ArtifactError } from "../../schemas/errors.ts"

const hashOf = (path: string): Effect.Effect<string, ArtifactError> =>
  Effect.tryPromise({
    try: async () => {
      const hash = createHash("sha256")
      for await (const block of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(block)
      return hash.digest("hex")
    },
    catch: unreadable(path)
  })

/**
 * The digests among `digests` that the store lacks. Where all are there by size and `suspicious` says that reading one
 * failed, their bytes are hashed; if any is wrong, the whole store is verified, which puts it in quarantine.
 */
export const unservable = Effect.fnUntraced(function* (
  store: StoreShape,
  digests: ReadonlyArray<string>,
  suspicious: boolean
): Effect.fn.Return<ReadonlySet<string>, ArtifactError> {
  const absent = Effect.fnUntraced(function* () {
    const gone = new Set<string>()
    if (yield* store.present(digests)) return gone
    for (const digest of digests) if (!(yield* store.present([digest]))) gone.add(digest)
    return gone
  })
  const gone = yield* absent()
  if (gone.size > 0 || !suspicious) return gone
  for (const digest of digests) {
    if ((yield* hashOf(yield* store.pathOf(digest))) === digest) continue
    yield* store.verify()
    return yield* absent()
  }
  return gone
})
