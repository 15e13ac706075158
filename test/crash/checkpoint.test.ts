/**
 * C13: killed at any instant and started again, a run ends with the same bytes as one that was never killed. The kills
 * come at random instants of the whole run: while it starts, computes, saves, stores.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { beforeAll } from "vitest"
import { loadRun } from "../../engine/run/runs.ts"
import { bench, services, type Bench } from "../engine/support.ts"
import { bundle, start } from "../support/program.ts"

let program = ""
beforeAll(async () => {
  program = await bundle(new URL("../engine/program/main.ts", import.meta.url))
})

const launch = (folder: Bench) =>
  start(program, [
    "run",
    JSON.stringify({ folder: folder.root, steps: 400, odd: "fine", isolated: true, keepGoing: false })
  ])

const outputs = (folder: Bench) =>
  Effect.map(
    Effect.provide(loadRun("latest"), services(folder)),
    ({ file }) => file.nodes["trained"]!.outputs
  )

describe("checkpoint", () => {
  it.live(
    "C13: SIGKILL at random instants, restarted each time, ends with the same bytes",
    () =>
      Effect.gen(function* () {
        const whole = yield* bench
        let killed = yield* bench
        const begin = Date.now()
        assert.strictEqual((yield* Effect.promise(() => launch(whole).finished)).code, 0)
        let duration = Date.now() - begin
        let kills = 0
        for (let restart = 0; restart < 12; restart++) {
          const run = launch(killed)
          // Early enough to leave work, at instants that no run shares.
          const timer = setTimeout(() => run.child.kill("SIGKILL"), duration * (0.3 + 0.5 * Math.random()))
          const { signal, code } = yield* Effect.promise(() => run.finished)
          clearTimeout(timer)
          if (signal === null) {
            assert.strictEqual(code, 0)
            if (kills > 0) break
            // The machine was busier during the first run than now: again, and earlier.
            killed = yield* bench
            duration /= 2
            continue
          }
          kills += 1
        }
        assert.isAbove(kills, 0)
        assert.strictEqual((yield* Effect.promise(() => launch(killed).finished)).code, 0)
        assert.deepStrictEqual(yield* outputs(killed), yield* outputs(whole))
      }),
    120_000
  )
})
