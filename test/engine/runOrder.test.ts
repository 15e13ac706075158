import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { runFolders } from "../../artifacts/store/runFolders.ts"
import { Store } from "../../artifacts/Store.ts"
import { listRuns, liveRuns, loadRun } from "../../engine/run/runs.ts"
import { Stop } from "../../engine/run/Stop.ts"
import * as Stage from "../../engine/Stage.ts"
import * as Schema from "effect/Schema"
import { bench, constant, Number_, planIn, runIn, services, statuses, study, type Calls } from "./support.ts"

const one = (calls: Calls, value: number) =>
  study(function* (p) {
    yield* p.stage("a", constant(calls), { params: { value } })
  })

/** Runs with the wall clock some years off. */
const inYear = <A, E, R>(years: number, effect: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const real = Date.now
      Date.now = () => real() + years * 365 * 24 * 3600 * 1000
      return real
    }),
    () => effect,
    (real) => Effect.sync(() => void (Date.now = real))
  )

describe("the order of runs", () => {
  it.live("C26 - follows no clock: the last run is the latest, and the one that gc keeps", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const calls: Calls = {}
      const ids: Array<string> = []
      for (const [value, years] of [
        [1, 0],
        [2, 10],
        [3, 90],
        [4, -20],
        [5, 0]
      ] as const)
        ids.push((yield* inYear(years, runIn(folder, yield* one(calls, value)))).id)
      assert.deepStrictEqual(
        (yield* Effect.provide(listRuns, services(folder))).map(({ id }) => id),
        ids
      )
      assert.strictEqual((yield* Effect.provide(loadRun("latest"), services(folder))).file.id, ids[4])
      yield* Effect.flatMap(Store, (store) => store.gc({ keepRuns: 2, dryRun: false })).pipe(
        Effect.provide(services(folder))
      )
      const status: Array<string | undefined> = []
      for (const value of [1, 2, 3, 4, 5])
        status.push(statuses(yield* planIn(folder, yield* one(calls, value)))["a"])
      assert.deepStrictEqual(status, ["run", "run", "run", "cached", "cached"])
    })
  )

  it.effect("C26 - runs of before there were numbers come first, by their ids", () =>
    Effect.gen(function* () {
      const { root } = yield* bench
      const ids = [
        "r361128-000000-04f3a",
        "r251124-231247-04f3a",
        "r261124-000000-aaaaa-2",
        "r271124-000000-aaaaa-1"
      ]
      for (const id of [...ids, "r261124-000000-aaaaa-10"]) mkdirSync(join(root, id))
      writeFileSync(join(root, "r999999-000000-aaaaa-99"), "no folder")
      assert.deepStrictEqual(runFolders(root), [ids[1], ids[0], ids[3], ids[2], "r261124-000000-aaaaa-10"])
    })
  )
})

describe("a run's process", () => {
  it.live(
    "C25 - a run whose process id another process has now is not going on, and gc drops what it made",
    () =>
      Effect.gen(function* () {
        const folder = yield* bench
        const calls: Calls = {}
        const { id, directory } = yield* runIn(folder, yield* one(calls, 1))
        const path = join(directory, "run.json")
        const file = JSON.parse(readFileSync(path, "utf8"))
        const states: Array<[string, number]> = []
        const records = () =>
          readdirSync(join(folder.store, "records"), { recursive: true, encoding: "utf8" }).filter((n) =>
            n.endsWith(".json")
          ).length
        for (const process_ of [
          file.process,
          { ...file.process, started: "1" },
          { ...file.process, machine: "another boot" },
          { host: file.process.host, pid: process.pid }
        ]) {
          writeFileSync(path, JSON.stringify({ ...file, status: "running", process: process_ }))
          const live = yield* Effect.provide(liveRuns, services(folder))
          const { records: gone } = yield* Effect.flatMap(Store, (store) =>
            store.gc({ keepRuns: 0, dryRun: true })
          ).pipe(Effect.provide(services(folder)))
          const { status } = yield* Effect.provide(loadRun(id), services(folder))
          assert.strictEqual(status, live.length === 1 ? "running" : "stopped")
          states.push([status, gone])
        }
        assert.deepStrictEqual(states, [
          ["running", 0],
          ["stopped", 1],
          ["stopped", 1],
          ["stopped", 1]
        ])
        // On another machine it lives as long as its presence does.
        writeFileSync(
          path,
          JSON.stringify({
            ...file,
            status: "running",
            process: { ...file.process, machine: "another boot" }
          })
        )
        mkdirSync(join(folder.store, "live"), { recursive: true })
        const { ownerKey } = yield* Effect.promise(() => import("../../artifacts/store/processIdentity.ts"))
        const key = ownerKey({ ...file.process, machine: "another boot" })
        writeFileSync(join(folder.store, "live", `${key}-00112233aabbccdd.held`), "{}\n")
        assert.strictEqual((yield* Effect.provide(liveRuns, services(folder))).length, 1)
        yield* Effect.flatMap(Store, (store) => store.gc({ keepRuns: 0, dryRun: false })).pipe(
          Effect.provide(services(folder))
        )
        assert.strictEqual(records(), 1)
      })
  )

  it.live("leaves nothing half written, and what earlier versions left is collected", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const { directory } = yield* runIn(folder, yield* one({}, 1))
      assert.deepStrictEqual(readdirSync(directory).sort(), ["events.jsonl", "run.json"])
      assert.deepStrictEqual(readdirSync(join(folder.store, "tmp")), [])
      assert.deepStrictEqual(readdirSync(join(folder.store, "live")), [])
      mkdirSync(join(folder.store, "reports"))
      for (const name of ["a.html", "a.html.123"]) writeFileSync(join(folder.store, "reports", name), "")
      writeFileSync(join(directory, "run.json.123.tmp"), "")
      yield* Effect.flatMap(Store, (store) => store.gc({ keepRuns: 1, dryRun: false })).pipe(
        Effect.provide(services(folder))
      )
      assert.deepStrictEqual(readdirSync(directory).sort(), ["events.jsonl", "run.json"])
      assert.deepStrictEqual(readdirSync(join(folder.store, "reports")), ["a.html"])
    })
  )

  it.live("a wait for the next attempt hears a stop", () =>
    Effect.gen(function* () {
      const stop = new Stop()
      let attempts = 0
      const failing = Stage.make("test/failing", {
        description: "Fails.",
        source: import.meta.url,
        params: Schema.Struct({}),
        inputs: {},
        outputs: { number: Number_ },
        resources: { retries: 9 },
        run: () =>
          Effect.suspend(() => {
            attempts += 1
            return Effect.fail(new Error("busy"))
          })
      })
      const made = yield* study(function* (p) {
        yield* p.stage("node", failing, {})
      })
      let asked = 0
      const { exitCode, file } = yield* runIn(yield* bench, made, {
        stop,
        onEvent: (event) => {
          // The second wait takes two seconds.
          if (event.type !== "NodeRetrying" || event.attempt !== 2) return
          asked = performance.now()
          setTimeout(() => stop.request(), 20)
        }
      })
      assert.isBelow(performance.now() - asked, 1500)
      assert.deepStrictEqual([exitCode, attempts, file.nodes["node"]!.status], [130, 2, "interrupted"])
    })
  )
})
