import { describe, expect, it } from "@effect/vitest"
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { FileStore } from "../../../artifacts/store/FileStore.ts"
import { Store } from "../../../artifacts/Store.ts"
import { idOf, inStore, recordOf, Summary, temporaryFolder } from "../fixtures.ts"
import { bundled } from "./programs.ts"

const watchedCalls = ["openSync", "readdirSync", "writeFileSync", "renameSync", "linkSync", "rmSync"] as const

/**
 * Calls `before` ahead of every file-system call that gc makes, until the returned function is called. Except for this
 * process's own presence, which gc and the run share here and would not in two processes.
 */
const beforeEachCall = (before: () => void): (() => void) => {
  const real = Object.fromEntries(watchedCalls.map((name) => [name, fs[name]]))
  const unlink = fs.promises.unlink
  for (const name of watchedCalls)
    Object.assign(fs, {
      [name]: (...given: ReadonlyArray<unknown>) => {
        if (!String(given[0]).endsWith(".held")) before()
        return (real[name] as (...given: ReadonlyArray<unknown>) => unknown)(...given)
      }
    })
  fs.promises.unlink = (file) => {
    before()
    return unlink(file)
  }
  syncBuiltinESMExports()
  return () => {
    Object.assign(fs, real)
    fs.promises.unlink = unlink
    syncBuiltinESMExports()
  }
}

const producer = { pipeline: "test", node: "n", output: "out", stage: "test/stage", fingerprint: idOf(9) }
const gc = Effect.flatMap(Store, (store) => store.gc({ keepRuns: 0, dryRun: false }))

/** Two records that nothing keeps, and an object without a record. */
const fill = (root: string) =>
  inStore(
    root,
    Effect.gen(function* () {
      const store = yield* Store
      for (const n of [1, 2]) {
        const { digest } = yield* store.write(Summary, { name: "made", score: n }, producer, [])
        yield* store.writeRecord(recordOf(n, { out: digest }))
      }
      yield* store.write(Summary, { name: "unfinished", score: 3 }, producer, [])
    })
  )

/**
 * What a run does with node n: takes over its record if that is there with its outputs, else computes it. What it has
 * then named must be there for as long as it goes on.
 */
const runNode = (n: number) =>
  Effect.gen(function* () {
    const store = yield* Store
    const found = yield* store.holding(
      Effect.gen(function* () {
        const record = yield* store.record(idOf(n))
        const whole = Option.isSome(record) && (yield* store.present(Object.values(record.value.outputs)))
        return whole ? record.value : undefined
      }),
      (record) => (record === undefined ? [] : [record.fingerprint, ...Object.values(record.outputs)])
    )
    if (found !== undefined) return { taken: true, digest: found.outputs["out"]! }
    const { digest } = yield* store.write(Summary, { name: "made", score: n }, producer, [])
    yield* store.writeRecord(recordOf(n, { out: digest }))
    return { taken: false, digest }
  })

const isThere = (root: string, n: number) =>
  inStore(
    root,
    Effect.gen(function* () {
      const store = yield* Store
      const record = yield* store.record(idOf(n))
      return Option.isSome(record) && (yield* store.present(Object.values(record.value.outputs)))
    })
  )

describe("gc beside a run", () => {
  it("C22 - a run that begins at any file-system call of gc keeps what it takes over, makes, or finds made", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        let [trials, taken, made] = [0, 0, 0]
        for (let at = 1; ; at += stride) {
          const root = yield* temporaryFolder
          yield* fill(root)
          const ended = yield* Effect.scoped(
            Effect.gen(function* () {
              // Open while gc works, as another process's would be.
              const context = yield* Layer.build(FileStore.layer(root))
              let calls = 0
              let fiber: Fiber.Fiber<ReadonlyArray<{ taken: boolean; digest: string }>, unknown> | undefined
              const restore = beforeEachCall(() => {
                calls += 1
                if (calls !== at) return
                restore()
                // Runs at once up to its first pause: between two calls of gc.
                fiber = Effect.runFork(
                  Effect.provideContext(Effect.all([runNode(1), runNode(2), runNode(3)]), context)
                )
              })
              yield* inStore(root, gc).pipe(Effect.ensuring(Effect.sync(restore)))
              if (fiber === undefined) return true
              const results = yield* Fiber.join(fiber)
              for (const n of [1, 2, 3]) expect(yield* isThere(root, n), `node ${n}, call ${at}`).toBe(true)
              // And of a collection that begins now.
              yield* inStore(root, gc)
              for (const n of [1, 2, 3]) expect(yield* isThere(root, n)).toBe(true)
              for (const one of results) if (one.taken) taken++
              for (const one of results) if (!one.taken) made++
              trials += 1
              return false
            })
          )
          if (ended) break
          // Once the run has ended nothing holds them.
          yield* inStore(root, gc)
          expect(yield* isThere(root, 1)).toBe(false)
          fs.rmSync(root, { recursive: true, force: true })
        }
        // Both happen, or the trial shows nothing.
        if (stride === 1) console.log(`${trials} trials: ${taken} nodes taken over, ${made} made`)
        expect(trials).toBeGreaterThan(40 / stride)
        expect(taken).toBeGreaterThan(10 / stride)
        expect(made).toBeGreaterThan(30 / stride)
      }).pipe(Effect.scoped)
    ))

  it.effect("C22 - what was looked up before a collection and held after it is looked up again", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* fill(root)
      yield* inStore(
        root,
        Effect.gen(function* () {
          const store = yield* Store
          let looks = 0
          const found = yield* store.holding(
            Effect.gen(function* () {
              const record = yield* store.record(idOf(1))
              const there =
                Option.isSome(record) && (yield* store.present(Object.values(record.value.outputs)))
              if (looks++ === 0) yield* inStore(root, gc)
              return there ? [record.value.fingerprint, ...Object.values(record.value.outputs)] : []
            }),
            (ids) => ids
          )
          expect([looks, found]).toEqual([2, []])
        })
      )
    }).pipe(Effect.scoped)
  )

  it.effect(
    "C22 - nothing that a process holds goes, however old, and a run with a damaged run.json holds as well",
    () =>
      Effect.gen(function* () {
        const root = yield* temporaryFolder
        yield* fill(root)
        const id = "r261124-231247-04f3a-1"
        fs.mkdirSync(path.join(root, "runs", id))
        fs.writeFileSync(path.join(root, "runs", id, "run.json"), "{ torn")
        yield* inStore(
          root,
          Effect.gen(function* () {
            const store = yield* Store
            yield* store.hold([id, idOf(2)])
            const { digest } = yield* store.write(Summary, { name: "x", score: 4 }, producer, [])
            yield* store.writeRecord(recordOf(4, { out: digest }, { run: id }))
            for (const folder of ["objects", "records", "live"])
              for (const name of fs.readdirSync(path.join(root, folder), {
                recursive: true,
                encoding: "utf8"
              }))
                fs.utimesSync(path.join(root, folder, name), 0, 0)
            yield* inStore(root, gc)
            expect(yield* Effect.all([1, 2, 4].map((n) => isThere(root, n)))).toEqual([false, true, true])
          })
        )
        yield* inStore(root, gc)
        expect(yield* Effect.all([2, 4].map((n) => isThere(root, n)))).toEqual([false, false])
      }).pipe(Effect.scoped)
  )

  it("C22 - killed at any removal, gc leaves no record without its objects, and the next one ends the work", () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const program = yield* Effect.acquireRelease(
          Effect.promise(() => bundled("collect")),
          (made) => Effect.sync(() => made.discard())
        )
        for (let at = 1; at <= killed; at++) {
          const root = yield* temporaryFolder
          yield* fill(root)
          yield* Effect.promise(
            () => new Promise((resolve) => program.start(root, String(at)).on("close", resolve))
          )
          const left = fs.readdirSync(path.join(root, "records"), { recursive: true, encoding: "utf8" })
          const records = left.filter((name) => name.endsWith(".json"))
          expect(records.length, `removal ${at}`).toBe(Math.max(0, 3 - at))
          for (const n of [1, 2])
            if (records.some((name) => name.includes(idOf(n)))) expect(yield* isThere(root, n)).toBe(true)
          // Its lease and its announcement end with it.
          yield* inStore(root, gc)
          const files = fs.readdirSync(path.join(root, "objects"), { recursive: true, encoding: "utf8" })
          expect(files.filter((name) => name.includes("."))).toEqual([])
          expect(fs.readdirSync(path.join(root, "leases"))).toEqual([])
        }
      }).pipe(Effect.scoped)
    ))
})

/** Every fourth call, others in turn with ASTERISM_TEST_GC_STRIDE=1. */
const stride = Number(process.env["ASTERISM_TEST_GC_STRIDE"] ?? 4)
/** One kill each at the two records, the first objects' bytes; 8 reaches the last manifest. */
const killed = Number(process.env["ASTERISM_TEST_GC_KILLS"] ?? 4)
