/**
 * Runs one node in a process of its own and brings back its record. Whatever becomes of the process (an abort, a kill
 * for memory, `process.exit` in a library) is one node's failure.
 */
import { spawn } from "node:child_process"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import type { NodeRecord } from "../../artifacts/NodeRecord.ts"
import { timeoutError } from "../run/executeNode.ts"
import { NodeLog } from "../run/NodeLog.ts"
import { StageError } from "../run/StageError.ts"
import type { Hooks, Task } from "./Executor.ts"
import type { ToWorker } from "./protocol.ts"
import { FromWorker } from "./protocol.ts"

export interface WorkerCommand {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** Any JSON: reaches the process, which rebuilds the graph from it. */
  readonly request: unknown
}

const decode = Schema.decodeUnknownExit(FromWorker)

/** How long a stage that could keep nothing may take to notice a stop before its process is killed. */
const grace = 3000
/** How much of what the process printed last is quoted when it dies. */
const tail = 2000

export const executeInChild = (
  worker: WorkerCommand,
  task: Task,
  hooks: Hooks
): Effect.Effect<NodeRecord, StageError> =>
  Effect.callback((resume) => {
    const log = new NodeLog(task.logFile)
    const child = spawn(worker.command, worker.args, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: process.env
    })
    let printed = ""
    let settled = false
    let timedOut = false
    let mayGoOn = false
    const timers: Array<NodeJS.Timeout> = []
    const kill = (): void => void child.kill("SIGKILL")
    const send = (message: ToWorker): void => {
      // A process that is already gone is noticed by its exit.
      if (child.connected) child.send(message, () => undefined)
    }
    const settle = (result: Effect.Effect<NodeRecord, StageError>): void => {
      if (settled) return
      settled = true
      for (const timer of timers) clearTimeout(timer)
      quiet()
      resume(result)
    }
    const fail = (error: StageError): void => {
      log.write(`Attempt ${task.attempt} failed: ${error.detail}`)
      settle(Effect.fail(error))
    }
    const onOutput = (data: Buffer): void => {
      log.raw(data)
      printed = (printed + data.toString("utf8")).slice(-tail)
    }
    const quiet = hooks.stop.listen((level) => {
      if (level === 2) return kill()
      send({ type: "stop" })
      timers.push(
        setTimeout(() => {
          if (!mayGoOn) kill()
        }, grace)
      )
    })

    child.stdout?.on("data", onOutput)
    child.stderr?.on("data", onOutput)
    child.on("message", (raw) => {
      const message = decode(raw)
      if (Exit.isFailure(message)) return
      switch (message.value.type) {
        case "progress":
          return hooks.progress(message.value.done, message.value.total, message.value.note)
        case "mayGoOn":
          mayGoOn = true
          return
        case "done":
          return settle(Effect.succeed(message.value.record))
        case "failed":
          return settle(Effect.fail(message.value.error))
      }
    })
    child.on("error", (error) =>
      fail(
        crashed(
          `Its process could not be started: ${error.message}.`,
          "check that Node is installed where this run finds it"
        )
      )
    )
    const onEnd = (code: number | null, signal: string | null): void => {
      if (settled) return
      if (timedOut) return fail(timeoutError(task.timeoutSeconds!))
      if (hooks.stop.level > 0) return settle(Effect.fail(stopped))
      fail(crashed(ending(code, signal, printed), signal === "SIGKILL" ? memoryHint : null))
    }
    // `close` comes after the last output, unless a program that the stage started holds the pipes open.
    child.on("close", onEnd)
    child.on("exit", (code, signal) => timers.push(setTimeout(() => onEnd(code, signal), 1000)))

    if (task.timeoutSeconds !== null) {
      timers.push(
        setTimeout(() => {
          timedOut = true
          kill()
        }, task.timeoutSeconds * 1000)
      )
    }
    const { node, timeoutSeconds: _, ...rest } = task
    send({
      type: "start",
      request: worker.request,
      task: { ...rest, node: node.name },
      parent: process.pid
    })
    return Effect.callback<void>((gone) => {
      settled = true
      for (const timer of timers) clearTimeout(timer)
      quiet()
      if (child.exitCode !== null || child.signalCode !== null) return gone(Effect.void)
      child.once("exit", () => gone(Effect.void))
      kill()
    })
  })

const memoryHint =
  "a process killed by the system has usually run out of memory: give the stage less at once, or use a larger machine, and run again"

const crashed = (detail: string, next: string | null): StageError =>
  new StageError({ reason: "crash", detail, next, trace: null, checkpointed: false })

const stopped = new StageError({
  reason: "interrupted",
  detail: "It was stopped.",
  next: null,
  trace: null,
  checkpointed: false
})

const ending = (code: number | null, signal: string | null, printed: string): string => {
  const how = signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`
  const lines = printed.trim().split("\n").slice(-3).join(" / ")
  return `Its process ${how} before the stage was done.${lines === "" ? "" : ` It last printed: ${lines}`}`
}
