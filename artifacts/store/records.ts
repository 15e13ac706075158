/** Records: fingerprint → outputs. The files are the truth, the index a faster way to them. */
import * as fs from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ArtifactError } from "../../schemas/errors.ts"
import { canonicalJson } from "../canonicalJson.ts"
import { errnoOf, unreadable, unwritable } from "../failures.ts"
import { NodeRecord } from "../NodeRecord.ts"
import { hold, settled } from "./collecting.ts"
import { publish, writeTemporary } from "./durable.ts"
import type { Index } from "./Index.ts"
import { isId, type Layout, recordPath } from "./layout.ts"

const decodeRecord = Schema.decodeUnknownOption(Schema.fromJsonString(NodeRecord))

/** Undefined where there is none, or one that cannot be read: then the node runs again. */
export const readRecord = (layout: Layout, fingerprint: string): NodeRecord | undefined => {
  const path = recordPath(layout, fingerprint)
  // A stat costs less than an exception where, as in a fresh store, most are absent.
  if (fs.statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  let text: string
  try {
    text = fs.readFileSync(path, "utf8")
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined
    throw error
  }
  const record = Option.getOrUndefined(decodeRecord(text))
  return record?.fingerprint === fingerprint ? record : undefined
}

/** Names of the form `ab/<id><suffix>` below a folder. */
export const idsIn = (folder: string, suffix: string): ReadonlyArray<string> => {
  if (!fs.existsSync(folder)) return []
  return fs.readdirSync(folder).flatMap((prefix) =>
    /^[0-9a-f]{2}$/.test(prefix)
      ? fs.readdirSync(join(folder, prefix)).flatMap((name) => {
          const id = name.slice(0, 64)
          return isId(id) && name.slice(64) === suffix ? [id] : []
        })
      : []
  )
}

export class Records {
  readonly #layout: Layout
  readonly #index: Index

  constructor(layout: Layout, index: Index) {
    this.#layout = layout
    this.#index = index
  }

  record(fingerprint: string): Effect.Effect<Option.Option<NodeRecord>, ArtifactError> {
    return Effect.try({
      try: () => Option.fromUndefinedOr(this.#find(fingerprint)),
      catch: unreadable(this.#layout.records)
    })
  }

  latest(
    pipeline: string,
    node: string,
    stage: string | undefined
  ): Effect.Effect<Option.Option<NodeRecord>, ArtifactError> {
    return Effect.sync(() => Option.fromUndefinedOr(this.#index.latest(pipeline, node, stage)))
  }

  write(record: NodeRecord): Effect.Effect<void, ArtifactError> {
    return Effect.tryPromise({
      try: async () => {
        const path = recordPath(this.#layout, record.fingerprint)
        hold(this.#layout, [record.fingerprint, ...Object.values(record.outputs)])
        if (fs.existsSync(path)) await settled(this.#layout)
        const from = writeTemporary(this.#layout.tmp, `${canonicalJson(record)}\n`)
        try {
          await publish([{ from, to: path }])
        } finally {
          fs.rmSync(from, { force: true })
        }
        this.#index.addRecord(record)
      },
      catch: unwritable(recordPath(this.#layout, record.fingerprint))
    })
  }

  all(): Effect.Effect<ReadonlyArray<NodeRecord>, ArtifactError> {
    return Effect.try({ try: () => this.known(), catch: unreadable(this.#layout.records) })
  }

  /** Every record whose file is there. */
  known(): ReadonlyArray<NodeRecord> {
    return idsIn(this.#layout.records, ".json").flatMap((fingerprint) => this.#find(fingerprint) ?? [])
  }

  /** Drops records and objects from the index, here and on disk. */
  forget(fingerprints: ReadonlyArray<string>, digests: ReadonlyArray<string>): void {
    this.#index.drop(fingerprints, digests)
  }

  #find(fingerprint: string): NodeRecord | undefined {
    const known = this.#index.record(fingerprint)
    if (known !== undefined) return known
    const found = readRecord(this.#layout, fingerprint)
    if (found !== undefined) this.#index.addRecord(found)
    return found
  }
}
