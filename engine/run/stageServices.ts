/** The services one attempt at a node gets. Asking for one that the stage does not declare is a mistake of the stage. */
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Logger from "effect/Logger"
import * as Path from "effect/Path"
import type { InputError } from "../../schemas/errors.ts"
import { temporaryPath } from "../../artifacts/store/durable.ts"
import type { Task } from "../executors/Executor.ts"
import { Backend } from "../services/Backend.ts"
import { Checkpoint } from "../services/Checkpoint.ts"
import { Progress } from "../services/Progress.ts"
import { Random } from "../services/Random.ts"
import { Scratch } from "../services/Scratch.ts"
import type { Services } from "../Stage.ts"
import { makeCheckpoint } from "./checkpoints.ts"
import type { NodeLog } from "./NodeLog.ts"
import type { Stop } from "./Stop.ts"

/** Least milliseconds between two reports of progress of one node. */
const throttle = 100

const undeclared = (task: Task, service: string, flag: string): Error =>
  new Error(
    `Stage ${task.node.stage.id} asks for ${service} but does not declare \`${flag}: true\`, so its fingerprint would not cover what it does.`
  )

const random = (task: Task): Random["Service"] => ({
  get seed() {
    if (task.components.seed === null) throw undeclared(task, "Random", "random")
    return task.components.seed
  }
})

const backend = (task: Task): Backend["Service"] =>
  task.node.stage.compute
    ? task.backend
    : {
        get backend(): never {
          throw undeclared(task, "Backend", "compute")
        },
        get device(): never {
          throw undeclared(task, "Backend", "compute")
        }
      }

const progress = (
  report: (done: number, total: number, note: string | null) => void,
  log: NodeLog
): Progress["Service"] => {
  let next = 0
  return {
    report: (done, total, note) =>
      Effect.sync(() => {
        const now = performance.now()
        if (now < next && done < total) return
        next = now + throttle
        report(done, total, note ?? null)
      }),
    log: (line) => Effect.sync(() => log.write(line))
  }
}

/** States are saved only while the files that the stage reads are those of its fingerprint. */
const guarded = (
  checkpoint: Checkpoint["Service"],
  maySave: () => InputError | undefined
): Checkpoint["Service"] => ({
  load: checkpoint.load,
  offer: (state) =>
    Effect.suspend(() => {
      let problem: InputError | undefined
      const checked = () => {
        problem = maySave()
        if (problem !== undefined) throw problem
        return state()
      }
      return Effect.catch(checkpoint.offer(checked), (error) =>
        problem === undefined ? Effect.fail(error) : Effect.die(problem)
      )
    })
})

const stageLogger = (log: NodeLog): Logger.Logger<unknown, void> =>
  Logger.make(({ logLevel, message }) => {
    const parts: ReadonlyArray<unknown> = Array.isArray(message) ? message : [message]
    log.write(
      `${logLevel}: ${parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" ")}`
    )
  })

export interface StageServices {
  readonly context: Context.Context<Services>
  /** Removes the scratch folder, if the stage asked for one. */
  readonly release: () => void
}

export const stageServices = (options: {
  readonly task: Task
  readonly storeRoot: string
  readonly log: NodeLog
  readonly progress: (done: number, total: number, note: string | null) => void
  readonly stop: Stop
  /** Why no state may be saved any more, if so. */
  readonly maySave: () => InputError | undefined
  readonly onCheckpointing: () => void
  readonly onStopped: () => void
  readonly fileSystem: FileSystem.FileSystem
  readonly path: Path.Path
}): StageServices => {
  const { task, storeRoot, log } = options
  let scratch: string | undefined
  const context = Context.make(Backend, backend(task)).pipe(
    Context.add(
      Checkpoint,
      guarded(
        makeCheckpoint({
          storeRoot,
          fingerprint: task.fingerprint,
          seconds: task.checkpointSeconds,
          stop: options.stop,
          onUse: options.onCheckpointing,
          onStopped: options.onStopped
        }),
        options.maySave
      )
    ),
    Context.add(FileSystem.FileSystem, options.fileSystem),
    Context.add(Path.Path, options.path),
    Context.add(Progress, progress(options.progress, log)),
    Context.add(Random, random(task)),
    Context.add(Scratch, {
      // Made when first asked for: most stages never do. Named as the store's own temporary files are, so that what a
      // killed process left is swept like them.
      get directory() {
        if (scratch === undefined) {
          scratch = temporaryPath(join(storeRoot, "tmp"))
          mkdirSync(scratch, { recursive: true })
        }
        return scratch
      }
    }),
    Context.add(Logger.CurrentLoggers, new Set([stageLogger(log)]))
  )
  return {
    context,
    release: () => {
      if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
    }
  }
}
