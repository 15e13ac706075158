/**
 * The heatmap of an alignment study: every pair of views, one group of panels for each metric, settings side by side,
 * and the improvement from the first setting to the last (positive is better, also where a metric is a distance).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { populationsLabel } from "../../compute/statistics/intervalNames.ts"
import { changesBetween } from "../../compute/statistics/pairedChange.ts"
import * as Stage from "../../engine/Stage.ts"
import { AlignmentScores } from "../../schemas/AlignmentScores.ts"
import { Figure, type FigureValue, type HeatmapPanel } from "../../schemas/Figure.ts"
import { formatCount } from "./formatCount.ts"
import { formatDecimal } from "./formatDecimal.ts"
import {
  cellsOf,
  defined,
  deviation,
  mean,
  measured,
  selectMetrics,
  sharedChance,
  unique,
  type AlignmentCell
} from "./alignmentCells.ts"

const noteOf = (cell: AlignmentCell): string | null => {
  const values = [...cell.draws.values.values()]
  const sd = deviation(values)
  const drawn = cell.draws.rows === null ? "" : ` of ${formatCount(cell.draws.rows)} rows`
  const parts = [
    cell.value === null
      ? "undefined here (a constant column, say)"
      : cell.whole
        ? `on all ${formatCount(cell.n)} rows`
        : `mean over ${values.length} subsamples${drawn}`,
    cell.null === null
      ? undefined
      : `null of the same rows, permuted: mean ${formatDecimal(cell.null.mean)}, sd ${formatDecimal(cell.null.sd)}${
          cell.null.p === null ? "" : `, p = ${formatDecimal(cell.null.p)}`
        } (${cell.null.permutations} permutations)`,
    cell.chance === null ? undefined : `chance ${Number(cell.chance.toPrecision(2))}`,
    sd === null || !cell.whole
      ? undefined
      : `beside it ${values.length} subsamples${drawn}: mean ${formatDecimal(mean(values))}, sd ${formatDecimal(sd)}`,
    sd === null || cell.whole ? undefined : `sd of the subsamples ${formatDecimal(sd)}`
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? null : parts.join("; ")
}

/** views × views; a cell that was measured in one order only is shown in both. */
const grid = <A>(
  views: ReadonlyArray<string>,
  cells: ReadonlyArray<AlignmentCell>,
  content: (cell: AlignmentCell) => A | null
): Array<Array<A | null>> =>
  views.map((row) =>
    views.map((column) => {
      const cell =
        cells.find(({ a, b }) => a === row && b === column) ??
        cells.find(({ a, b }) => a === column && b === row)
      return cell === undefined ? null : content(cell)
    })
  )

const confidence = 0.95

/** What a cell's metric gains in the last setting: of the values shown, on the same rows, positive is better. */
const changeOf = (
  before: AlignmentCell,
  candidates: ReadonlyArray<AlignmentCell>
): { readonly change: number; readonly note: string } | null => {
  const after = candidates.find(({ a, b }) => a === before.a && b === before.b)
  if (after === undefined) return null
  const found = changesBetween(measured(before), measured(after), confidence)
  const shown = found.find(({ over }) => over === (before.whole ? "all rows" : "subsamples"))
  if (shown === undefined) return null
  const sign = before.lowerIsBetter ? -1 : 1
  const drawn = found.find(({ over }) => over === "subsamples")
  const ends =
    drawn === undefined || drawn.populations === null
      ? undefined
      : [sign * drawn.populations.low, sign * drawn.populations.high].sort((a, b) => a - b)
  const interval =
    ends === undefined
      ? ""
      : `[${ends.map((end) => formatDecimal(end)).join(", ")}] (${populationsLabel(confidence)})`
  const own = `${formatDecimal(shown.before)} → ${formatDecimal(shown.after)}`
  const means =
    drawn === undefined
      ? ""
      : `${drawn.subsamples} subsamples of ${formatCount(drawn.rows[0] ?? before.n)} rows`
  return {
    change: sign * shown.change,
    note: before.whole
      ? `${own} on all ${formatCount(before.n)} rows${
          drawn === undefined
            ? ""
            : `; as means over ${means}: ${formatDecimal(sign * drawn.change)} ${interval}`.trimEnd()
        }`
      : `${own} as means over ${means} ${interval}`.trimEnd()
  }
}

/** The figure of an alignment table, pure: the stage below wraps it. */
export const alignmentFigure = (
  rows: ReadonlyArray<AlignmentCell>,
  options: { readonly title: string; readonly change: boolean }
): FigureValue => {
  const views = unique(rows.flatMap(({ a, b }) => [a, b]))
  const labels = unique(rows.map((cell) => cell.label))
  const settings = unique(rows.map((cell) => cell.setting))
  const [first, last] = [settings[0], settings.at(-1)]
  const panels = labels.flatMap((label): ReadonlyArray<HeatmapPanel> => {
    const own = rows.filter((cell) => cell.label === label)
    const chance = sharedChance(own)
    const inSetting = (setting: string) => own.filter((cell) => cell.setting === setting)
    const values = settings.map((setting): HeatmapPanel => ({
      name: setting,
      group: label,
      value: { name: label, ...(own[0]!.lowerIsBetter ? { unit: "lower is better" } : {}) },
      scale: "sequential",
      values: grid(views, inSetting(setting), (cell) => cell.value),
      notes: grid(views, inSetting(setting), noteOf),
      ...(chance === null ? {} : { references: [{ value: chance, label: "chance" }] })
    }))
    if (!options.change || settings.length < 2) return values
    const changes = grid(views, inSetting(first!), (before) => changeOf(before, inSetting(last!)))
    return [
      ...values,
      {
        name: `better by, ${first} → ${last}`,
        group: label,
        value: { name: `improvement in ${label}` },
        scale: "diverging",
        values: changes.map((line) => line.map((change) => change?.change ?? null)),
        notes: changes.map((line) => line.map((change) => change?.note ?? null))
      }
    ]
  })
  const lead = rows.filter((cell) => cell.label === labels[0])
  const leadChance = sharedChance(lead)
  const averages = settings.map((setting) => ({
    setting,
    value: mean(defined(lead.filter((cell) => cell.setting === setting).map((cell) => cell.value)))
  }))
  const pairs = unique(rows.map(({ a, b }) => [a, b].sort().join(" × "))).length
  const n = unique(rows.map((cell) => cell.n))
  return {
    type: "heatmap",
    title: options.title,
    caption: `Alignment of every pair of views in each setting${
      options.change && settings.length > 1
        ? `, and the improvement from ${first} to ${last} (blue is better, orange worse)`
        : ""
    }. ${
      rows.some((cell) => cell.whole)
        ? "A cell is the metric on all common rows; hover shows the permutation null and p of that value (the rows of one view permuted: no relation between the rows of the two views), and its spread over subsamples"
        : "A cell is the mean over subsamples; hover shows their spread"
    }, which are the same rows for every pair and setting. Of a change it shows the same change over subsamples too, with the interval for the difference between populations. Panels of one metric share a colour scale.`,
    ...(labels.length === 0 || averages.some(({ value }) => value === null)
      ? {}
      : {
          finding: `Over ${pairs} ${pairs === 1 ? "pair" : "pairs"} of views, ${labels[0]} averages ${averages
            .map(({ setting, value }) => `${formatDecimal(value)} ${setting}`)
            .join(" and ")}${leadChance === null ? "" : ` (chance ${Number(leadChance.toPrecision(2))})`}.`
        }),
    facts: [
      { name: "n", value: n.length === 1 ? n[0]! : `${Math.min(...n)}–${Math.max(...n)}` },
      { name: "pairs", value: pairs },
      { name: "metrics", value: labels.length }
    ],
    rows: views,
    columns: views,
    panels
  }
}

export const alignmentHeatmap = Stage.make("figures/alignment-heatmap", {
  description: "Heatmaps of all alignment metrics, settings side by side.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Names such as `mutual_knn` or `mutual_knn@100`, in the order shown; `all`. */
    metrics: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["all"]))),
    /** Settings in the order shown; `all`. */
    settings: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["all"]))),
    /** Whether to show the change from the first setting to the last. */
    change: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
    title: Schema.String.pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("Alignment of every pair of views"))
    )
  }),
  inputs: { scores: AlignmentScores },
  outputs: { figure: Figure },
  run: Effect.fn("figures/alignment-heatmap")(function* ({ params, inputs }) {
    const { rows } = yield* inputs.scores.read
    const cells = selectMetrics(cellsOf(rows), params.metrics)
    const shown = params.settings.includes("all")
      ? cells
      : params.settings.flatMap((setting) => cells.filter((cell) => cell.setting === setting))
    return { figure: alignmentFigure(shown, params) }
  })
})
