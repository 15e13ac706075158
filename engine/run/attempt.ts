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
import type { StageError } from "./StageError.ts"
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

/** A record whose outputs are all there. */
export const servable = Effect.fnUntraced(function* (
  store: StoreShape,
  fingerprint: string
): Effect.fn.Return<NodeRecord | undefined, ArtifactError> {
  const record = yield* store.record(fingerprint)
  return Option.isSome(record) && (yield* store.present(Object.values(record.value.outputs)))
    ? record.value
    : undefined
})

/** Milliseconds before the next attempt: 1 s, 2 s, 4 s, ... at most 30 s. */
const backoff = (attempt: number): number => Math.min(30_000, 1000 * 2 ** (attempt - 1))

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
      yield* Effect.sleep(backoff(attempt))
    }
  }).pipe(
    Effect.scoped,
    Effect.catchCause((cause) => Effect.succeed<Outcome>({ type: "failed", error: stageError(cause) }))
  )
