/**
 * A store for the engine's own tests: JSON kinds only, plain files, no durability. Shared between processes, so that
 * leases and crashes can be tested without the real one.
 */
import { createHash } from "node:crypto"
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { NodeRecord } from "../../artifacts/NodeRecord.ts"
import { Store } from "../../artifacts/Store.ts"
import type { StoreShape } from "../../artifacts/Store.ts"
import { canonicalJson } from "../../artifacts/canonicalJson.ts"
import { corrupt, unreadable, unwritable } from "../../artifacts/failures.ts"

export const folderStore = (root: string): StoreShape => {
  for (const name of ["objects", "records", "leases", "runs", "tmp"])
    mkdirSync(join(root, name), { recursive: true })
  const objectPath = (digest: string): string => join(root, "objects", digest)
  const recordPath = (fingerprint: string): string => join(root, "records", fingerprint)
  const put = (path: string, text: string): void => {
    writeFileSync(`${path}.${process.pid}`, text)
    renameSync(`${path}.${process.pid}`, path)
  }
  const readRecord = (fingerprint: string): NodeRecord | undefined =>
    existsSync(recordPath(fingerprint))
      ? (JSON.parse(readFileSync(recordPath(fingerprint), "utf8")) as NodeRecord)
      : undefined
  const allRecords = (): ReadonlyArray<NodeRecord> =>
    readdirSync(join(root, "records"))
      .map((name) => readRecord(name)!)
      .sort((a, b) => (a.started < b.started ? -1 : 1))
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return true
    } catch {
      return false
    }
  }
  const unused = Effect.die("not part of this store")
  return {
    root,
    write: (kind, value, producer, lineage) =>
      Effect.try({
        try: () => {
          const text = canonicalJson(value)
          const digest = createHash("sha256").update(text).digest("hex")
          put(objectPath(digest), text)
          return {
            digest,
            kind: kind.name,
            format: kind.format,
            codec: 1,
            extension: "json",
            bytes: text.length,
            rows: null,
            dims: null,
            layout: {},
            producer,
            lineage: [...lineage],
            created: ""
          }
        },
        catch: unwritable(root)
      }),
    open: (_, digest) =>
      Effect.try({
        try: () => {
          const path = objectPath(digest)
          if (statSync(path).size === 0) {
            rmSync(path)
            throw corrupt(path, "empty")
          }
          return { read: Effect.sync(() => JSON.parse(readFileSync(path, "utf8")) as unknown) } as never
        },
        catch: unreadable(objectPath(digest))
      }),
    manifest: () => unused,
    pathOf: (digest) => Effect.succeed(objectPath(digest)),
    present: (digests) => Effect.sync(() => [...digests].every((digest) => existsSync(objectPath(digest)))),
    resolve: () => unused,
    record: (fingerprint) => Effect.sync(() => Option.fromUndefinedOr(readRecord(fingerprint))),
    latest: (pipeline, node) =>
      Effect.sync(() =>
        Option.fromUndefinedOr(
          allRecords()
            .filter((record) => record.pipeline === pipeline && record.node === node)
            .at(-1)
        )
      ),
    writeRecord: (record) => Effect.sync(() => put(recordPath(record.fingerprint), JSON.stringify(record))),
    records: Effect.sync(allRecords),
    lease: (name) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          const path = join(root, "leases", name)
          try {
            writeFileSync(path, String(process.pid), { flag: "wx" })
            return path
          } catch {
            if (isAlive(Number(readFileSync(path, "utf8")))) return undefined
            writeFileSync(path, String(process.pid))
            return path
          }
        }),
        (path) => Effect.sync(() => path !== undefined && rmSync(path, { force: true }))
      ).pipe(Effect.map((path) => path !== undefined)),
    verify: () =>
      Effect.sync(() => {
        const wrong = readdirSync(join(root, "objects")).filter(
          (digest) =>
            createHash("sha256")
              .update(readFileSync(objectPath(digest)))
              .digest("hex") !== digest
        )
        for (const digest of wrong) rmSync(objectPath(digest))
        return { objects: 0, bytes: 0, corrupt: wrong.map((digest) => ({ digest, detail: "", nodes: [] })) }
      }),
    gc: () => unused,
    rebuildIndex: unused
  }
}

export const folderStoreLayer = (root: string): Layer.Layer<Store> =>
  Layer.sync(Store, () => folderStore(root))
