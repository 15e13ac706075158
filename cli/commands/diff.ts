/**
 * `asterism diff <run> <run>`: what differed in the inputs, then every metric side by side, paired, with intervals.
 *
 * `--json`: `{a, b, changes: [{node, only?, reasons}], metrics: [{node, output, key, direction, before, after, rows, change:
 * {mean, low, high, count} | null}], equal}`.
 */
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { loadRun } from "../../engine/run/runs.ts"
import type { Comparison, MetricChange } from "../comparison.ts"
import { compareRuns } from "../comparison.ts"
import { columns, result } from "../output.ts"
import { withStore } from "../services.ts"

const number = (value: number): string => value.toPrecision(4)
const signed = (value: number): string => `${value > 0 ? "+" : ""}${number(value)}`

/** Better or worse only where the interval leaves zero out. */
const verdict = ({ change, direction }: MetricChange): string => {
  if (change === null || direction === null || (change.low <= 0 && change.high >= 0)) return ""
  return change.mean > 0 === (direction === "higher") ? "better" : "worse"
}

const text = (comparison: Comparison): string => {
  const { a, b, changes, metrics, equal } = comparison
  const lines = [
    `${a} → ${b}`,
    "",
    changes.length === 0 ? "The inputs of every node are the same." : "What differed"
  ]
  for (const change of changes) {
    lines.push(
      `  ${change.node}${change.only === undefined ? "" : `  only in ${change.only === "a" ? a : b}`}`
    )
    for (const reason of change.reasons) lines.push(`      ${reason}`)
  }
  if (metrics.length > 0) {
    lines.push(
      "",
      "Metrics that changed (paired over subsamples, 95 % bootstrap interval)",
      columns([
        ["", "before", "after", "change", "interval", ""],
        ...metrics.map((metric) => [
          `  ${Object.values(metric.key).join(" ")}`,
          number(metric.before),
          number(metric.after),
          signed(metric.change?.mean ?? metric.after - metric.before),
          metric.change === null
            ? "one value"
            : `[${signed(metric.change.low)}, ${signed(metric.change.high)}]`,
          verdict(metric)
        ])
      ])
    )
  }
  const moved = metrics.find((metric) => metric.rows !== null && metric.rows[0] !== metric.rows[1])
  if (moved !== undefined) {
    lines.push(
      "",
      `The runs were measured on different rows (n ${moved.rows![0]} → ${moved.rows![1]}): their subsamples share most rows, not all, and the intervals hold to that extent.`
    )
  }
  lines.push("", `${metrics.length} numbers changed, ${equal} are the same.`)
  return lines.join("\n")
}

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
    yield* result(comparison, () => text(comparison))
  })
).pipe(Command.withDescription("two runs: what differed, and every metric side by side"))
