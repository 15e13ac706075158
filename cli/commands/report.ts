/** `asterism report <run>`: one HTML file that works offline. `--json`: `{run, report}`. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { resolve } from "node:path"
import { loadRun } from "../../engine/run/runs.ts"
import { result } from "../output.ts"
import { reportOf } from "../report.ts"
import { withStore } from "../services.ts"

export const report = Command.make(
  "report",
  {
    run: Argument.String("run").pipe(
      Argument.withDescription("a run's id, a unique prefix of it, or 'latest'"),
      Argument.withDefault("latest")
    ),
    to: Flag.String("to").pipe(
      Flag.withMetavar("file.html"),
      Flag.withDescription("write it there instead of into the run's folder"),
      Flag.optional
    )
  },
  Effect.fn("report")(function* ({ run, to }) {
    const [id, target] = yield* withStore(
      Effect.gen(function* () {
        const { file } = yield* loadRun(run)
        const where = Option.isSome(to) ? { to: resolve(to.value) } : {}
        return [
          file.id,
          (yield* reportOf(file.id, { onlyIfFigures: false, redraw: true, ...where }))!
        ] as const
      })
    )
    yield* result({ run: id, report: target }, () => target)
  })
).pipe(Command.withDescription("the report of a run, as one HTML file"))
