/** Records: fingerprint → outputs. The files are the truth, the index a faster way to them. */
import * as fs from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ArtifactError } from "../../schemas/errors.ts"
import { errnoOf, isDamage, unreadable, unwritable } from "../failures.ts"
import { NodeRecord } from "../NodeRecord.ts"
import { makeWay } from "./aside.ts"
import { hold, settled } from "./collecting.ts"
import { publish, writeTemporary } from "./durable.ts"
import type { Index } from "./Index.ts"
import type { RecordFile } from "./indexLines.ts"
import { isId, type Layout, recordPath } from "./layout.ts"
import { checkSum, withSum } from "./sums.ts"

const decodeRecord = Schema.decodeUnknownOption(NodeRecord)

/** Undefined where there is none, or one that is damaged. Throws what the file system throws. */
export const readRecord = (layout: Layout, fingerprint: string): NodeRecord | undefined => {
  let text: string
  try {
    text = fs.readFileSync(recordPath(layout, fingerprint), "utf8")
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined
    throw error
  }
  const record = Option.getOrUndefined(decodeRecord(checkSum(fingerprint, text)))
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
  /** Whether the index knows every record there is. */
  #complete = false

  constructor(layout: Layout, index: Index) {
    this.#layout = layout
    this.#index = index
  }

  /** None where there is none, or one that is damaged or cannot be read: then the node runs, and writes it anew. */
  record(fingerprint: string): Effect.Effect<Option.Option<NodeRecord>, ArtifactError> {
    return Effect.try({
      try: () => Option.fromUndefinedOr(this.#findReadable(fingerprint)),
      catch: unreadable(this.#layout.records)
    })
  }

  latest(
    pipeline: string,
    node: string,
    stage: string | undefined
  ): Effect.Effect<Option.Option<NodeRecord>, ArtifactError> {
    return Effect.try({
      try: () => {
        this.#completeIndex()
        for (;;) {
          const fingerprint = this.#index.latest(pipeline, node, stage)
          if (fingerprint === undefined) return Option.none()
          const record = this.#findReadable(fingerprint)
          if (record !== undefined) return Option.some(record)
          this.#index.evict([fingerprint], [])
        }
      },
      catch: unreadable(this.#layout.records)
    })
  }

  write(record: NodeRecord): Effect.Effect<void, ArtifactError> {
    return Effect.tryPromise({
      try: async () => {
        const path = recordPath(this.#layout, record.fingerprint)
        hold(this.#layout, [record.fingerprint, ...Object.values(record.outputs)])
        if (fs.existsSync(path)) await settled(this.#layout)
        makeWay(this.#layout, path)
        const from = writeTemporary(this.#layout.tmp, withSum(record.fingerprint, record))
        // Renaming keeps size and time.
        const { size: bytes, mtimeMs: mtime } = fs.fstatSync(from.file)
        await publish([{ from, to: path }])
        this.#index.addRecord(record, { bytes, mtime })
      },
      catch: unwritable(recordPath(this.#layout, record.fingerprint))
    })
  }

  all(): Effect.Effect<ReadonlyArray<NodeRecord>, ArtifactError> {
    return Effect.try({ try: () => this.known(), catch: unreadable(this.#layout.records) })
  }

  /** Every record whose file is there and whole. Throws where one cannot be read. */
  known(): ReadonlyArray<NodeRecord> {
    return idsIn(this.#layout.records, ".json").flatMap((fingerprint) => this.find(fingerprint) ?? [])
  }

  /** The record of a fingerprint whose file is there and whole. Throws where it cannot be read. */
  find(fingerprint: string): NodeRecord | undefined {
    // What the index says holds for the file that it was told of, and for no other.
    const file = fileOf(recordPath(this.#layout, fingerprint))
    if (file === undefined) return undefined
    const known = this.#index.record(fingerprint)
    if (known !== undefined && known.file.bytes === file.bytes && known.file.mtime === file.mtime)
      return known.record
    const found = readRecord(this.#layout, fingerprint)
    return found === undefined ? undefined : this.#index.addRecord(found, file)
  }

  /** The record of a fingerprint as its file has it; undefined where it is damaged. Throws where it cannot be read. */
  read(fingerprint: string): NodeRecord | undefined {
    const file = fileOf(recordPath(this.#layout, fingerprint))
    const found = file === undefined ? undefined : readRecord(this.#layout, fingerprint)
    if (found === undefined) return undefined
    const known = this.#index.record(fingerprint)?.file
    return known?.bytes === file?.bytes && known?.mtime === file?.mtime
      ? found
      : this.#index.addRecord(found, file!)
  }

  /** Forgets records and objects that are gone, in this process. */
  evict(fingerprints: Iterable<string>, digests: Iterable<string>): void {
    this.#index.evict(fingerprints, digests)
  }

  /** Drops records and objects from the index, here and on disk. */
  forget(fingerprints: Iterable<string>, digests: Iterable<string>): void {
    this.#index.drop(fingerprints, digests)
  }

  /** Removes records: their nodes run again. */
  remove(fingerprints: ReadonlyArray<string>): void {
    for (const fingerprint of fingerprints)
      fs.rmSync(recordPath(this.#layout, fingerprint), { force: true, recursive: true })
    this.#index.evict(fingerprints, [])
  }

  #findReadable(fingerprint: string): NodeRecord | undefined {
    try {
      return this.find(fingerprint)
    } catch (error) {
      if (isDamage(error)) return undefined
      throw error
    }
  }

  /** Once a process, where reasons are asked for: what the index lacks is read from the files. */
  #completeIndex(): void {
    if (this.#complete) return
    this.#complete = true
    const there = new Set(idsIn(this.#layout.records, ".json"))
    this.#index.evict(
      [...this.#index.fingerprints()].filter((fingerprint) => !there.has(fingerprint)),
      []
    )
    for (const fingerprint of there)
      if (this.#index.record(fingerprint) === undefined) this.#findReadable(fingerprint)
  }
}

/** Undefined where there is none. */
const fileOf = (path: string): RecordFile | undefined => {
  const stat = fs.statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? undefined : { bytes: stat.size, mtime: stat.mtimeMs }
}
