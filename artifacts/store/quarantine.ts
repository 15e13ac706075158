/** Damaged objects and the records that promise them, set aside: kept for inspection, never served. */
import * as fs from "node:fs"
import { join } from "node:path"
import type { NodeRecord } from "../NodeRecord.ts"
import { setAside } from "./aside.ts"
import { type Layout, manifestPath, recordPath, shard } from "./layout.ts"
import type { Records } from "./records.ts"

export class Quarantine {
  readonly #layout: Layout
  readonly #records: Records

  constructor(layout: Layout, records: Records) {
    this.#layout = layout
    this.#records = records
  }

  /** Moves an object's files and every record that names it as an output. */
  object(digest: string): void {
    this.objectFiles(digest)
    const records = this.#records.known().filter(({ outputs }) => Object.values(outputs).includes(digest))
    for (const { fingerprint } of records) this.record(fingerprint)
    this.evict(records, [digest])
  }

  /** Moves an object's files only. */
  objectFiles(digest: string): void {
    const folder = shard(this.#layout.objects, digest)
    const names = fs.existsSync(folder)
      ? fs.readdirSync(folder).filter((name) => name.startsWith(digest))
      : []
    // The object before its manifest, so that one without a manifest is never left behind.
    for (const name of names.sort((a, b) => a.length - b.length)) setAside(this.#layout, join(folder, name))
  }

  /** Moves a manifest; without one its object is absent, and made again. */
  manifest(digest: string): void {
    setAside(this.#layout, manifestPath(this.#layout, digest))
    this.#records.evict([], [digest])
  }

  /** Moves a record's file. */
  record(fingerprint: string): void {
    setAside(this.#layout, recordPath(this.#layout, fingerprint))
  }

  /** Whatever was moved is no longer known. */
  evict(records: ReadonlyArray<NodeRecord>, digests: Iterable<string>): void {
    this.#records.evict(
      records.map(({ fingerprint }) => fingerprint),
      digests
    )
  }
}
