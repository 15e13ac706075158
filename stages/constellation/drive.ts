/** Runs a training to its end, or to where its loss says that it is lost, with progress and checkpoints: resumed, it ends as if never stopped. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Training } from "../../compute/constellation/training.ts"
import { Checkpoint } from "../../engine/services/Checkpoint.ts"
import { Progress } from "../../engine/services/Progress.ts"
import { StageFailure, type ArtifactError } from "../../schemas/errors.ts"

const attempt = <A>(body: () => Promise<A>): Effect.Effect<A, StageFailure> =>
  Effect.tryPromise({
    try: body,
    catch: (cause) =>
      cause instanceof StageFailure
        ? cause
        : new StageFailure({ what: cause instanceof Error ? cause.message : String(cause) })
  })

/** @param runSteps how many run-steps to do between two offers of a checkpoint; does not change the result */
export const drive = Effect.fn("constellation/drive")(function* <Result>(
  training: Training<Result>,
  runSteps: number
): Effect.fn.Return<Result, StageFailure | ArtifactError, Checkpoint | Progress> {
  const checkpoint = yield* Checkpoint
  const progress = yield* Progress
  const saved = yield* checkpoint.load
  if (Option.isSome(saved)) {
    const state: { [name: string]: Float32Array | Float64Array } = {}
    for (const [name, { data }] of Object.entries(saved.value.tensors)) {
      if (data instanceof Float32Array || data instanceof Float64Array) state[name] = data
    }
    yield* attempt(() => training.restore(state))
  }
  while (training.done() < training.total) {
    yield* attempt(() => training.advance(runSteps))
    const lost = training.diverged()
    if (lost !== undefined) {
      return yield* new StageFailure({
        what: `The training diverged: ${lost}.`,
        next: "lower learningRate, or start at a smaller inverseTemperature"
      })
    }
    yield* progress.report(training.done(), training.total)
    yield* checkpoint.offer(async () => ({
      tensors: Object.fromEntries(
        Object.entries(await training.save()).map(([name, data]) => [name, { shape: [data.length], data }])
      )
    }))
    // Between two pieces of work that never wait, let signals and timers through.
    yield* Effect.promise(() => new Promise<void>((resume) => setImmediate(resume)))
  }
  return yield* attempt(() => training.result())
})
