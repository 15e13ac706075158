/**
 * Brings one node with known inputs to its record: takes the lease, looks whether somebody was faster, runs it through
 * the executor, tries again as often as its stage allows.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { NodeRecord } from "../../artifacts/NodeRecord.ts"
import type { StoreShape } from "../../artifacts/Store.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import type { Executor, ExecutorServices, Task } from "../executors/Executor.ts"
import { hasCheckpoint } from "./checkpoints.ts"
import { stageError } from "./executeNode.ts"
import { unservable } from "./repair.ts"
import { StageError } from "./StageError.ts"
import type { Stop } from "./Stop.ts"

export type Outcome =
  | { readonly type: "ran"; readonly record: NodeRecord; readonly resumed: boolean }
  /** Another node or process computed the same fingerprint meanwhile. */
  | { readonly type: "shared"; readonly record: NodeRecord }
  /** Another process holds the lease. */
  | { readonly type: "held" }
  /** These inputs must be computed again first. */
  | { readonly type: "inputs-gone"; readonly digests: ReadonlySet<string>; readonly error: StageError }
  | { readonly type: "failed"; readonly error: StageError }

/** A record whose outputs are all there; from now on it stays, and they. */
export const servable = (
  store: StoreShape,
  fingerprint: string
): Effect.Effect<NodeRecord | undefined, ArtifactError> => {
  const look = Effect.gen(function* () {
    const record = yield* store.record(fingerprint)
    return Option.isSome(record) && (yield* store.present(Object.values(record.value.outputs)))
      ? record.value
      : undefined
  })
  // Most often there is none, and nothing to hold.
  return Effect.flatMap(look, (record) =>
    record === undefined
      ? Effect.undefined
      : store.holding(look, (found) =>
          found === undefined ? [] : [fingerprint, ...Object.values(found.outputs)]
        )
  )
}

/** Milliseconds before the next attempt: 1 s, 2 s, 4 s, ... at most 30 s. */
const backoff = (attempt: number): number => Math.min(30_000, 1000 * 2 ** (attempt - 1))

/** Waits, and is true at once when the run is asked to stop. */
const stoppedWithin = (milliseconds: number, stop: Stop): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const end = (wasStopped: boolean): void => {
      clearTimeout(timer)
      quiet()
      resume(Effect.succeed(wasStopped))
    }
    let quiet = (): void => undefined
    if (stop.level > 0) return resume(Effect.succeed(true))
    const timer = setTimeout(() => end(false), milliseconds)
    quiet = stop.listen(() => end(true))
    return Effect.sync(() => {
      clearTimeout(timer)
      quiet()
    })
  })

const stopped = new StageError({
  reason: "interrupted",
  detail: "It was stopped while it waited for its next attempt.",
  next: null,
  trace: null,
  checkpointed: false
})

export const attemptNode = (options: {
  readonly store: StoreShape
  readonly executor: Executor
  readonly task: Omit<Task, "attempt">
  readonly retries: number
  readonly stop: Stop
  readonly onStart: (attempt: number, resumed: boolean) => void
  readonly onRetry: (attempt: number, reason: string) => void
  readonly onProgress: (done: number, total: number, note: string | null) => void
  /** The last attempt that is allowed only has to make its outputs durable. */
  readonly onWorked: () => void
}): Effect.Effect<Outcome, never, ExecutorServices> =>
  Effect.gen(function* () {
    const { store, executor, task, stop } = options
    if (!(yield* store.lease(task.fingerprint))) return { type: "held" } as const
    // From now on its record stays, if there is one, and its checkpoints.
    yield* store.hold([task.fingerprint])
    const record = yield* servable(store, task.fingerprint)
    if (record !== undefined) return { type: "shared", record } as const
    for (let attempt = 1; ; attempt++) {
      const resumed = hasCheckpoint(store.root, task.fingerprint)
      options.onStart(attempt, resumed)
      const exit = yield* Effect.exit(
        executor.execute(
          { ...task, attempt },
          {
            progress: options.onProgress,
            stop,
            worked: attempt > options.retries ? options.onWorked : undefined
          }
        )
      )
      if (Exit.isSuccess(exit)) return { type: "ran", record: exit.value, resumed } as const
      const error = stageError(exit.cause)
      if (error.reason === "input" || error.reason === "interrupted")
        return { type: "failed", error } as const
      const digests = yield* unservable(store, Object.values(task.inputs), error.reason === "artifact")
      if (digests.size > 0) return { type: "inputs-gone", digests, error } as const
      if (attempt > options.retries || stop.level > 0) return { type: "failed", error } as const
      options.onRetry(attempt, error.detail)
      if (yield* stoppedWithin(backoff(attempt), stop)) return { type: "failed", error: stopped } as const
    }
  }).pipe(
    Effect.scoped,
    Effect.catchCause((cause) => Effect.succeed<Outcome>({ type: "failed", error: stageError(cause) }))
  )
