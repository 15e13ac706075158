/**
 * `asterism diff <run> <run>`: what differed in the inputs, then every metric side by side, paired, with intervals.
 *
 * `--json`: `{a, b, confidence, changes: [{node, only?, reasons}], metrics: [{node, output, key, direction, over, rows,
 * repeated, before, after, change: {mean, low, high, covers}, choiceOfRows: {low, high} | null, verdict, also}], equal,
 * unmatched, unnamed}`. `change.mean` is after − before, and all of one entry is of the same rows; `also` has the same number
 * measured otherwise (over subsamples beside all rows).
 */
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { choiceLabel, populationsLabel, seedsLabel } from "../../compute/statistics/intervalNames.ts"
import { loadRun } from "../../engine/run/runs.ts"
import type { Comparison, MetricChange } from "../comparison.ts"
import { compareRuns } from "../comparison.ts"
import { columns, result } from "../output.ts"
import { withStore } from "../services.ts"

const number = (value: number): string => value.toPrecision(4)
const signed = (value: number): string => `${value > 0 ? "+" : ""}${number(value)}`
const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",")

const interval = (ends: { readonly low: number | null; readonly high: number | null } | null): string =>
  ends === null || ends.low === null || ends.high === null
    ? ""
    : `[${signed(ends.low)}, ${signed(ends.high)}]`

const measuredOn = ({ over, repeated, rows: [before, after] }: MetricChange): string => {
  const rows =
    before === null || after === null
      ? ""
      : before === after
        ? count(before)
        : `${count(before)} → ${count(after)}`
  switch (over) {
    case "all rows":
      return rows === "" ? "all rows" : `all ${rows} rows`
    case "subsamples":
      return rows === "" ? `${repeated} subsamples` : `${repeated} × ${rows} rows`
    case "seeds":
      return `${repeated} seeds`
    case "one value":
      return "one value"
  }
}

const text = (comparison: Comparison): string => {
  const { a, b, changes, confidence, equal, metrics, unmatched, unnamed } = comparison
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
    const bySeeds = metrics.some(({ change }) => change.covers === "seeds")
    const byRows = metrics.some(({ change }) => change.covers === "populations")
    const chosen = metrics.some(({ over, choiceOfRows }) => over === "subsamples" && choiceOfRows !== null)
    const heading = [
      ...(byRows || !bySeeds ? [populationsLabel(confidence)] : []),
      ...(bySeeds ? [seedsLabel(confidence)] : [])
    ].join("; ")
    lines.push(
      "",
      "Metrics that changed: value, change and interval of a line are of the same rows",
      columns([
        [
          "",
          "measured on",
          "before",
          "after",
          "change",
          heading,
          "",
          ...(chosen ? [choiceLabel(confidence)] : [])
        ],
        ...metrics.map((metric) => [
          `  ${Object.values(metric.key).join(" ")}`,
          measuredOn(metric),
          number(metric.before),
          number(metric.after),
          signed(metric.change.mean),
          metric.change.low === null ? "no interval" : interval(metric.change),
          metric.verdict ?? "",
          ...(chosen ? [metric.over === "subsamples" ? interval(metric.choiceOfRows) : ""] : [])
        ])
      ])
    )
    if (byRows)
      lines.push(
        "",
        `Difference between populations: what other rows of the same kind would give; from subsamples in pairs without a common row, by Student's t. "better" and "worse" follow it. Each interval holds for itself: of twenty, one misses by chance.${
          chosen ? " Choice of rows: the mean over every subsample of these same rows." : ""
        }`
      )
    if (bySeeds)
      lines.push("", "Other seeds: Student's t over the seeds that both runs have, each taken as a pair.")
  }
  const moved = metrics.find(({ rows }) => rows[0] !== null && rows[1] !== null && rows[0] !== rows[1])
  if (moved !== undefined) {
    lines.push(
      "",
      `Some values were measured on different rows (n ${moved.rows[0]} → ${moved.rows[1]}): neighbour scores depend on how many there are, and the intervals are too wide rather than too narrow.`
    )
  }
  for (const { count: missing, first, node, only, output } of unmatched)
    lines.push(
      "",
      `${missing} ${missing === 1 ? "number" : "numbers"} of ${node}.${output} ${missing === 1 ? "is" : "are"} only in ${only === "a" ? a : b} (${Object.values(first).join(" ")}${missing === 1 ? "" : ", …"}): nothing to compare with.`
    )
  for (const { node, output } of unnamed)
    lines.push("", `${node}.${output} is not compared: no columns tell its rows apart.`)
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
