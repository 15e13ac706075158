/**
 * Removes what no kept record reaches.
 *
 * Kept are: the records of the newest runs and of every running one, as their folders name them; records under a live
 * lease; the records that made the inputs of kept records; while anything runs, whatever is younger than the oldest of
 * it; and imported artifacts, which nothing could make again. Objects are kept that a kept record reads or wrote.
 */
import * as fs from "node:fs"
import { join } from "node:path"
import type { Collected } from "../Store.ts"
import type { NodeRecord } from "../NodeRecord.ts"
import { sweep } from "./durable.ts"
import { type Layout, recordPath } from "./layout.ts"
import { liveLeases } from "./leases.ts"
import { knownRuns, namedBy } from "./liveRuns.ts"
import { readManifest } from "./manifests.ts"
import type { Records } from "./records.ts"
import { digestsIn, filesOf } from "./verify.ts"

/** A lease or a run may have begun this much before what it writes. */
const slack = 60_000

export const collect = (
  layout: Layout,
  records: Records,
  options: { readonly keepRuns: number; readonly dryRun: boolean }
): Collected => {
  const runs = knownRuns(layout.runs)
  const keptRuns = runs.filter((run, i) => i < options.keepRuns || run.live)
  const leases = liveLeases(layout.leases, layout.tmp)
  const named = new Set(leases.map(({ name }) => name))
  for (const { id } of keptRuns) for (const found of namedBy(layout.runs, id)) named.add(found)
  const begins = [
    ...leases.map(({ taken }) => taken),
    ...runs.filter(({ live }) => live).map(({ started }) => Date.parse(started) || 0)
  ]
  const young = Math.min(Number.POSITIVE_INFINITY, ...begins) - slack
  const isYoung = (path: string): boolean =>
    (fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= young

  const all = records.known()
  const ids = new Set(keptRuns.map(({ id }) => id))
  const kept = reachable(
    all,
    (record) =>
      ids.has(record.run) || named.has(record.fingerprint) || isYoung(recordPath(layout, record.fingerprint))
  )
  const keptDigests = new Set(named)
  for (const record of kept) for (const digest of digestsOf(record)) keptDigests.add(digest)

  const goneRecords = all.filter((record) => !kept.has(record))
  const goneObjects = [...digestsIn(layout)].filter(
    (digest) =>
      !keptDigests.has(digest) && !isImported(layout, digest) && !filesOf(layout, digest).some(isYoung)
  )
  const files = goneObjects.flatMap((digest) => filesOf(layout, digest))
  const bytes = files.reduce(
    (total, path) => total + (fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    0
  )
  if (!options.dryRun) {
    // Records first: one never promises an object that is gone.
    for (const { fingerprint } of goneRecords) fs.rmSync(recordPath(layout, fingerprint), { force: true })
    for (const path of files) fs.rmSync(path, { force: true })
    for (const fingerprint of checkpoints(layout))
      if (!named.has(fingerprint) && !isYoung(join(layout.checkpoints, fingerprint)))
        fs.rmSync(join(layout.checkpoints, fingerprint), { recursive: true, force: true })
    records.forget(
      goneRecords.map(({ fingerprint }) => fingerprint),
      goneObjects
    )
    sweep(layout.tmp, Date.now())
  }
  return { objects: goneObjects.length, bytes, records: goneRecords.length }
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
    for (const digest of Object.values(record.outputs))
      makers.set(digest, [...(makers.get(digest) ?? []), record])
  const kept = new Set<NodeRecord>()
  const open = all.filter(isRoot)
  for (let record = open.pop(); record !== undefined; record = open.pop()) {
    if (kept.has(record)) continue
    kept.add(record)
    for (const digest of Object.values(record.components.inputs)) open.push(...(makers.get(digest) ?? []))
  }
  return kept
}

const isImported = (layout: Layout, digest: string): boolean => {
  try {
    return readManifest(layout, digest).producer === null
  } catch {
    return false
  }
}

const checkpoints = (layout: Layout): ReadonlyArray<string> =>
  fs.existsSync(layout.checkpoints) ? fs.readdirSync(layout.checkpoints) : []
