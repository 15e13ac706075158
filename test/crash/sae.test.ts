/**
 * A sparse autoencoder killed with SIGKILL in the middle of its training, several times, ends with the same bytes as one that
 * was never killed: dictionary, curve and codes. The process that trains is killed itself, with the run that started it.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { beforeAll } from "vitest"
import { loadRun } from "../../engine/run/runs.ts"
import type { RunEvent } from "../../engine/run/events.ts"
import { bench, services, type Bench } from "../engine/support.ts"
import { bundle, start } from "../support/program.ts"

let program = ""
beforeAll(async () => {
  program = await bundle(new URL("./saeStudy.ts", import.meta.url))
})

const launch = (folder: Bench) => start(program, ["run", JSON.stringify({ folder: folder.root })])

const outputs = (folder: Bench) =>
  Effect.map(Effect.provide(loadRun("latest"), services(folder)), ({ file }) =>
    Object.fromEntries(Object.entries(file.nodes).map(([name, node]) => [name, node.outputs]))
  )

const eventIn = (line: string): RunEvent | undefined => {
  try {
    return JSON.parse(line) as RunEvent
  } catch {
    return undefined // The line that was being written.
  }
}

/** Kills the run once the training has passed `step`; the step that was last reported, and where it had resumed. */
const killedAfter = async (folder: Bench, step: number) => {
  const run = launch(folder)
  await run.line((line) => {
    const event = eventIn(line)
    return event?.type === "NodeProgress" && event.node === "sae" && event.done >= step
  })
  run.kill()
  const { signal, stdout } = await run.finished
  assert.strictEqual(signal, "SIGKILL")
  const events = stdout.split("\n").flatMap((line) => eventIn(line) ?? [])
  return {
    resumed: events.some((event) => event.type === "NodeStarted" && event.node === "sae" && event.resumed),
    finished: events.some((event) => event.type === "NodeFinished" && event.node === "sae")
  }
}

describe("sae/train", () => {
  it.live(
    "killed in the middle of its training and started again, ends with the bytes of an uninterrupted one",
    () =>
      Effect.gen(function* () {
        const [whole, killed] = [yield* bench, yield* bench]
        assert.strictEqual((yield* Effect.promise(() => launch(whole).finished)).code, 0)
        const resumed: Array<boolean> = []
        for (const step of [100, 400]) {
          const run = yield* Effect.promise(() => killedAfter(killed, step))
          assert.isFalse(run.finished)
          resumed.push(run.resumed)
        }
        assert.deepStrictEqual(resumed, [false, true])
        assert.strictEqual((yield* Effect.promise(() => launch(killed).finished)).code, 0)
        assert.deepStrictEqual(yield* outputs(killed), yield* outputs(whole))
      }),
    120_000
  )
})
