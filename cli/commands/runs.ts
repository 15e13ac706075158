/** `asterism runs`: every run of the store, newest last. `--json`: `{runs: [...]}`. */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { listRuns } from "../../engine/run/runs.ts"
import { columns, duration, result } from "../output.ts"
import { withStore } from "../services.ts"

export const runs = Command.make(
  "runs",
  {},
  Effect.fn("runs")(function* () {
    const all = yield* withStore(listRuns)
    yield* result({ runs: all }, () =>
      all.length === 0
        ? "There are no runs in this store yet. Next: asterism run words"
        : columns([
            ["run", "pipeline", "status", "started", "time", "ran", "cached"],
            ...all.map((run) => [
              run.id,
              run.pipeline,
              run.status,
              run.started.slice(0, 19).replace("T", " "),
              run.seconds === null ? "" : duration(run.seconds),
              String(run.counts.ran),
              String(run.counts.cached + run.counts.cutOff)
            ])
          ])
    )
  })
).pipe(Command.withDescription("every run of the store"))
