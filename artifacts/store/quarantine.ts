/** Damaged objects and the records that promise them, set aside: kept for inspection, never served. */
import * as fs from "node:fs"
import { basename, join } from "node:path"
import type { NodeRecord } from "../NodeRecord.ts"
import { type Layout, recordPath, shard } from "./layout.ts"
import type { Records } from "./records.ts"

export class Quarantine {
  readonly #layout: Layout
  readonly #records: Records

  constructor(layout: Layout, records: Records) {
    this.#layout = layout
    this.#records = records
  }

  /** Moves an object's files and every record that names it; returns those records. */
  object(digest: string): ReadonlyArray<NodeRecord> {
    const folder = shard(this.#layout.objects, digest)
    // The object before its manifest, so that one without a manifest is never left behind.
    const names = fs.existsSync(folder)
      ? fs.readdirSync(folder).filter((name) => name.startsWith(digest))
      : []
    for (const name of names.sort((a, b) => a.length - b.length)) this.#move(join(folder, name))
    const records = this.#records.known().filter(({ outputs }) => Object.values(outputs).includes(digest))
    for (const { fingerprint } of records) this.record(fingerprint)
    this.#records.forget(
      records.map(({ fingerprint }) => fingerprint),
      [digest]
    )
    return records
  }

  /** Moves a record's file. */
  record(fingerprint: string): void {
    this.#move(recordPath(this.#layout, fingerprint))
  }

  #move(path: string): void {
    const stamp = `${Date.now()}-${process.pid}`
    try {
      fs.renameSync(path, join(this.#layout.quarantine, `${basename(path)}.${stamp}`))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    }
  }
}
