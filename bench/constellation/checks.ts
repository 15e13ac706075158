/**
 * What arXiv 2509.18552 and its notebooks let one demand of these studies, as rows of the results page: the demand, what was
 * measured, whether it holds. Algebraic checks (losses, constructions, adapter, gradients) are tests under test/compute/constellation.
 */
import type { SummaryRow } from "./results.ts"
import { number } from "./tables.ts"

interface Check {
  readonly demand: string
  readonly measured: string
  readonly holds: boolean | undefined
}

const within = (value: number, low: number, high: number) =>
  Number.isNaN(value) ? undefined : value >= low && value <= high
const each = (values: ReadonlyArray<number>, holds: (value: number) => boolean) =>
  values.length === 0 || values.some(Number.isNaN) ? undefined : values.every(holds)

export const checks = (rows: ReadonlyArray<SummaryRow>): ReadonlyArray<string> => {
  const find = (experiment: string, point: string, measure: string) =>
    rows.find((row) => row.experiment === experiment && row.point === point && row.measure === measure)
  const mean = (experiment: string, point: string, measure: string) =>
    find(experiment, point, measure)?.mean ?? Number.NaN
  const all = (measure: string, experiment: RegExp, of: "min" | "max" | "mean" = "mean") =>
    rows
      .filter((row) => row.measure === measure && experiment.test(row.experiment))
      .map((row) => row[of] ?? Number.NaN)

  const slack = all("slack", /./, "min")
  const zero = {
    m: mean("fixed-bias/table", "b=0", "margin"),
    t: mean("fixed-bias/table", "b=0", "inverseTemperature")
  }
  const euclidean = {
    m: mean("projection/euclidean", "b=0", "margin"),
    t: mean("projection/euclidean", "b=0", "inverseTemperature")
  }
  const sweep = rows.filter((row) => row.experiment === "fixed-bias/sweep" && row.reference !== null)
  const off = sweep.map((row) => Math.abs((row.mean ?? Number.NaN) - row.reference!))
  const rising = rows
    .filter((row) => row.experiment === "fixed-bias/sweep" && row.measure === "margin")
    .map((row) => ({ bias: Number(row.point.slice(2)), margin: row.mean ?? Number.NaN }))
    .filter(({ bias }) => bias <= 0.56)
    .map(({ margin }) => margin)
  const lockedLoss = mean("locked/plain", "relative", "loss")
  const gaps = (t: number) =>
    rows
      .filter(
        (row) =>
          row.experiment === "temperature/grid" &&
          row.measure === "fullGap" &&
          row.point.startsWith(`t0=${t} `)
      )
      .map((row) => row.mean ?? Number.NaN)
  const modalities = [8, 14, 20].map((k) => mean(`modalities/k${k}`, `k=${k}`, "fullGap"))
  const zeroLoss = [4, 8, 14, 20].map((k) => mean(`modalities/k${k}`, `k=${k}`, "loss"))
  // m > |b*| as Theorem 3.6 asks, in every seed.
  const apart = rows.filter(
    (row) =>
      row.measure === "originRightSeparated" &&
      (find(row.experiment, row.point, "margin")?.min ?? 0) >
        Math.max(
          Math.abs(find(row.experiment, row.point, "relativeBias")?.min ?? 1),
          Math.abs(find(row.experiment, row.point, "relativeBias")?.max ?? 1)
        )
  )
  const missed = apart.map((row) => {
    const pairs = row.experiment.startsWith("basic") ? 20 : 100
    const dims = row.experiment.startsWith("basic") ? 3 : row.experiment.startsWith("xi") ? 100 : 10
    return { over: pairs - (row.min ?? 0) - dims, name: `${row.experiment} ${row.point}`, dims }
  })

  const list: ReadonlyArray<Check> = [
    {
      demand: "every run inside the feasible region (slack ≥ −1e-6)",
      measured: `least slack ${number(Math.min(...slack))} over ${slack.length} points`,
      holds: each(slack, (x) => x >= -1e-6)
    },
    {
      demand: "b_rel = 0: m in [.135, .16], t in [65, 85], loss < 1e-6",
      measured: `m ${number(zero.m)}, t ${number(zero.t)}, loss ${number(mean("fixed-bias/table", "b=0", "loss"))} (Euclidean gradient: m ${number(euclidean.m)}, t ${number(euclidean.t)})`,
      holds:
        within(zero.m, 0.135, 0.16) &&
        within(zero.t, 65, 85) &&
        within(mean("fixed-bias/table", "b=0", "loss"), 0, 1e-6)
    },
    {
      demand: "b_rel = −1: loss .6931 ± .0002, t 6 to 7; b_rel = .7, .8: m ≥ .24",
      measured: `loss ${number(mean("fixed-bias/table", "b=-1", "loss"), 6)}, t ${number(mean("fixed-bias/table", "b=-1", "inverseTemperature"))}; m ${number(mean("fixed-bias/table", "b=0.7", "margin"))}, ${number(mean("fixed-bias/table", "b=0.8", "margin"))}`,
      holds:
        within(mean("fixed-bias/table", "b=-1", "loss"), Math.LN2 - 2e-4, Math.LN2 + 2e-4) &&
        within(mean("fixed-bias/table", "b=-1", "inverseTemperature"), 6, 7) &&
        each(
          [0.7, 0.8].map((b) => mean("fixed-bias/table", `b=${b}`, "margin")),
          (m) => m >= 0.24
        )
    },
    {
      demand: "5,000-step sweep: means within .015 of the CSV; rising for b_rel ≤ .56",
      measured: `largest difference ${number(Math.max(...off))} over ${off.length} means; ${rising.map((m) => number(m, 3)).join(", ")}`,
      holds: each(off, (x) => x <= 0.015) && rising.every((m, i) => i === 0 || m > rising[i - 1])
    },
    {
      demand: "N = 20, d = 3, b_rel = 0: m .012 ± .002, t in [850, 1050]",
      measured: `m ${number(mean("basic/d3", "b=0", "margin"))}, t ${number(mean("basic/d3", "b=0", "inverseTemperature"))}`,
      holds:
        within(mean("basic/d3", "b=0", "margin"), 0.01, 0.014) &&
        within(mean("basic/d3", "b=0", "inverseTemperature"), 850, 1050)
    },
    {
      demand:
        "locked U: relative loss ≤ 1e-4, m ≥ .08; fixed t = 10: m < 0, loss .8 to 1.05; relative ≥ 10× below absolute",
      measured: `loss ${number(lockedLoss)}, m ${number(mean("locked/plain", "relative", "margin"))}; m ${number(mean("locked/plain", "t=10 b=0", "margin"))}, loss ${number(mean("locked/plain", "t=10 b=0", "loss"))}; ${number(mean("locked/plain", "absolute", "loss") / lockedLoss, 3)}×`,
      holds:
        within(lockedLoss, 0, 1e-4) &&
        within(mean("locked/plain", "relative", "margin"), 0.08, 1) &&
        within(mean("locked/plain", "t=10 b=0", "margin"), -1, 0) &&
        within(mean("locked/plain", "t=10 b=0", "loss"), 0.8, 1.05) &&
        mean("locked/plain", "absolute", "loss") >= 10 * lockedLoss
    },
    {
      demand: "locked U, fixed t = 200: loss > 6 (5.77 is the ε clamp)",
      measured: `loss ${number(mean("locked/plain", "t=200 b=0", "loss"))}`,
      holds: within(mean("locked/plain", "t=200 b=0", "loss"), 6, Infinity)
    },
    {
      demand: "both trained: full gap ≥ .48 for t0 ≤ 3, ≥ .56 at t0 = 1",
      measured: `least full gap ${number(Math.min(...gaps(1)))} at t0 = 1, ${number(Math.min(...gaps(3)))} at t0 = 3`,
      holds: each(gaps(1), (x) => x >= 0.56) && each(gaps(3), (x) => x >= 0.48)
    },
    {
      demand: "absolute form from b0 = 0: |b*| ≤ .02, m about .145; relative m ≥ .19 from the same vectors",
      measured: `b* ${number(mean("forms/absolute", "b0=0", "relativeBias"))}, m ${number(mean("forms/absolute", "b0=0", "margin"))}; relative m ${number(mean("forms/relative", "b0=0", "margin"))}`,
      holds:
        within(mean("forms/absolute", "b0=0", "relativeBias"), -0.02, 0.02) &&
        within(mean("forms/absolute", "b0=0", "margin"), 0.135, 0.17) &&
        within(mean("forms/relative", "b0=0", "margin"), 0.19, 1)
    },
    {
      demand: "complete graph: full gap ≥ .40 at k = 4, ≥ .55 at k = 8 to 20; loss < 1e-6",
      measured: `${number(mean("modalities/k4", "k=4", "fullGap"))}; ${modalities.map((x) => number(x)).join(", ")}; losses ${zeroLoss.map((x) => number(x, 2)).join(", ")}`,
      holds:
        within(mean("modalities/k4", "k=4", "fullGap"), 0.4, 2) &&
        each(modalities, (x) => x >= 0.55) &&
        each(zeroLoss, (x) => x < 1e-6)
    },
    {
      demand: "where m > |b*|: a hyperplane separates U from all but ≤ d of V; ξ ≤ .1 at b_rel = 0",
      measured: `${missed.length} points; most missed beyond d: ${Math.max(...missed.map(({ over }) => over))}; ξ ${number(mean("fixed-bias/table", "b=0", "xi"))}`,
      holds:
        each(
          missed.map(({ over }) => over),
          (x) => x <= 0
        ) && within(mean("fixed-bias/table", "b=0", "xi"), 0, 0.1)
    }
  ]
  return [
    "| check | measured | holds |",
    "|---|---|---|",
    ...list.map(
      ({ demand, holds, measured }) =>
        `| ${demand} | ${measured} | ${holds === undefined ? "not run" : holds ? "yes" : "**no**"} |`
    )
  ]
}
