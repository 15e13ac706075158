/**
 * The main of a process that runs one isolated node for a parent. It receives the task over IPC, rebuilds the graph,
 * runs the node, and sends back the record or the error. It dies with its parent, also in the middle of a long
 * synchronous computation.
 */
import { Worker } from "node:worker_threads"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { bePresent } from "../../artifacts/store/collecting.ts"
import { Store } from "../../artifacts/Store.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import { InputError } from "../../schemas/errors.ts"
import type { ExecutorServices, Task } from "../executors/Executor.ts"
import type { WireTask } from "../executors/protocol.ts"
import { FromWorker, ToWorker } from "../executors/protocol.ts"
import type { Graph } from "../Pipeline.ts"
import type { ExecuteHooks } from "./executeNode.ts"
import { executeNode, stageError } from "./executeNode.ts"
import { Stop } from "./Stop.ts"

/** What the caller makes of the request it gave to `local`. */
export interface Rebuilt {
  readonly graph: Graph
  readonly services: Layer.Layer<ExecutorServices, ArtifactError | InputError>
}

export type Rebuild = (request: unknown) => Effect.Effect<Rebuilt, ArtifactError | InputError>

const decode = Schema.decodeUnknownSync(ToWorker)
const encode = Schema.encodeSync(FromWorker)

/** Runs until the node is done and ends the process. To be run in a child started by the `local` executor. */
export const workerMain = (rebuild: Rebuild): Effect.Effect<never> =>
  Effect.callback(() => {
    if (process.send === undefined) {
      process.stderr.write(
        "This command is started by 'asterism run', for stages that run in a process of their own.\n"
      )
      process.exit(2)
    }
    const stop = new Stop()
    // Ctrl-C and a hangup reach the whole group of processes: the parent hears them too, and tells us what to do.
    process.on("SIGINT", () => undefined)
    process.on("SIGHUP", () => undefined)
    process.on("SIGTERM", () => stop.request())
    process.on("disconnect", () => process.exit(1))
    process.on("message", (raw) => {
      const message = decode(raw)
      if (message.type === "stop") return stop.request()
      dieWith(message.parent)
      Effect.runCallback(runTask(rebuild, message.request, message.task, stop), {
        onExit: (exit) => end(Exit.isSuccess(exit) ? exit.value : failed(exit.cause))
      })
    })
  })

const runTask = Effect.fnUntraced(function* (rebuild: Rebuild, request: unknown, wire: WireTask, stop: Stop) {
  const { graph, services } = yield* rebuild(request)
  const node = graph.nodes.get(wire.node)
  if (node === undefined) {
    return yield* new InputError({
      what: `The pipeline no longer has a node '${wire.node}': it changed while the run was going on.`,
      where: graph.pipeline,
      next: "run it again"
    })
  }
  const record = yield* presently(
    // Time is the parent's business: it can kill what does not listen.
    { ...wire, node, timeoutSeconds: null },
    {
      stop,
      progress: (done, total, note) => send({ type: "progress", done, total, note }),
      mayGoOn: () => send({ type: "mayGoOn" })
    }
  ).pipe(Effect.provide(services))
  return { type: "done", record } as const
})

/** A stage may keep this thread busy for long: its scratch folder must not look left over meanwhile. */
const presently = (task: Task, hooks: ExecuteHooks) =>
  Effect.gen(function* () {
    bePresent((yield* Store).root)
    return yield* executeNode(task, hooks)
  })

const failed = (cause: Cause.Cause<unknown>): FromWorker => ({ type: "failed", error: stageError(cause) })

const send = (message: FromWorker, then?: () => void): void => {
  process.send?.(encode(message), undefined, {}, then)
}

/** Sends the last word and leaves once it is on its way. */
const end = (message: FromWorker): void => send(message, () => process.exit(0))

/**
 * Watches the parent from a thread, which goes on while the main thread computes: a process whose parent is gone is
 * adopted by another one.
 */
const dieWith = (parent: number): void => {
  const watch = `
    const { workerData } = require("node:worker_threads")
    setInterval(() => { if (process.ppid !== workerData) process.kill(process.pid, "SIGKILL") }, 500)
  `
  new Worker(watch, { eval: true, workerData: parent, stdout: false }).unref()
}
