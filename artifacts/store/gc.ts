/**
 * Removes what no kept record reaches.
 *
 * Kept are: the records of the newest runs and of every running one, as their folders name them; whatever a live process
 * holds or has a lease on, however old; the records that made the inputs of kept records; and imported artifacts, which
 * nothing could make again. Objects are kept that a kept record reads or wrote. An object whose manifest cannot be read
 * is kept unless a record says that a node made it.
 *
 * How it stays out of the way of what goes on: collecting.ts. Two collections exclude each other by a lease; one waits
 * while another process looks at the whole store. Killed at any instant it leaves a store that is whole: records go
 * before the objects they promise, an object before its manifest.
 */
import * as fs from "node:fs"
import { join } from "node:path"
import { InputError } from "../../schemas/errors.ts"
import type { NodeRecord } from "../NodeRecord.ts"
import type { Collected } from "../Store.ts"
import { beginCollecting, type Collecting } from "./collecting.ts"
import { fileSystemNow } from "./durable.ts"
import { type Layout, manifestSuffix, recordPath } from "./layout.ts"
import { acquireLease, liveLeases, sweepLeases } from "./leases.ts"
import { removeLeftOvers } from "./leftOvers.ts"
import { type Listed, listShards } from "./listing.ts"
import { expiry } from "./liveness.ts"
import { livePresences } from "./presence.ts"
import type { Records } from "./records.ts"
import { namedBy, runFolders, saysItRuns } from "./runFolders.ts"
import { sweep } from "./sweep.ts"

export interface GcOptions {
  readonly keepRuns: number
  readonly dryRun: boolean
}

/** How long it waits for another collection, or for `verify`, before it gives up. */
const patience = 60_000
const pause = 200
/** Removals between two looks whether this collection still counts. */
const batch = 256

export const collect = async (
  layout: Layout,
  records: Records,
  options: GcOptions,
  signal?: AbortSignal
): Promise<Collected> => {
  if (options.dryRun) return (await survey(layout, records, options.keepRuns, () => undefined)).counted
  const lease = await waitFor(
    () => acquireLease(layout.leases, layout.tmp, "gc"),
    () => "another 'asterism gc'",
    layout,
    signal
  )
  try {
    const collecting = beginCollecting(layout)
    try {
      await waitFor(
        () => (wholeHolders(layout).length === 0 ? true : undefined),
        () => `${wholeHolders(layout).join(", ")}, which looks at the whole store,`,
        layout,
        signal
      )
      const found = await survey(layout, records, options.keepRuns, fileSystemNow(layout.tmp))
      await remove(layout, records, found, collecting)
      removeLeftOvers(layout, found.needed, found.liveRuns)
      return found.counted
    } finally {
      collecting.end()
    }
  } finally {
    lease.release()
    sweepLeases(layout.leases, layout.tmp)
    sweep(layout.root, layout.tmp, fileSystemNow(layout.tmp))
  }
}

const wholeHolders = (layout: Layout): ReadonlyArray<string> =>
  livePresences(layout.root, fileSystemNow(layout.tmp), { ids: false }).whole

const waitFor = async <A>(
  get: () => A | undefined,
  whom: () => string,
  layout: Layout,
  signal: AbortSignal | undefined
): Promise<A> => {
  for (const begin = performance.now(); ;) {
    const got = get()
    if (got !== undefined) return got
    if (performance.now() - begin > patience || signal?.aborted === true) {
      throw new InputError({
        what: `Nothing was removed: ${whom()} is still going on in this store.`,
        where: layout.root,
        expected: "one of them at a time",
        next: "run 'asterism gc' again when it has ended"
      })
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

// --- what goes ---------------------------------------------------------------------------------------------------------

interface Survey {
  readonly counted: Collected
  readonly fingerprints: ReadonlyArray<string>
  readonly digests: ReadonlyArray<string>
  /** Groups of files, in the order in which they go: records, objects, manifests. */
  readonly files: ReadonlyArray<ReadonlyArray<string>>
  /** Fingerprints, digests and runs that are named by what is kept. */
  readonly needed: ReadonlySet<string>
  readonly liveRuns: ReadonlySet<string>
}

/**
 * The store is listed before anything is asked about who needs what: see collecting.ts. Who lives is asked before the
 * listing too, for a process may end in between, with a record that was not listed yet.
 */
const survey = async (
  layout: Layout,
  records: Records,
  keepRuns: number,
  now: () => number | undefined
): Promise<Survey> => {
  const before = livePresences(layout.root, now, { ids: true }).held
  const objects = listShards(layout.objects)
  const all = records.known()
  await breathe()

  const held = new Set([...before, ...livePresences(layout.root, now, { ids: true }).held])
  const needed = new Set([...held, ...liveLeases(layout.leases, now)])
  const newestFirst = runFolders(layout.runs).toReversed()
  const keptRuns = new Set<string>()
  const liveRuns = new Set<string>()
  for (const [i, id] of newestFirst.entries()) {
    const folder = join(layout.runs, id)
    if (held.has(id) || saysItRuns(layout.root, folder, now)) liveRuns.add(id)
    if (i >= keepRuns && !liveRuns.has(id)) continue
    keptRuns.add(id)
    for (const name of namedBy(folder)) needed.add(name)
  }
  await breathe()

  const kept = reachable(all, (record) => keptRuns.has(record.run) || needed.has(record.fingerprint))
  const keptDigests = new Set(needed)
  for (const record of kept) for (const digest of digestsOf(record)) keptDigests.add(digest)
  const made = new Set<string>()
  for (const record of all) for (const digest of Object.values(record.outputs)) made.add(digest)

  const gone = all.filter((record) => !kept.has(record)).map(({ fingerprint }) => fingerprint)
  const digests: Array<string> = []
  const bytesOf: Array<string> = []
  const manifests: Array<string> = []
  let bytes = 0
  for (const [digest, listed] of objects) {
    if (keptDigests.has(digest)) continue
    if (!canBeMadeAgain(listed.find(isManifest), made.has(digest))) continue
    digests.push(digest)
    for (const file of listed) {
      const { path } = file
      ;(isManifest(file) ? manifests : bytesOf).push(path)
      bytes += fs.lstatSync(path, { throwIfNoEntry: false })?.size ?? 0
    }
    if (digests.length % batch === 0) await breathe()
  }
  const counted = { objects: digests.length, bytes, records: gone.length }
  const files = [gone.map((fingerprint) => recordPath(layout, fingerprint)), bytesOf, manifests]
  return { counted, fingerprints: gone, digests, files, needed, liveRuns }
}

const isManifest = ({ rest }: Listed): boolean => rest === manifestSuffix

/** An imported artifact has no producer. */
const canBeMadeAgain = (manifest: Listed | undefined, made: boolean): boolean => {
  if (manifest === undefined) return made
  try {
    const { producer } = JSON.parse(fs.readFileSync(manifest.path, "utf8")) as { readonly producer?: unknown }
    return producer === undefined ? made : producer !== null
  } catch {
    return made
  }
}

const digestsOf = (record: NodeRecord): ReadonlyArray<string> => [
  ...Object.values(record.outputs),
  ...Object.values(record.components.inputs)
]

/** The records that `isRoot` picks and, again and again, those that made their inputs. */
const reachable = (
  all: ReadonlyArray<NodeRecord>,
  isRoot: (record: NodeRecord) => boolean
): ReadonlySet<NodeRecord> => {
  const makers = new Map<string, Array<NodeRecord>>()
  for (const record of all)
    for (const digest of Object.values(record.outputs)) {
      const known = makers.get(digest)
      if (known === undefined) makers.set(digest, [record])
      else known.push(record)
    }
  const kept = new Set<NodeRecord>()
  const open = all.filter(isRoot)
  for (let record = open.pop(); record !== undefined; record = open.pop()) {
    if (kept.has(record)) continue
    kept.add(record)
    for (const digest of Object.values(record.components.inputs))
      for (const maker of makers.get(digest) ?? []) open.push(maker)
  }
  return kept
}

// --- removing ----------------------------------------------------------------------------------------------------------

const remove = async (
  layout: Layout,
  records: Records,
  { files, fingerprints, digests }: Survey,
  collecting: Collecting
): Promise<void> => {
  let looked = performance.now()
  for (const group of files)
    for (let i = 0; i < group.length; i += batch) {
      await breathe()
      const asleep = performance.now() - looked
      looked = performance.now()
      if (asleep > expiry / 2 || !collecting.ours()) {
        throw new InputError({
          what: "The collection was suspended for so long that others may have taken it for gone, and stopped.",
          where: layout.root,
          next: "run 'asterism gc' again: it goes on from there"
        })
      }
      // At the same time: on ext4 one after another waits for the journal each time (204 s for 125,000 files here).
      await Promise.all(group.slice(i, i + batch).map(unlink))
    }
  records.forget(fingerprints, digests)
}

const unlink = async (path: string): Promise<void> => {
  try {
    await fs.promises.unlink(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
  }
}

/** Signals are heard, and timers run, between two pieces of work. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
