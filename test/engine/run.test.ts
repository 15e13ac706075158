import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { RunEvent } from "../../engine/run/events.ts"
import { RunEvent as RunEventSchema } from "../../engine/run/events.ts"
import { listRuns, loadRun } from "../../engine/run/runs.ts"
import { Stop } from "../../engine/run/Stop.ts"
import { Backend } from "../../engine/services/Backend.ts"
import { makeCheckpoint } from "../../engine/run/checkpoints.ts"
import { Checkpoint } from "../../engine/services/Checkpoint.ts"
import { Progress } from "../../engine/services/Progress.ts"
import { Random } from "../../engine/services/Random.ts"
import { Scratch } from "../../engine/services/Scratch.ts"
import * as Stage from "../../engine/Stage.ts"
import { InputError, StageFailure } from "../../schemas/errors.ts"
import {
  bench,
  constant,
  digests,
  Number_,
  objectFiles,
  planIn,
  runIn,
  services,
  statuses,
  study,
  sum,
  type Body,
  type Calls
} from "./support.ts"

/** A stage without inputs that does what the test says. */
const doing = (
  body: () => Effect.Effect<unknown, unknown, Stage.Services>,
  options: Partial<Pick<Stage.Stage, "resources" | "random" | "compute">> = {}
) =>
  Stage.make("test/doing", {
    description: "What the test says.",
    source: import.meta.url,
    params: Schema.Struct({}),
    inputs: {},
    outputs: { number: Number_ },
    ...options,
    captures: {},
    run: () => Effect.as(body(), { number: 1 })
  })

const only = (stage: ReturnType<typeof doing>): Body =>
  function* (p) {
    yield* p.stage("node", stage, {})
  }

const types = (events: ReadonlyArray<RunEvent>): ReadonlyArray<string> => events.map((event) => event.type)

const manyNumbers: Body = function* (p) {
  const numbers: { [name: string]: Effect.Success<ReturnType<typeof p.stage>>["number"] } = {}
  for (let i = 0; i < 12; i++) {
    numbers[`n${i}`] = (yield* p.stage(`n/${i}`, constant({}), { params: { value: i * i } })).number!
  }
  yield* p.stage("total", sum({}), { inputs: { numbers: numbers as never } })
}

const badAndGood: Body = function* (p) {
  const bad = yield* p.stage(
    "bad",
    doing(() => Effect.fail(new Error("no"))),
    {}
  )
  yield* p.stage("after", sum({}), { inputs: { numbers: { bad: bad.number } } })
  const good = yield* p.stage("good", constant({}), {})
  yield* p.stage("fine", sum({}), { inputs: { numbers: { good: good.number } } })
}

describe("run", () => {
  it.effect("C7: outputs that turn out the same stop the re-run there", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const calls: Calls = {}
      const body = (value: number): Body =>
        function* (p) {
          const a = yield* p.stage("a", constant(calls), { params: { value, label: "a" } })
          const floor = yield* p.stage("floor", sum(calls), {
            inputs: { numbers: { a: a.number } },
            params: { step: 10, label: "floor" }
          })
          const mid = yield* p.stage("mid", sum(calls), {
            inputs: { numbers: { floor: floor.number } },
            params: { label: "mid" }
          })
          yield* p.stage("end", sum(calls), {
            inputs: { numbers: { mid: mid.number } },
            params: { label: "end" }
          })
        }
      yield* runIn(folder, yield* study(body(11)))
      const { events, file } = yield* runIn(folder, yield* study(body(12)))
      assert.deepStrictEqual(calls, { a: 2, floor: 2, mid: 1, end: 1 })
      assert.deepStrictEqual(
        events.filter((event) => event.type === "NodeCutOff").map((event) => event.node),
        ["mid", "end"]
      )
      assert.deepStrictEqual(file.counts, {
        cached: 0,
        cutOff: 2,
        ran: 2,
        failed: 0,
        skipped: 0,
        interrupted: 0
      })
    })
  )

  it.effect("C9: one job or two, the digests are the same", () =>
    Effect.gen(function* () {
      const results = []
      for (const jobs of [1, 2]) {
        results.push(digests(yield* runIn(yield* bench, yield* study(manyNumbers), { jobs })))
      }
      assert.deepStrictEqual(results[0], results[1])
    })
  )

  it.effect("C8: a random stage's seed depends on the study's seed and its node's name alone", () =>
    Effect.gen(function* () {
      const seeds: Array<string> = []
      const random = doing(() => Effect.map(Random, ({ seed }) => void seeds.push(seed)), { random: true })
      yield* runIn(yield* bench, yield* study(only(random)))
      yield* runIn(
        yield* bench,
        yield* study(function* (p) {
          yield* p.stage("before", constant({}), {})
          yield* p.stage("node", random, {})
          yield* p.stage("other", random, {})
        })
      )
      yield* runIn(yield* bench, yield* study(only(random), { seed: "1" }))
      assert.strictEqual(seeds[0], seeds[1])
      assert.strictEqual(new Set(seeds).size, 3)
      assert.match(seeds[0]!, /^[0-9a-f]{32}$/)
    })
  )

  it.effect("C18: a stage cannot use what its fingerprint does not cover", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      for (const [service, flag] of [
        [Effect.map(Random, ({ seed }) => seed), "random: true"],
        [Effect.map(Backend, ({ device }) => device), "compute: true"]
      ] as const) {
        const { failures } = yield* runIn(folder, yield* study(only(doing(() => service))))
        assert.include(failures[0]!.reason, flag)
      }
    })
  )

  it.effect("C11: a failure leaves what is finished finished, and says what to do", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const calls: Calls = {}
      let broken = true
      const failing = Stage.make("test/failing", {
        description: "Fails at first.",
        source: import.meta.url,
        params: Schema.Struct({}),
        inputs: { number: Number_ },
        outputs: { number: Number_ },
        captures: {},
        run: () =>
          broken
            ? Effect.fail(new StageFailure({ what: "The loss is NaN after step 3." }))
            : Effect.succeed({ number: 1 })
      })
      const made = yield* study(function* (p) {
        const a = yield* p.stage("a", constant(calls), {})
        const b = yield* p.stage("b", failing, { inputs: { number: a.number } })
        yield* p.stage("c", sum(calls), { inputs: { numbers: { b: b.number } } })
      })
      const { exitCode, failures, file, events } = yield* runIn(folder, made)
      assert.strictEqual(exitCode, 1)
      const failure = failures[0]!
      assert.deepInclude(failure, {
        node: "b",
        stage: "test/failing",
        reason: "The loss is NaN after step 3."
      })
      assert.deepStrictEqual(failure.inputs, { number: "a.number" })
      assert.include(failure.message, "asterism run test")
      assert.include(readFileSync(failure.log!, "utf8"), "The loss is NaN")
      assert.strictEqual(file.status, "failed")
      assert.deepStrictEqual(
        Object.values(file.nodes).map((node) => node.status),
        ["ran", "failed", "skipped"]
      )
      assert.deepInclude(
        events.find((event) => event.type === "NodeSkipped"),
        { node: "c", because: ["b"] }
      )
      broken = false
      const again = yield* runIn(folder, made)
      assert.strictEqual(again.exitCode, 0)
      assert.deepStrictEqual(calls, { constant: 1, sum: 1 })
    })
  )

  it.effect("keep-going runs everything that does not need the failed node", () =>
    Effect.gen(function* () {
      const stopped = yield* runIn(yield* bench, yield* study(badAndGood), { jobs: 1 })
      assert.deepStrictEqual(stopped.file.counts, {
        cached: 0,
        cutOff: 0,
        ran: 0,
        failed: 1,
        skipped: 3,
        interrupted: 0
      })
      const kept = yield* runIn(yield* bench, yield* study(badAndGood), { jobs: 1, keepGoing: true })
      assert.deepStrictEqual(kept.file.counts, {
        cached: 0,
        cutOff: 0,
        ran: 2,
        failed: 1,
        skipped: 1,
        interrupted: 0
      })
      assert.strictEqual(kept.exitCode, 1)
    })
  )

  it.effect("bad input inside a stage is exit code 2, and is not tried again", () =>
    Effect.gen(function* () {
      let attempts = 0
      const stage = doing(
        () =>
          Effect.suspend(() => {
            attempts += 1
            return Effect.fail(
              new InputError({ what: "Row 17 holds NaN.", where: "a.npy", next: "clean it" })
            )
          }),
        { resources: { retries: 3 } }
      )
      const { exitCode, failures } = yield* runIn(yield* bench, yield* study(only(stage)))
      assert.strictEqual(exitCode, 2)
      assert.strictEqual(attempts, 1)
      assert.deepInclude(failures[0], {
        reason: "Row 17 holds NaN. Where: a.npy.",
        next: "clean it",
        input: true
      })
    })
  )

  it.live("retries as often as the stage allows", () =>
    Effect.gen(function* () {
      let attempts = 0
      const flaky = doing(
        () => Effect.suspend(() => (++attempts < 2 ? Effect.fail(new Error("busy")) : Effect.void)),
        { resources: { retries: 1 } }
      )
      const { exitCode, events } = yield* runIn(yield* bench, yield* study(only(flaky)))
      assert.strictEqual(exitCode, 0)
      assert.deepInclude(
        events.find((event) => event.type === "NodeRetrying"),
        { attempt: 1, reason: "busy" }
      )
      assert.strictEqual(types(events).filter((type) => type === "NodeStarted").length, 2)
    })
  )

  it.live("a stage that takes too long fails with its limit", () =>
    Effect.gen(function* () {
      const slow = doing(() => Effect.sleep("10 seconds"), { resources: { timeout: "50 millis" } })
      const { exitCode, failures } = yield* runIn(yield* bench, yield* study(only(slow)))
      assert.strictEqual(exitCode, 1)
      assert.include(failures[0]!.reason, "0.05 s")
    })
  )

  it.effect("resources that make no sense, or that cannot be had, are told before anything runs", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      for (const [resources, message] of [
        [{ memory: "a lot" }, "memory 'a lot'"],
        [{ timeout: "soon" }, "timeout 'soon'"],
        [{ gpu: 1 }, "needs 1 graphics card"]
      ] as const) {
        const error = yield* Effect.flip(
          runIn(folder, yield* study(only(doing(() => Effect.void, { resources }))))
        )
        assert.strictEqual(error._tag, "InputError")
        assert.include(error.message, message)
      }
      assert.deepStrictEqual(readdirSync(join(folder.store, "runs")), [])
    })
  )

  it.live("no more runs at once than cores and cards allow; a demand above all of it gets all of it", () =>
    Effect.gen(function* () {
      let busy = 0
      let most = 0
      const work = (cpu: number, label: number) =>
        Stage.make(`test/work-${cpu}`, {
          description: "Keeps cores busy.",
          source: import.meta.url,
          params: Schema.Struct({ label: Schema.Finite }),
          inputs: {},
          outputs: { number: Number_ },
          resources: { cpu },
          captures: {},
          run: () =>
            Effect.gen(function* () {
              busy += Math.min(cpu, 3)
              most = Math.max(most, busy)
              yield* Effect.sleep("5 millis")
              busy -= Math.min(cpu, 3)
              return { number: label }
            })
        })
      const { exitCode } = yield* runIn(
        yield* bench,
        yield* study(function* (p) {
          for (let i = 0; i < 8; i++) {
            yield* p.stage(`n/${i}`, work([1, 2, 64][i % 3]!, i), { params: { label: i } })
          }
        }),
        { jobs: 3 }
      )
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(most, 3)
    })
  )

  it.effect("what a stage returns must be what it declares", () =>
    Effect.gen(function* () {
      const stage = Stage.make("test/wrong", {
        description: "Returns something else.",
        source: import.meta.url,
        params: Schema.Struct({}),
        inputs: {},
        outputs: { number: Number_ },
        captures: {},
        run: () => Effect.succeed({ numbr: 1 } as unknown as { readonly number: number })
      })
      const { failures } = yield* runIn(
        yield* bench,
        yield* study(function* (p) {
          yield* p.stage("node", stage, {})
        })
      )
      assert.include(failures[0]!.reason, "returned no 'number'")
    })
  )

  it.effect("two nodes with one fingerprint are computed once", () =>
    Effect.gen(function* () {
      const calls: Calls = {}
      const { file } = yield* runIn(
        yield* bench,
        yield* study(function* (p) {
          yield* p.stage("one", constant(calls), {})
          yield* p.stage("two", constant(calls), {})
        })
      )
      assert.deepStrictEqual(calls, { constant: 1 })
      assert.deepStrictEqual(
        Object.values(file.nodes).map((node) => node.status),
        ["ran", "cut-off"]
      )
    })
  )

  it.effect("C16: an input found corrupt is never served: what made it runs again, then the node", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const calls: Calls = {}
      const made = yield* study(function* (p) {
        const a = yield* p.stage("a", constant(calls), { params: { value: 41, label: "a" } })
        const corrupter = Stage.make("test/corrupter", {
          description: "Empties the object that `a` wrote, once.",
          source: import.meta.url,
          params: Schema.Struct({}),
          inputs: { number: Number_ },
          outputs: { number: Number_ },
          captures: {},
          run: () => Effect.sync(() => ({ number: damage() }))
        })
        const b = yield* p.stage("b", corrupter, { inputs: { number: a.number } })
        yield* p.stage("c", sum(calls), {
          inputs: { numbers: { a: a.number, b: b.number } },
          params: { label: "c" }
        })
      })
      const damage = (): number => {
        for (const path of objectFiles(folder)) writeFileSync(path, "")
        return 1
      }
      const { exitCode, events, file } = yield* runIn(folder, made)
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(calls, { a: 2, c: 1 })
      assert.deepInclude(
        events.find((event) => event.type === "NodeRepairing"),
        { node: "c", producers: ["a"] }
      )
      const digest = file.nodes["c"]!.outputs!["number"]!.digest
      const object = objectFiles(folder).find((path) => path.includes(digest))!
      assert.strictEqual(readFileSync(object, "utf8").trim(), "42")
    })
  )

  it.effect("events, run.json and logs tell the run", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const talkative = doing(() =>
        Effect.gen(function* () {
          const progress = yield* Progress
          yield* progress.log("half way")
          yield* Effect.logInfo("through Effect")
          yield* progress.report(1, 2, "loss 0.5")
          yield* progress.report(2, 2)
        })
      )
      const made = yield* study(only(talkative))
      const { events, directory, id } = yield* runIn(folder, made)
      assert.deepStrictEqual(types(events), [
        "RunStarted",
        "NodeStarted",
        "NodeProgress",
        "NodeProgress",
        "NodeFinished",
        "RunFinished"
      ])
      const lines = readFileSync(join(directory, "events.jsonl"), "utf8").trim().split("\n")
      const decoded = lines.map((line) => Schema.decodeUnknownSync(RunEventSchema)(JSON.parse(line)))
      assert.deepStrictEqual(
        types(decoded),
        types(events).filter((_, i) => i !== 3)
      )
      const log = readFileSync(join(directory, "logs", "node.log"), "utf8")
      assert.match(log, /^\S+Z half way\n\S+Z Info: through Effect\n$/)
      const second = yield* runIn(folder, made)
      assert.deepStrictEqual(types(second.events), ["RunStarted", "NodeCached", "RunFinished"])
      const listed = yield* Effect.provide(listRuns, services(folder))
      assert.deepStrictEqual(
        listed.map((summary) => [summary.id, summary.status, summary.counts.ran, summary.counts.cached]),
        [
          [id, "done", 1, 0],
          [second.id, "done", 0, 1]
        ]
      )
      const loaded = yield* Effect.provide(loadRun(id), services(folder))
      assert.deepStrictEqual(loaded.file.nodes["node"]!.outputs, second.file.nodes["node"]!.outputs)
      assert.strictEqual(loaded.file.nodes["node"]!.status, "ran")
      const missing = yield* Effect.flip(Effect.provide(loadRun("r99"), services(folder)))
      assert.include(missing.message, "No run is named 'r99'")
    })
  )

  it.effect("scratch folders are made on demand and removed, also after a failure", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const seen: Array<string> = []
      const messy = doing(() =>
        Effect.gen(function* () {
          const { directory } = yield* Scratch
          writeFileSync(join(directory, "part"), "x")
          seen.push(directory)
          return yield* Effect.fail(new Error("after writing"))
        })
      )
      yield* runIn(folder, yield* study(only(messy)))
      assert.isTrue(seen[0]!.startsWith(folder.store))
      assert.isFalse(existsSync(seen[0]!))
    })
  )

  it.live("C14: a stop interrupts what cannot be saved, starts nothing more, and the next run goes on", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const calls: Calls = {}
      const stop = new Stop()
      let first = true
      const slow = doing(() =>
        Effect.suspend(() => {
          if (!first) return Effect.void
          first = false
          setTimeout(() => stop.request(), 50)
          return Effect.never
        })
      )
      const made = yield* study(function* (p) {
        const a = yield* p.stage("a", constant(calls), {})
        const node = yield* p.stage("node", slow, {})
        yield* p.stage("last", sum(calls), { inputs: { numbers: { a: a.number, node: node.number } } })
      })
      const stopped = yield* runIn(folder, made, { stop })
      assert.strictEqual(stopped.exitCode, 130)
      assert.strictEqual(stopped.file.status, "interrupted")
      assert.deepStrictEqual(
        Object.values(stopped.file.nodes).map((node) => node.status),
        ["ran", "interrupted", "pending"]
      )
      assert.strictEqual((yield* planIn(folder, made)).cached, 1)
      const again = yield* runIn(folder, made)
      assert.strictEqual(again.exitCode, 0)
      assert.deepStrictEqual(calls, { constant: 1, sum: 1 })
    })
  )

  it.live("C15: a checkpoint belongs to one fingerprint, and goes with the record", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const begun: Array<number> = []
      const stop = new Stop()
      const training = Stage.make("test/training", {
        description: "Counts, and asks for a stop at step 3.",
        source: import.meta.url,
        params: Schema.Struct({ rate: Schema.Finite }),
        inputs: {},
        outputs: { number: Number_ },
        captures: {},
        run: Effect.fn("test/training")(function* ({ params }) {
          const checkpoint = yield* Checkpoint
          const saved = yield* checkpoint.load
          const first = Option.isSome(saved) ? Number(saved.value.metadata["step"]) : 0
          begun.push(first)
          for (let step = first; step < 6; step++) {
            if (step === 3 && stop.level === 0 && params.rate === 1) stop.request()
            yield* checkpoint.offer(() => ({ tensors: {}, metadata: { step: String(step) } }))
          }
          return { number: params.rate }
        })
      })
      const made = (rate: number) =>
        study(function* (p) {
          yield* p.stage("node", training, { params: { rate } })
        })
      const stopped = yield* runIn(folder, yield* made(1), { stop })
      assert.strictEqual(stopped.exitCode, 130)
      assert.deepInclude(
        stopped.events.find((event) => event.type === "NodeInterrupted"),
        { checkpointed: true }
      )
      assert.deepStrictEqual(statuses(yield* planIn(folder, yield* made(1))), { node: "resume" })
      assert.deepStrictEqual(statuses(yield* planIn(folder, yield* made(2))), { node: "run" })
      yield* runIn(folder, yield* made(2))
      stop.request()
      const resumed = yield* runIn(folder, yield* made(1))
      assert.strictEqual(resumed.file.nodes["node"]!.status, "resumed")
      assert.deepStrictEqual(begun, [0, 0, 3])
      assert.deepStrictEqual(readdirSync(join(folder.store, "checkpoints")), [])
    })
  )

  it.effect("C13: a torn checkpoint is passed over for the one before it", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const options = {
        storeRoot: folder.root,
        fingerprint: "f",
        seconds: 0,
        stop: new Stop(),
        onUse: () => undefined,
        onStopped: () => undefined
      }
      const data = Float64Array.from([1, 2, 3])
      const writer = makeCheckpoint(options)
      for (let step = 0; step < 4; step++) {
        data[0] = step
        yield* writer.offer(() => ({
          tensors: { weights: { shape: [3], data }, ids: { shape: [1], data: Uint32Array.of(step) } },
          metadata: { step: String(step) }
        }))
      }
      const directory = join(folder.root, "checkpoints", "f")
      const files = readdirSync(directory).toSorted()
      assert.strictEqual(files.length, 2)
      const newest = yield* makeCheckpoint(options).load
      assert.deepStrictEqual(Option.getOrThrow(newest), {
        tensors: {
          weights: { shape: [3], data: Float64Array.from([3, 2, 3]) },
          ids: { shape: [1], data: Uint32Array.of(3) }
        },
        metadata: { step: "3" }
      })
      const torn = join(directory, files[1]!)
      writeFileSync(torn, readFileSync(torn).subarray(0, -1))
      writeFileSync(join(directory, "00000009.1.tmp"), "half")
      const before = yield* makeCheckpoint(options).load
      assert.strictEqual(Option.getOrThrow(before).metadata["step"], "2")
      assert.notInclude(readdirSync(directory), "00000009.1.tmp")
    })
  )
})
