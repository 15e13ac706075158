/**
 * Reads and hashes every object again, and looks at every manifest and record. What is damaged goes to quarantine, with
 * the records that promise it; records that were made from it are named, since nobody can tell whether they read it
 * before or after.
 */
import * as fs from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { ArtifactError } from "../../schemas/errors.ts"
import { errnoOf, isDamage, messageOf, unreadable } from "../failures.ts"
import type { NodeRecord } from "../NodeRecord.ts"
import type { Verification, VerifyOptions } from "../Store.ts"
import { hashFile } from "./fileFacts.ts"
import type { Index } from "./Index.ts"
import { isId, type Layout, manifestPath, manifestSuffix, objectPath, shard } from "./layout.ts"
import { readManifest } from "./manifests.ts"
import type { Quarantine } from "./quarantine.ts"
import type { Records } from "./records.ts"
import { madeFromDamaged } from "./suspects.ts"

type Finding =
  | { readonly type: "whole"; readonly bytes: number }
  /** `manifestOnly`: the bytes are right, or nobody can tell for want of a manifest. They stay where they are. */
  | {
      readonly type: "damaged"
      readonly bytes: number
      readonly detail: string
      readonly manifestOnly: boolean
    }
  /** For want of a right to read it; whoever owns it may. */
  | { readonly type: "unreadable"; readonly detail: string }

/** How long objects are looked at before timers and signals have their turn. */
const turn = 20

export const verifyStore = (
  layout: Layout,
  index: Index,
  records: Records,
  quarantine: Quarantine,
  options: VerifyOptions
): Effect.Effect<Verification, ArtifactError> =>
  Effect.gen(function* () {
    const failure = unreadable(layout.root)
    const attempt = <A>(act: () => A) => Effect.try({ try: act, catch: failure })
    const found = new Report(quarantine)
    const all = yield* attempt(() => readableRecords(layout, records, found))
    const makers = makersOf(all)
    const seen = yield* attempt(() => objectsIn(layout, found))
    const digests = [...new Set([...seen, ...makers.keys()])].sort()
    let bytes = 0
    let until = performance.now() + turn
    for (const [i, digest] of digests.entries()) {
      const looked = inspect(layout, index, digest, makers.has(digest))
      const finding =
        looked instanceof Promise ? yield* Effect.tryPromise({ try: () => looked, catch: failure }) : looked
      if (finding.type === "unreadable") found.unreadable(digest, finding.detail, namesOf(makers.get(digest)))
      else {
        bytes += finding.bytes
        if (finding.type === "damaged") found.damaged(digest, finding, namesOf(makers.get(digest)))
      }
      options.onProgress?.(i + 1, digests.length)
      if (performance.now() < until) continue
      yield* Effect.yieldNow
      until = performance.now() + turn
    }
    const gone = new Set(found.corrupt.filter(({ kept }) => !kept).map(({ digest }) => digest))
    const removed = yield* attempt(() => new Set(gone.size === 0 ? [] : found.forgetPromises(gone, all)))
    const suspects = yield* attempt(() =>
      madeFromDamaged(
        layout,
        all.filter((record) => !removed.has(record))
      )
    )
    if (options.forget === true)
      yield* attempt(() => records.remove(suspects.map(({ fingerprint }) => fingerprint)))
    return {
      objects: digests.length,
      bytes,
      corrupt: found.corrupt.map(({ digest, detail, nodes }) => ({ digest, detail, nodes })),
      unreadable: found.unreadables,
      suspects,
      forgotten: options.forget === true ? suspects.length : 0
    }
  })

/** Gathers what is found, and sets aside what is damaged as it is found. */
class Report {
  readonly corrupt: Array<Verification["corrupt"][number] & { readonly kept: boolean }> = []
  readonly unreadables: Array<Verification["unreadable"][number]> = []
  readonly #quarantine: Quarantine

  constructor(quarantine: Quarantine) {
    this.#quarantine = quarantine
  }

  damaged(
    digest: string,
    finding: Finding & { readonly type: "damaged" },
    nodes: ReadonlyArray<string>
  ): void {
    const { manifestOnly, detail } = finding
    const problem = this.#setAside(() =>
      manifestOnly ? this.#quarantine.manifest(digest) : this.#quarantine.objectFiles(digest)
    )
    this.corrupt.push({ digest, nodes, detail: `${detail}${problem}`, kept: problem !== "" })
  }

  record(fingerprint: string): void {
    const problem = this.#setAside(() => this.#quarantine.record(fingerprint))
    this.corrupt.push({
      digest: fingerprint,
      nodes: [],
      detail: `its record is damaged${problem}`,
      kept: true
    })
  }

  unreadable(id: string, detail: string, nodes: ReadonlyArray<string>): void {
    this.unreadables.push({ digest: id, detail, nodes })
  }

  /** The records that promise what is gone now, set aside too. */
  forgetPromises(gone: ReadonlySet<string>, all: ReadonlyArray<NodeRecord>): ReadonlyArray<NodeRecord> {
    const records = all.filter(({ outputs }) => Object.values(outputs).some((digest) => gone.has(digest)))
    for (const { fingerprint } of records) this.#setAside(() => this.#quarantine.record(fingerprint))
    this.#quarantine.evict(records, gone)
    return records
  }

  /** A store that may only be read is looked at all the same. */
  #setAside(act: () => void): string {
    try {
      act()
      return ""
    } catch (error) {
      if (error instanceof ArtifactError) return "; it could not be moved to quarantine"
      throw error
    }
  }
}

const namesOf = (makers: ReadonlyArray<NodeRecord> | undefined): ReadonlyArray<string> =>
  (makers ?? []).map(({ pipeline, node }) => `${pipeline}/${node}`)

/** All records but damaged ones, which are set aside, and those that cannot be read. */
const readableRecords = (layout: Layout, records: Records, found: Report): ReadonlyArray<NodeRecord> =>
  listed(layout.records, found).flatMap(({ folder, names }) =>
    names.flatMap((name) => {
      const fingerprint = name.slice(0, 64)
      if (!isId(fingerprint) || name !== `${fingerprint}.json`) return []
      try {
        // The file itself is read: the index would hide its damage.
        const record = records.read(fingerprint)
        if (record !== undefined) return [record]
        if (fs.existsSync(join(folder, name))) found.record(fingerprint)
      } catch (error) {
        if (isRight(error)) found.unreadable(fingerprint, "its record may not be read", [])
        else if (isDamage(error)) found.record(fingerprint)
        else throw error
      }
      return []
    })
  )

const makersOf = (records: ReadonlyArray<NodeRecord>): ReadonlyMap<string, ReadonlyArray<NodeRecord>> => {
  const makers = new Map<string, Array<NodeRecord>>()
  for (const record of records)
    for (const digest of new Set(Object.values(record.outputs))) {
      const known = makers.get(digest)
      if (known === undefined) makers.set(digest, [record])
      else known.push(record)
    }
  return makers
}

/** The folders `ab/` of a folder and what is in them; one that cannot be listed is told of. */
const listed = (
  parent: string,
  found: Report
): ReadonlyArray<{ readonly folder: string; readonly names: ReadonlyArray<string> }> =>
  (fs.existsSync(parent) ? fs.readdirSync(parent) : [])
    .filter((prefix) => /^[0-9a-f]{2}$/.test(prefix))
    .flatMap((prefix) => {
      const folder = join(parent, prefix)
      try {
        return [{ folder, names: fs.readdirSync(folder) }]
      } catch (error) {
        if (!isDamage(error)) throw error
        found.unreadable(prefix, `the folder ${folder} cannot be read (${messageOf(error)})`, [])
        return []
      }
    })

const objectsIn = (layout: Layout, found: Report): ReadonlySet<string> =>
  new Set(
    listed(layout.objects, found).flatMap(({ names }) => names.map((name) => name.slice(0, 64)).filter(isId))
  )

/** Digests that have any file. */
export const digestsIn = (layout: Layout): ReadonlySet<string> => {
  const digests = new Set<string>()
  for (const prefix of fs.existsSync(layout.objects) ? fs.readdirSync(layout.objects) : [])
    if (/^[0-9a-f]{2}$/.test(prefix))
      for (const name of fs.readdirSync(join(layout.objects, prefix)))
        if (isId(name.slice(0, 64))) digests.add(name.slice(0, 64))
  return digests
}

const isRight = (error: unknown): boolean => errnoOf(error) === "EACCES" || errnoOf(error) === "EPERM"

const inspect = (
  layout: Layout,
  index: Index,
  digest: string,
  promised: boolean
): Finding | Promise<Finding> => {
  const described = manifestPath(layout, digest)
  let manifest: ReturnType<typeof readManifest>
  try {
    manifest = readManifest(layout, digest)
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error
    if (error.reason === "missing")
      return promised
        ? { type: "damaged", bytes: 0, detail: "its manifest or its bytes are missing", manifestOnly: true }
        : { type: "whole", bytes: 0 }
    if (!mayRead(described)) return { type: "unreadable", detail: "its manifest may not be read" }
    if (error.reason !== "corrupt") throw error
    return { type: "damaged", bytes: 0, detail: "its manifest cannot be read", manifestOnly: true }
  }
  const path = objectPath(layout, digest, manifest.extension)
  const { bytes, extension } = manifest
  const look = (found: string | undefined, size: number): Finding => {
    if (found === undefined)
      // A process that was killed between the two renames leaves a manifest alone: nobody was promised the object.
      return promised
        ? { type: "damaged", bytes: 0, detail: "its bytes are missing", manifestOnly: false }
        : { type: "whole", bytes: 0 }
    const damage = (detail: string, manifestOnly: boolean): Finding => ({
      type: "damaged",
      bytes: size,
      detail,
      manifestOnly
    })
    if (found !== digest)
      return damage(
        size === bytes
          ? `its bytes hash to ${found.slice(0, 12)}`
          : `it has ${size} bytes instead of ${bytes}`,
        false
      )
    if (size !== bytes) return damage("its manifest gives it another size than it has", true)
    const manifestBytes = fs.statSync(described, { throwIfNoEntry: false })?.size
    if (manifestBytes !== undefined) index.addObject(digest, { bytes, manifestBytes, extension })
    return { type: "whole", bytes: size }
  }
  const fault = (error: unknown): Finding => {
    if (errnoOf(error) === "ENOENT") return look(undefined, 0)
    if (isRight(error)) return { type: "unreadable", detail: `it may not be read (${messageOf(error)})` }
    if (!isDamage(error)) throw error
    return {
      type: "damaged",
      bytes: 0,
      detail: `it cannot be read (${messageOf(error)})`,
      manifestOnly: false
    }
  }
  try {
    const hashed = hashFile(path)
    return hashed instanceof Promise
      ? hashed.then((one) => look(one.digest, Number(one.facts.size)), fault)
      : look(hashed.digest, Number(hashed.facts.size))
  } catch (error) {
    return fault(error)
  }
}

const mayRead = (path: string): boolean => {
  try {
    fs.accessSync(path, fs.constants.R_OK)
    return true
  } catch (error) {
    return !isRight(error)
  }
}

/** Objects by digest with everything that `gc` removes of them. */
export const filesOf = (layout: Layout, digest: string): ReadonlyArray<string> => {
  const folder = shard(layout.objects, digest)
  if (!fs.existsSync(folder)) return []
  const names = fs.readdirSync(folder).filter((name) => name.startsWith(digest))
  // The object before its manifest: an object that can be seen has one.
  return names
    .sort((a, b) => Number(a.endsWith(manifestSuffix)) - Number(b.endsWith(manifestSuffix)))
    .map((name) => join(folder, name))
}
