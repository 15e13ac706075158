/** The store in a folder: see `artifacts/Store.ts` for what it promises. */
import * as fs from "node:fs"
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ArtifactError } from "../../schemas/errors.ts"
import { isDamage, unreadable, unwritable, writeFailure } from "../failures.ts"
import { Store, type StoreShape } from "../Store.ts"
import { holdIfPossible, holding, whenSettled } from "./collecting.ts"
import { collect } from "./gc.ts"
import { Index } from "./Index.ts"
import { isId, layoutOf, type Layout, shard } from "./layout.ts"
import { acquireLease } from "./leases.ts"
import { Objects } from "./objects.ts"
import { holdWhole, presenceOf } from "./presence.ts"
import { Quarantine } from "./quarantine.ts"
import { idsIn, Records } from "./records.ts"
import { sweep } from "./sweep.ts"
import { digestsIn, verifyStore } from "./verify.ts"

const make = (root: string) =>
  Effect.gen(function* () {
    const layout = layoutOf(resolve(root))
    const index = yield* Effect.acquireRelease(
      Effect.try({ try: () => prepare(layout), catch: unwritable(layout.root) }),
      (index) =>
        Effect.sync(() => {
          index.close()
          presenceOf(layout.root).close()
        })
    )
    const records = new Records(layout, index)
    const quarantine = new Quarantine(layout, records)
    const objects = new Objects(layout, index, quarantine)
    const store: StoreShape = {
      root: layout.root,
      write: (kind, value, producer, lineage) => objects.write(kind, value, producer, lineage),
      open: (kind, digest) => objects.open(kind, digest),
      manifest: (digest) => objects.manifest(digest),
      pathOf: (digest) => objects.pathOf(digest),
      recheck: (digest) => objects.recheck(digest),
      copy: (digest, to, failure) => objects.copy(digest, to, failure),
      present: (digests) => objects.present(digests),
      resolve: (prefix) =>
        Effect.try({ try: () => resolvePrefix(layout, prefix), catch: unreadable(layout.root) }),
      record: (fingerprint) => records.record(fingerprint),
      latest: (pipeline, node, stage) => records.latest(pipeline, node, stage),
      writeRecord: (record) => records.write(record),
      records: records.all(),
      lease: (name) =>
        Effect.map(
          Effect.acquireRelease(
            Effect.try({
              try: () => acquireLease(layout.leases, layout.tmp, name),
              catch: unwritable(layout.leases)
            }),
            (held) => Effect.sync(() => held?.release())
          ),
          (held) => held !== undefined
        ),
      hold: (ids) =>
        Effect.andThen(
          Effect.sync(() => holdIfPossible(layout, ids)),
          Effect.asVoid(whenSettled(layout))
        ),
      holding: (look, needs) => holding(layout, look, needs),
      verify: (options = {}) => undisturbed(layout, verifyStore(layout, index, records, quarantine, options)),
      gc: (options) =>
        Effect.tryPromise({
          try: (signal) => collect(layout, records, options, signal),
          catch: writeFailure(layout.root)
        }),
      rebuildIndex: Effect.try({
        try: () => rebuild(layout, index, records),
        catch: unwritable(layout.index)
      })
    }
    return store
  })

/** Runs `look` while nothing is collected. */
const undisturbed = <A, E, R>(
  layout: Layout,
  look: Effect.Effect<A, E, R>
): Effect.Effect<A, E | ArtifactError, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      try {
        return holdWhole(layout.root)
      } catch {
        // It may only be read.
        return () => undefined
      }
    }),
    () => Effect.andThen(whenSettled(layout), look),
    (release) => Effect.sync(release)
  )

/**
 * Makes the folders and loads the index. A store that is there and may only be read opens all the same: whatever has to
 * write says so.
 */
const prepare = (layout: Layout): Index => {
  // `live` is made when it is needed: a store of an earlier version may be one that can only be read.
  const { root, index: _index, live: _live, ...folders } = layout
  const existed = fs.statSync(root, { throwIfNoEntry: false })?.isDirectory() === true
  for (const folder of Object.values(folders)) {
    try {
      fs.mkdirSync(folder, { recursive: true })
    } catch (error) {
      if (!existed) throw error
    }
  }
  presenceOf(root).open()
  try {
    // What other machines' processes left is left to gc: telling their age takes a file.
    sweep(layout.root, layout.tmp, () => undefined)
  } catch {
    // Left for the next time, or for whoever may remove it.
  }
  return new Index(layout.index)
}

const resolvePrefix = (
  layout: Layout,
  prefix: string
): ReadonlyArray<{ readonly type: "artifact" | "record"; readonly id: string }> => {
  if (!/^[0-9a-f]{4,64}$/.test(prefix)) return []
  const idsOf = (folder: string): ReadonlyArray<string> => {
    const path = shard(folder, prefix)
    const names = fs.existsSync(path) ? fs.readdirSync(path) : []
    return [...new Set(names.map((name) => name.slice(0, 64)))]
      .filter((id) => isId(id) && id.startsWith(prefix))
      .sort()
  }
  return [
    ...idsOf(layout.objects).map((id) => ({ type: "artifact" as const, id })),
    ...idsOf(layout.records).map((id) => ({ type: "record" as const, id }))
  ]
}

/** Every record file is read; objects enter the index when they are next looked at. */
const rebuild = (layout: Layout, index: Index, records: Records) => {
  fs.rmSync(layout.index, { recursive: true, force: true })
  index.clear()
  const found = idsIn(layout.records, ".json").filter((id) => readOrSkip(records, id)).length
  index.flush()
  return { records: found, objects: digestsIn(layout).size }
}

const readOrSkip = (records: Records, fingerprint: string): boolean => {
  try {
    return records.read(fingerprint) !== undefined
  } catch (error) {
    if (isDamage(error)) return false
    throw error
  }
}

export const FileStore = {
  /** The store in the folder `root`, which is made if it is not there. */
  layer: (root: string): Layer.Layer<Store, ArtifactError> => Layer.effect(Store, make(root))
}
