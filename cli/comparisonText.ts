/** A comparison of two runs as `asterism diff` prints it. */
import { choiceLabel, populationsLabel, seedsLabel } from "../compute/statistics/intervalNames.ts"
import type { Comparison, MetricChange } from "./comparison.ts"
import { columns } from "./output.ts"

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

/** From so many lines on that differ in a window or a cut-off only, one line stands for all. */
const many = 4

const nameOf = ({ key, within }: MetricChange): string =>
  Object.entries(key)
    .filter(([column]) => !within.includes(column))
    .map(([, cell]) => cell)
    .join(" ")

/** Lines of one table under its node: a line for a number, or one for a family of them. */
const lineFor = (
  family: ReadonlyArray<MetricChange>,
  chosen: boolean
): ReadonlyArray<ReadonlyArray<string>> => {
  if (family.length >= many) {
    const means = family.map(({ change }) => change.mean)
    const places = family[0]!.within.map(
      (column) => `${family[0]!.key[column]!} … ${family.at(-1)!.key[column]!.replace(`${column} `, "")}`
    )
    const range = `${signed(Math.min(...means))} … ${signed(Math.max(...means))}`
    return [
      [
        `    ${nameOf(family[0]!)}`,
        `${family.length} values`,
        "",
        "",
        range,
        `no interval; ${places.join(", ")}`
      ]
    ]
  }
  return family.map((metric) => [
    `    ${Object.values(metric.key).join(" ")}`,
    measuredOn(metric),
    number(metric.before),
    number(metric.after),
    signed(metric.change.mean),
    metric.change.low === null ? "no interval" : interval(metric.change),
    metric.verdict ?? "",
    ...(chosen ? [metric.over === "subsamples" ? interval(metric.choiceOfRows) : ""] : [])
  ])
}

/** The lines of all tables, each table under its node's name. */
const tableLines = (
  metrics: ReadonlyArray<MetricChange>,
  chosen: boolean
): ReadonlyArray<ReadonlyArray<string>> => {
  const tables = new Map<string, Map<string, Array<MetricChange>>>()
  for (const metric of metrics) {
    const name = `${metric.node}.${metric.output}`
    const families = tables.get(name) ?? new Map<string, Array<MetricChange>>()
    tables.set(name, families)
    const family = metric.change.low === null ? nameOf(metric) : JSON.stringify(metric.key)
    const known = families.get(family)
    if (known === undefined) families.set(family, [metric])
    else known.push(metric)
  }
  return [...tables].flatMap(([name, families]) => [
    [`  ${name}`],
    ...[...families.values()].flatMap((family) => lineFor(family, chosen))
  ])
}

export const comparisonText = (comparison: Comparison): string => {
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
        ...tableLines(metrics, chosen)
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
  if (metrics.some(({ also, over }) => over === "subsamples" && also.length > 0))
    lines.push("", "The same numbers on all rows, which have no interval, are in --json (`also`).")
  const moved = metrics.find(
    ({ common: [before, after] }) => before !== null && after !== null && before !== after
  )
  if (moved !== undefined) {
    const [before, after] = moved.common
    lines.push(
      "",
      `The runs have different rows (${count(before!)} → ${count(after!)} common ones): their subsamples share most rows, not all, and intervals are too wide rather than too narrow.`
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
