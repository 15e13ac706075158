/**
 * `asterism diff <run> <run>`: what differed in the inputs, then every metric side by side, paired, with intervals.
 *
 * `--json`: `{a, b, confidence, changes: [{node, only?, reasons}], metrics: [{node, output, key, within, direction, over,
 * rows, common, repeated, before, after, change: {mean, low, high, covers}, choiceOfRows: {low, high} | null, verdict, also}], equal,
 * unmatched, unnamed}`. `change.mean` is after − before, and all of one entry is of the same rows; `also` has the same number
 * measured otherwise (on all rows, beside subsamples).
 */
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { loadRun } from "../../engine/run/runs.ts"
import { compareRuns } from "../comparison.ts"
import { comparisonText } from "../comparisonText.ts"
import { result } from "../output.ts"
import { withStore } from "../services.ts"

const runArgument = (name: string, description: string) =>
  Argument.String(name).pipe(Argument.withDescription(description))

export const diff = Command.make(
  "diff",
  {
    a: runArgument("a", "a run's id, a unique prefix of it, or 'latest'"),
    b: runArgument("b", "the run to compare with it")
  },
  Effect.fn("diff")(function* ({ a, b }) {
    const comparison = yield* withStore(
      Effect.gen(function* () {
        const before = yield* loadRun(a)
        const after = yield* loadRun(b)
        return yield* compareRuns(before.file, after.file)
      })
    )
    yield* result(comparison, () => comparisonText(comparison))
  })
).pipe(Command.withDescription("two runs: what differed, and every metric side by side"))
