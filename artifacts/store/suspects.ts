/**
 * Records that were made from an artifact that turned out to be damaged: by its digest as an input, or by one that such
 * a record made. Whether the bytes were read before they changed or after, nobody can tell.
 */
import type { NodeRecord } from "../NodeRecord.ts"
import type { Suspect } from "../Store.ts"
import { setAsideBefore } from "./aside.ts"
import type { Layout } from "./layout.ts"

/**
 * Nearest to the damage first. Quarantine tells what was damaged and when it was found; a record that was begun later
 * read bytes that had been made again.
 */
export const madeFromDamaged = (
  layout: Layout,
  records: ReadonlyArray<NodeRecord>
): ReadonlyArray<Suspect> => {
  const damaged = setAsideBefore(layout)
  if (damaged.size === 0) return []
  const readers = new Map<string, Array<NodeRecord>>()
  for (const record of records)
    for (const digest of new Set(Object.values(record.components.inputs))) {
      const known = readers.get(digest)
      if (known === undefined) readers.set(digest, [record])
      else known.push(record)
    }
  const found = new Map<NodeRecord, string>()
  const queue: Array<NodeRecord> = []
  const add = (record: NodeRecord, from: string): void => {
    if (found.has(record)) return
    found.set(record, from)
    queue.push(record)
  }
  for (const [digest, time] of damaged)
    for (const record of readers.get(digest) ?? []) {
      const started = Date.parse(record.started)
      if (!(started > time)) add(record, digest)
    }
  for (const record of queue)
    for (const output of Object.values(record.outputs))
      for (const reader of readers.get(output) ?? []) add(reader, found.get(record)!)
  return [...found].map(([{ fingerprint, pipeline, node }, from]) => ({
    fingerprint,
    node: `${pipeline}/${node}`,
    from
  }))
}
