import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ownIdentity } from "../../../artifacts/store/processIdentity.ts"
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

describe("gc", () => {
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
