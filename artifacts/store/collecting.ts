/**
 * How `gc` and everybody else stay out of each other's way, without locks.
 *
 * `<store>/live/gc.json` says whether a collection goes on, whose it is, and which: every collection has a name of its
 * own. `gc` writes it first, then lists the store, then reads what live processes hold, then removes what is listed and
 * neither held nor kept. Everybody else first holds what it is going to use (presence.ts) and then reads this file. So
 * for any two of them either `gc` sees what is held, or the holder sees that `gc` goes on, waits for its end, and only
 * then looks whether the thing is there. What is not listed is not removed, so new objects are written meanwhile.
 *
 * A collection whose process is gone goes on no longer. What remains: a `gc` on another machine that is suspended for
 * longer than `expiry` is taken for gone, and notices when it wakes, before its next batch of removals (gc.ts).
 */
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ArtifactError } from "../../schemas/errors.ts"
import { errnoOf, unreadable, unwritable } from "../failures.ts"
import { fileSystemNow, writeTemporary } from "./durable.ts"
import { isLive } from "./liveness.ts"
import { liveFolder, presenceOf } from "./presence.ts"
import { Identity, ownerKey, ownIdentity } from "./processIdentity.ts"
import { keepRenewed } from "./renewing.ts"

/** Where a store is, as far as this module needs to know. */
interface Folders {
  readonly root: string
  readonly tmp: string
}

const Collection = Schema.Struct({
  /** Another one each time. */
  collection: Schema.String,
  active: Schema.Boolean,
  holder: Identity
})
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Collection))

/** Milliseconds between two looks at a collection that goes on. */
const pause = 50

// --- gc's side -------------------------------------------------------------------------------------------------------

export interface Collecting {
  /** False once another collection has begun, which means that this one was taken for gone. */
  readonly ours: () => boolean
  readonly end: () => void
}

/** Announces a collection. Only the holder of the lease on it does this. */
export const beginCollecting = ({ root, tmp }: Folders): Collecting => {
  const collection = randomBytes(16).toString("hex")
  const holder = ownIdentity()
  const write = (active: boolean): string => {
    const text = `${JSON.stringify({ collection, active, holder })}\n`
    const { file, path } = writeTemporary(tmp, text)
    fs.closeSync(file)
    fs.renameSync(path, markerOf(root))
    return text
  }
  const stop = keepRenewed(markerOf(root), write(true))
  return {
    ours: () => read(root)?.collection === collection,
    end: () => {
      stop()
      if (read(root)?.collection === collection) write(false)
    }
  }
}

// --- everybody's side ------------------------------------------------------------------------------------------------

/** Holds until this process has closed the store; throws what the file system throws. */
export const hold = ({ root }: Folders, ids: Iterable<string>): void => presenceOf(root).hold(ids)

/** Shows this process to others from now on, also while its main thread is busy, if the store can be written. */
export const bePresent = (root: string): void => {
  try {
    presenceOf(root).show()
    presenceOf(root).renew()
  } catch {
    // Whatever it writes next tells of it.
  }
}

/** As `hold`, for who only reads: a store that cannot be written is read without it. */
export const holdIfPossible = (folders: Folders, ids: Iterable<string>): void => {
  try {
    hold(folders, ids)
  } catch {
    // Read-only or full: what is read may be collected by somebody who can write, and is then missing, never wrong.
  }
}

/** Resolves once no collection goes on, with the name of the last one. */
export const settled = async (folders: Folders, signal?: AbortSignal): Promise<string> => {
  for (;;) {
    const last = lastCollection(folders)
    if (last !== undefined || signal?.aborted === true) return last ?? ""
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

/** Undefined while one goes on. */
const lastCollection = ({ root, tmp }: Folders): string | undefined => {
  const marker = read(root)
  if (marker === undefined) return ""
  const { active, collection, holder, mtime } = marker
  const file = { path: markerOf(root), owner: holder && ownerKey(holder), mtime, token: collection }
  return active && isLive(file, fileSystemNow(tmp)) ? undefined : collection
}

/**
 * What `look` finds, held: everything that `needs` names of it was there when nothing collected, and stays while this
 * process has the store open. Looks again if a collection went on meanwhile.
 */
export const holding = <A, E, R>(
  folders: Folders,
  look: Effect.Effect<A, E, R>,
  needs: (found: A) => Iterable<string>
): Effect.Effect<A, E | ArtifactError, R> =>
  Effect.gen(function* () {
    for (;;) {
      const before = yield* whenSettled(folders)
      const found = yield* look
      const ids = [...needs(found)]
      if (ids.length === 0) return found
      yield* Effect.try({ try: () => hold(folders, ids), catch: unwritable(folders.root) })
      if ((yield* whenSettled(folders)) === before) return found
    }
  })

/** As `settled`, without a promise where nothing goes on. */
export const whenSettled = (folders: Folders): Effect.Effect<string, ArtifactError> =>
  Effect.flatMap(
    Effect.try({ try: () => lastCollection(folders), catch: unreadable(folders.root) }),
    (last) =>
      last !== undefined
        ? Effect.succeed(last)
        : Effect.tryPromise({
            try: (signal) => settled(folders, signal),
            catch: unreadable(folders.root)
          })
  )

// --- the file --------------------------------------------------------------------------------------------------------

const markerOf = (root: string): string => join(liveFolder(root), "gc.json")

interface Marker {
  readonly collection: string
  readonly active: boolean
  readonly holder: Identity | undefined
  readonly mtime: number
}

/** Opened afresh. Undefined where there never was a collection. One that cannot be read counts until it expires. */
const read = (root: string): Marker | undefined => {
  let file: number
  try {
    file = fs.openSync(markerOf(root), "r")
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined
    throw error
  }
  try {
    const { mtimeMs: mtime, ino } = fs.fstatSync(file)
    const found = decode(fs.readFileSync(file, "utf8"))
    return found._tag === "Some"
      ? { ...found.value, mtime }
      : { collection: `unreadable ${ino} ${mtime}`, active: true, holder: undefined, mtime }
  } finally {
    fs.closeSync(file)
  }
}
