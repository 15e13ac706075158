import { describe, expect, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import mutable, * as fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { layoutOf } from "../../../artifacts/store/layout.ts"
import { acquireLease } from "../../../artifacts/store/leases.ts"
import { holdWhole } from "../../../artifacts/store/presence.ts"
import { ownerKey, ownIdentity } from "../../../artifacts/store/processIdentity.ts"
import { Store } from "../../../artifacts/Store.ts"
import { idOf, inStore, recordOf, Summary, temporaryFolder } from "../fixtures.ts"

/** A run's folder as the engine writes it, as far as `gc` looks. */
const writeRun = (
  root: string,
  id: string,
  fingerprints: ReadonlyArray<string>,
  more: { readonly status?: string; readonly pid?: number; readonly started?: string } = {}
): void => {
  fs.mkdirSync(path.join(root, "runs", id), { recursive: true })
  const nodes = Object.fromEntries(fingerprints.map((fingerprint, i) => [`n${i}`, { fingerprint }]))
  fs.writeFileSync(
    path.join(root, "runs", id, "run.json"),
    JSON.stringify({
      id,
      status: more.status ?? "done",
      started: more.started ?? `2026-01-0${id.at(-1)}T00:00:00.000Z`,
      process: { ...ownIdentity(), ...(more.pid === undefined ? {} : { pid: more.pid }) },
      nodes
    })
  )
}

/** Makes everything in the store as old as if it had been written long ago. */
const ageAll = (root: string): void => {
  for (const folder of ["objects", "records"])
    for (const name of fs.readdirSync(path.join(root, folder), { recursive: true }) as Array<string>) {
      const file = path.join(root, folder, name)
      if (fs.statSync(file).isFile()) fs.utimesSync(file, new Date(2020, 0), new Date(2020, 0))
    }
}

/** Runs 1, 2 and 3: each made one node of its own; run 3 also used run 1's node, whose output fed its own. */
const threeRuns = Effect.gen(function* () {
  const root = yield* temporaryFolder
  const producer = { pipeline: "test", node: "n", output: "out", stage: "test/stage", fingerprint: idOf(9) }
  const digests = yield* inStore(
    root,
    Effect.gen(function* () {
      const store = yield* Store
      const digests: Array<string> = []
      for (const n of [1, 2, 3]) {
        const { digest } = yield* store.write(Summary, { name: "run", score: n }, producer, [])
        digests.push(digest)
        const inputs = n === 3 ? { before: digests[0]! } : {}
        yield* store.writeRecord(recordOf(n, { out: digest }, { run: `run-${n}`, inputs }))
      }
      yield* store.write(Summary, { name: "imported", score: 0 }, null, [])
      yield* store.write(Summary, { name: "orphan", score: 0 }, producer, [])
      return digests
    })
  )
  writeRun(root, "run-1", [idOf(1)])
  writeRun(root, "run-2", [idOf(2)])
  writeRun(root, "run-3", [idOf(3)])
  ageAll(root)
  return { root, digests }
})

const collect = (root: string, keepRuns: number, dryRun = false) =>
  inStore(
    root,
    Effect.flatMap(Store, (store) => store.gc({ keepRuns, dryRun }))
  )

const kept = (root: string) =>
  inStore(
    root,
    Effect.gen(function* () {
      const store = yield* Store
      const found: Array<number> = []
      for (const n of [1, 2, 3, 4]) {
        const record = yield* store.record(idOf(n))
        if (Option.isNone(record)) continue
        expect(yield* store.present(Object.values(record.value.outputs))).toBe(true)
        found.push(n)
      }
      return found
    })
  )

/** How often gc asks the file system for something, by what; and how many files it removes. */
const callsOf = Effect.fnUntraced(function* (records: number, dryRun: boolean) {
  const root = yield* temporaryFolder
  const producer = { pipeline: "test", node: "n", output: "out", stage: "test/stage", fingerprint: idOf(9) }
  yield* inStore(root, Store)
  for (let n = 1; n <= records; n++) {
    const digest = createHash("sha256").update(String(n)).digest("hex")
    const fingerprint = createHash("sha256").update(`record ${n}`).digest("hex")
    const [objects, kept] = [
      `${root}/objects/${digest.slice(0, 2)}`,
      `${root}/records/${fingerprint.slice(0, 2)}`
    ]
    for (const folder of [objects, kept]) fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(`${objects}/${digest}.json`, "{}")
    fs.writeFileSync(`${objects}/${digest}.manifest.json`, JSON.stringify({ producer }))
    const record = { ...recordOf(n, { out: digest }), fingerprint }
    fs.writeFileSync(`${kept}/${fingerprint}.json`, JSON.stringify(record))
  }
  const counted = ["readdirSync", "openSync", "readFileSync", "statSync", "lstatSync", "existsSync"] as const
  const calls = { listings: 0, others: 0 }
  const real = Object.fromEntries(counted.map((name) => [name, mutable[name]]))
  for (const name of counted)
    Object.assign(mutable, {
      [name]: (...given: ReadonlyArray<unknown>) => {
        calls[name === "readdirSync" ? "listings" : "others"] += 1
        return (real[name] as (...given: ReadonlyArray<unknown>) => unknown)(...given)
      }
    })
  syncBuiltinESMExports()
  const removed = yield* collect(root, 0, dryRun).pipe(
    Effect.ensuring(
      Effect.sync(() => {
        Object.assign(mutable, real)
        syncBuiltinESMExports()
      })
    )
  )
  expect(removed).toMatchObject({ objects: records, records })
  return calls
})

describe("gc", () => {
  it.effect("asks for no more than a few things an object, and lists each folder once", () =>
    Effect.gen(function* () {
      for (const dryRun of [true, false]) {
        const [small, large] = [yield* callsOf(100, dryRun), yield* callsOf(300, dryRun)]
        // Records and objects, 256 folders each, a few times; not once an object.
        expect(large.listings).toBeLessThan(3 * 512)
        expect(large.others - small.others).toBeLessThan(200 * 9)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("with --dry-run writes nothing but the index", () =>
    Effect.gen(function* () {
      const { root } = yield* threeRuns
      const state = () =>
        fs
          .readdirSync(root, { recursive: true, encoding: "utf8" })
          .sort()
          .filter((name) => !name.startsWith("index"))
          .map((name) => {
            const { mtimeMs, ino, size } = fs.lstatSync(path.join(root, name))
            return [name, mtimeMs, ino, size]
          })
      // Of another machine, which a rule that needs a stamp would write for.
      const elsewhere = ownerKey({ ...ownIdentity(), machine: "another boot" })
      fs.writeFileSync(path.join(root, "live", `${elsewhere}-00112233aabbccdd.held`), `{}\n${idOf(2)}\n`)
      const before = state()
      expect(yield* collect(root, 1, true)).toMatchObject({ objects: 1, records: 0 })
      expect(state()).toEqual(before)
    }).pipe(Effect.scoped)
  )

  it.effect("keeps what cannot be told from an import, and follows no link out of the store", () =>
    Effect.gen(function* () {
      const { root, digests } = yield* threeRuns
      const [outside, made] = [path.join(root, "..", `${path.basename(root)}-outside`), digests[1]!]
      fs.mkdirSync(outside)
      fs.writeFileSync(path.join(outside, `${idOf(7)}.json`), "{}")
      fs.symlinkSync(outside, path.join(root, "objects", "zz"))
      fs.symlinkSync(outside, path.join(root, "checkpoints", idOf(7)))
      fs.symlinkSync(outside, path.join(root, "runs", "r261124-231247-04f3a-9"))
      const manifests = fs
        .readdirSync(path.join(root, "objects"), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".manifest.json"))
      for (const name of manifests) fs.writeFileSync(path.join(root, "objects", name), "{ torn")
      // Runs 1 to 3 say that nodes made theirs; of the imported and the orphaned one nobody can tell.
      expect(yield* collect(root, 0)).toMatchObject({ objects: 3, records: 3 })
      const left = fs.readdirSync(path.join(root, "objects"), { recursive: true, encoding: "utf8" })
      expect(left.filter((name) => name.endsWith(".manifest.json"))).toHaveLength(2)
      expect(left.some((name) => name.includes(made))).toBe(false)
      expect(fs.readdirSync(outside)).toEqual([`${idOf(7)}.json`])
      expect(fs.readdirSync(path.join(root, "checkpoints"))).toEqual([])
      fs.rmSync(outside, { recursive: true })
    }).pipe(Effect.scoped)
  )

  it.effect("C22 - waits while the whole store is looked at, and for another collection", () =>
    Effect.gen(function* () {
      const { root } = yield* threeRuns
      const layout = layoutOf(root)
      for (const begin of [
        () => holdWhole(root),
        () => acquireLease(layout.leases, layout.tmp, "gc")!.release
      ]) {
        const end = begin()
        const fiber = yield* Effect.forkChild(collect(root, 3))
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 300)))
        expect(fiber.pollUnsafe()).toBe(undefined)
        expect(fs.readdirSync(path.join(root, "live")).some((name) => name === "gc.json")).toBe(true)
        end()
        expect((yield* Fiber.join(fiber)).records).toBe(0)
      }
    }).pipe(Effect.scoped)
  )
  it.effect("keeps what the newest runs reach and what was imported, and counts the rest", () =>
    Effect.gen(function* () {
      const { root } = yield* threeRuns
      const counted = yield* collect(root, 1, true)
      expect(counted).toMatchObject({ objects: 2, records: 1 })
      expect(yield* kept(root)).toEqual([1, 2, 3])
      const removed = yield* collect(root, 1)
      expect(removed).toEqual(counted)
      // Run 3 needs run 1's node, as the maker of its input.
      expect(yield* kept(root)).toEqual([1, 3])
      expect(yield* collect(root, 1)).toEqual({ objects: 0, bytes: 0, records: 0 })
      expect(yield* collect(root, 0)).toMatchObject({ objects: 2, records: 2 })
      expect(yield* kept(root)).toEqual([])
      const files = (fs.readdirSync(`${root}/objects`, { recursive: true }) as Array<string>).filter((name) =>
        name.includes(".")
      )
      expect(files).toHaveLength(2)
    }).pipe(Effect.scoped)
  )

  it.effect("keeps an import of bytes that a node had made before", () =>
    Effect.gen(function* () {
      const { root, digests } = yield* threeRuns
      yield* inStore(
        root,
        Effect.flatMap(Store, (store) => store.write(Summary, { name: "run", score: 2 }, null, []))
      )
      ageAll(root)
      yield* collect(root, 0)
      const manifest = yield* inStore(
        root,
        Effect.flatMap(Store, (store) => store.manifest(digests[1]!))
      )
      expect(manifest.producer).toBe(null)
    }).pipe(Effect.scoped)
  )

  it.effect("removes nothing that a running run names, however old", () =>
    Effect.gen(function* () {
      const { root } = yield* threeRuns
      writeRun(root, "run-2", [idOf(2)], { status: "running" })
      yield* collect(root, 1)
      expect(yield* kept(root)).toEqual([1, 2, 3])
      // A process that is gone runs nothing.
      writeRun(root, "run-2", [idOf(2)], { status: "running", pid: 2 ** 22 + 1 })
      yield* collect(root, 1)
      expect(yield* kept(root)).toEqual([1, 3])
    }).pipe(Effect.scoped)
  )

  it.effect("removes nothing younger than a live lease, nor its checkpoints", () =>
    Effect.gen(function* () {
      const { root } = yield* threeRuns
      for (const n of [2, 4]) fs.mkdirSync(path.join(root, "checkpoints", idOf(n)), { recursive: true })
      for (const n of [2, 4])
        fs.utimesSync(path.join(root, "checkpoints", idOf(n)), new Date(2020, 0), new Date(2020, 0))
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          expect(yield* store.lease(idOf(4))).toBe(true)
          // An output that is stored already, while its record is not.
          const producer = { pipeline: "p", node: "n", output: "o", stage: "s", fingerprint: idOf(4) }
          const { digest } = yield* store.write(Summary, { name: "unfinished", score: 4 }, producer, [])
          yield* store.gc({ keepRuns: 0, dryRun: false })
          expect(yield* store.present([digest])).toBe(true)
        }).pipe(Effect.scoped)
      )
      expect(fs.readdirSync(`${root}/checkpoints`)).toEqual([idOf(4)])
      expect(yield* kept(root)).toEqual([])
    }).pipe(Effect.scoped)
  )
})
