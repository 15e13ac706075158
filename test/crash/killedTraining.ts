/**
 * Kills a study with SIGKILL in the middle of a node's training, several times, and asks that it ends with the same bytes as
 * one that was never killed. The process that trains is killed itself, with the run that started it.
 */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { loadRun } from "../../engine/run/runs.ts"
import type { RunEvent } from "../../engine/run/events.ts"
import { bench, services, type Bench } from "../engine/support.ts"
import { start } from "../support/program.ts"

const launch = (program: string, folder: Bench) =>
  start(program, ["run", JSON.stringify({ folder: folder.root })])

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

/** Kills the run once the training has passed `step`; whether it had resumed, and whether it got through all the same. */
const killedAfter = async (program: string, folder: Bench, node: string, step: number) => {
  const run = launch(program, folder)
  await run.line((line) => {
    const event = eventIn(line)
    return event?.type === "NodeProgress" && event.node === node && event.done >= step
  })
  run.kill()
  const { signal, stdout } = await run.finished
  assert.strictEqual(signal, "SIGKILL")
  const events = stdout.split("\n").flatMap((line) => eventIn(line) ?? [])
  return {
    resumed: events.some((event) => event.type === "NodeStarted" && event.node === node && event.resumed),
    finished: events.some((event) => event.type === "NodeFinished" && event.node === node)
  }
}

/** `program` is a bundled study; the node's training is killed after each of `steps`, resuming from the second kill on. */
export const endsAsIfNeverKilled = Effect.fnUntraced(function* (
  program: string,
  node: string,
  steps: ReadonlyArray<number>
) {
  const [whole, killed] = [yield* bench, yield* bench]
  assert.strictEqual((yield* Effect.promise(() => launch(program, whole).finished)).code, 0)
  for (const [at, step] of steps.entries()) {
    const run = yield* Effect.promise(() => killedAfter(program, killed, node, step))
    assert.isFalse(run.finished)
    assert.strictEqual(run.resumed, at > 0)
  }
  assert.strictEqual((yield* Effect.promise(() => launch(program, killed).finished)).code, 0)
  assert.deepStrictEqual(yield* outputs(killed), yield* outputs(whole))
})
