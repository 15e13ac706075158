import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { beforeAll } from "vitest"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { liveRuns, loadRun } from "../../engine/run/runs.ts"
import { bundle, start } from "../support/program.ts"
import type { Config } from "./program/main.ts"
import { bench, services, type Bench } from "./support.ts"

let program = ""
beforeAll(async () => {
  program = await bundle(new URL("./program/main.ts", import.meta.url))
})

const launch = (folder: Bench, config: Partial<Config> = {}) =>
  start(program, [
    "run",
    JSON.stringify({
      folder: folder.root,
      steps: 30,
      odd: "fine",
      isolated: true,
      keepGoing: true,
      ...config
    } satisfies Config)
  ])

const latest = (folder: Bench) => Effect.provide(loadRun("latest"), services(folder))

const notes = (folder: Bench): ReadonlyArray<string> =>
  readFileSync(join(folder.root, "notes"), "utf8").trim().split("\n")

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const until = async (condition: () => boolean, milliseconds: number): Promise<boolean> => {
  for (let waited = 0; waited < milliseconds; waited += 50) {
    if (condition()) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return condition()
}

describe("processes", () => {
  it.live("an isolated node gives the same digest as the same node in this process", () =>
    Effect.gen(function* () {
      const [apart, here] = [yield* bench, yield* bench]
      const results = yield* Effect.promise(() =>
        Promise.all([launch(apart).finished, launch(here, { isolated: false }).finished])
      )
      assert.deepStrictEqual(
        results.map(({ code }) => code),
        [0, 0]
      )
      const [one, two] = [yield* latest(apart), yield* latest(here)]
      assert.deepStrictEqual(one.file.nodes["trained"]!.outputs, two.file.nodes["trained"]!.outputs)
    })
  )

  for (const [odd, message] of [
    ["exit", "ended with exit code 3"],
    ["abort", "was killed by SIGABRT"]
  ] as const) {
    it.live(`C17: a process that ends by ${odd} fails one node only`, () =>
      Effect.gen(function* () {
        const folder = yield* bench
        const { code } = yield* Effect.promise(() => launch(folder, { odd }).finished)
        assert.strictEqual(code, 1)
        const { file } = yield* latest(folder)
        assert.strictEqual(file.nodes["odd"]!.status, "failed")
        assert.include(file.nodes["odd"]!.failure!, message)
        assert.strictEqual(file.nodes["trained"]!.status, "ran")
      })
    )
  }

  it.live("C12: two runs that need a node compute it once", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const results = yield* Effect.promise(() =>
        Promise.all(
          [launch(folder, { steps: 300 }), launch(folder, { steps: 300 })].map((run) => run.finished)
        )
      )
      assert.deepStrictEqual(
        results.map(({ code }) => code),
        [0, 0]
      )
      assert.deepStrictEqual(notes(folder).toSorted(), ["odd", "train from 0"])
      assert.strictEqual(results.filter(({ stdout }) => stdout.includes('"NodeWaiting"')).length > 0, true)
    })
  )

  it.live("C14: SIGINT saves the state, ends with 130, and the next run resumes to the same bytes", () =>
    Effect.gen(function* () {
      const [folder, whole] = [yield* bench, yield* bench]
      for (const isolated of [true, false]) {
        const config = { steps: isolated ? 1500 : 1501, isolated }
        const run = launch(folder, config)
        yield* Effect.promise(() => run.line((line) => line.includes('"NodeProgress"')))
        const [live] = yield* Effect.provide(liveRuns, services(folder))
        assert.strictEqual(live?.nodes, 2)
        run.child.kill("SIGINT")
        assert.strictEqual((yield* Effect.promise(() => run.finished)).code, 130)
        const stopped = yield* latest(folder)
        assert.strictEqual(stopped.file.nodes["trained"]!.status, "interrupted")
        assert.strictEqual(readdirSync(join(folder.store, "checkpoints")).length, 1)
        assert.strictEqual((yield* Effect.promise(() => launch(folder, config).finished)).code, 0)
        const resumed = yield* latest(folder)
        assert.strictEqual(resumed.file.nodes["trained"]!.status, "resumed")
        assert.notInclude(notes(folder).at(-1)!, "from 0")
        // Dropped once the record is there.
        assert.deepStrictEqual(readdirSync(join(folder.store, "checkpoints")), [])
        yield* Effect.promise(() => launch(whole, config).finished)
        assert.deepStrictEqual(
          resumed.file.nodes["trained"]!.outputs,
          (yield* latest(whole)).file.nodes["trained"]!.outputs
        )
      }
    })
  )

  it.live("C14: a second signal stops at once", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const run = launch(folder, { odd: "spin" })
      yield* Effect.promise(() => until(() => existsSync(join(folder.root, "notes")), 20_000))
      yield* Effect.promise(() =>
        until(() => notes(folder).some((line) => line.startsWith("spinning")), 20_000)
      )
      run.child.kill("SIGTERM")
      yield* Effect.promise(() => run.line((line) => line.includes('"RunStopping"')))
      run.child.kill("SIGTERM")
      assert.strictEqual((yield* Effect.promise(() => run.finished)).code, 130)
      const pid = Number(/spinning (\d+)/.exec(notes(folder).join("\n"))![1])
      assert.isTrue(yield* Effect.promise(() => until(() => !isAlive(pid), 5000)))
    })
  )

  it.live("a node's process dies with its parent, also in the middle of a computation", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const run = launch(folder, { odd: "spin" })
      yield* Effect.promise(() =>
        until(
          () =>
            existsSync(join(folder.root, "notes")) &&
            notes(folder).some((line) => line.startsWith("spinning")),
          20_000
        )
      )
      const pid = Number(/spinning (\d+)/.exec(notes(folder).join("\n"))![1])
      run.child.kill("SIGKILL")
      assert.isTrue(yield* Effect.promise(() => until(() => !isAlive(pid), 10_000)))
      const { status, file } = yield* latest(folder)
      assert.strictEqual(status, "stopped")
      assert.strictEqual(file.status, "running")
    })
  )
})
