/** Reads and hashes every object again; what is damaged goes to quarantine, with the records that promise it. */
import * as fs from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { ArtifactError } from "../../schemas/errors.ts"
import { unreadable } from "../failures.ts"
import type { Manifest } from "../Manifest.ts"
import type { Verification } from "../Store.ts"
import type { Index } from "./Index.ts"
import { isId, type Layout, manifestPath, manifestSuffix, objectPath, shard } from "./layout.ts"
import { hashOf, readManifest } from "./objects.ts"
import type { Quarantine } from "./quarantine.ts"
import { idsIn, readRecord, type Records } from "./records.ts"

interface Finding {
  readonly bytes: number
  /** Undefined where the object is whole. */
  readonly fault: string | undefined
}

export const verifyStore = (
  layout: Layout,
  index: Index,
  records: Records,
  quarantine: Quarantine,
  onProgress: (done: number, total: number) => void
): Effect.Effect<Verification, ArtifactError> =>
  Effect.gen(function* () {
    const failure = unreadable(layout.root)
    const attempt = <A>(act: () => A) => Effect.try({ try: act, catch: failure })
    yield* attempt(() => setAsideUnreadableRecords(layout, quarantine))
    const promised = yield* attempt(() => promisedBy(records))
    const digests = yield* attempt(() => [...new Set([...digestsIn(layout), ...promised])].sort())
    const corrupt: Array<Verification["corrupt"][number]> = []
    let bytes = 0
    for (const [i, digest] of digests.entries()) {
      const finding = yield* attempt(() => inspect(layout, index, digest, promised.has(digest)))
      bytes += finding.bytes
      if (finding.fault !== undefined) {
        const fault = finding.fault
        const nodes = yield* attempt(() => quarantine.object(digest))
        corrupt.push({
          digest,
          detail: fault,
          nodes: nodes.map(({ pipeline, node }) => `${pipeline}/${node}`)
        })
      }
      onProgress(i + 1, digests.length)
      yield* Effect.yieldNow
    }
    return { objects: digests.length, bytes, corrupt }
  })

const setAsideUnreadableRecords = (layout: Layout, quarantine: Quarantine): void => {
  for (const fingerprint of idsIn(layout.records, ".json"))
    if (readRecord(layout, fingerprint) === undefined) quarantine.record(fingerprint)
}

const promisedBy = (records: Records): ReadonlySet<string> =>
  new Set(records.known().flatMap(({ outputs }) => Object.values(outputs)))

/** Digests that have any file. */
export const digestsIn = (layout: Layout): ReadonlySet<string> => {
  const digests = new Set<string>()
  for (const prefix of fs.existsSync(layout.objects) ? fs.readdirSync(layout.objects) : [])
    for (const name of fs.readdirSync(join(layout.objects, prefix)))
      if (isId(name.slice(0, 64))) digests.add(name.slice(0, 64))
  return digests
}

const inspect = (layout: Layout, index: Index, digest: string, promised: boolean): Finding => {
  let manifest: Manifest
  try {
    manifest = readManifest(layout, digest)
  } catch {
    const any = fs.existsSync(shard(layout.objects, digest)) && fs.existsSync(manifestPath(layout, digest))
    return {
      bytes: 0,
      fault: any
        ? "its manifest cannot be read"
        : `its manifest${promised ? " or its bytes are" : " is"} missing`
    }
  }
  const path = objectPath(layout, digest, manifest.extension)
  const stat = fs.statSync(path, { throwIfNoEntry: false })
  // A process that was killed between the two renames leaves a manifest alone: nobody was promised the object.
  if (stat === undefined) return { bytes: 0, fault: promised ? "its bytes are missing" : undefined }
  if (stat.size !== manifest.bytes)
    return { bytes: stat.size, fault: `it has ${stat.size} bytes instead of ${manifest.bytes}` }
  const found = hashOf(path)
  if (found !== digest) return { bytes: stat.size, fault: `its bytes hash to ${found.slice(0, 12)}` }
  index.addObject(digest, { bytes: stat.size, extension: manifest.extension, mtime: stat.mtimeMs })
  return { bytes: stat.size, fault: undefined }
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
