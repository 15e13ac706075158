/**
 * What a setting changes, pair by pair: the change of the means over subsamples, with an interval for the difference between
 * populations and one for the choice of rows, and the change on all common rows. Signs are turned so that positive is
 * better, also where a metric is a distance.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { populationsLabel } from "../../compute/statistics/intervalNames.ts"
import { changesBetween, type Change as Measurement } from "../../compute/statistics/pairedChange.ts"
import type { Interval } from "../../compute/statistics/subsampling.ts"
import * as Stage from "../../engine/Stage.ts"
import { AlignmentScores } from "../../schemas/AlignmentScores.ts"
import { Figure, type FigureValue } from "../../schemas/Figure.ts"
import { PairedChanges } from "../../schemas/PairedChanges.ts"
import { InputError } from "../../schemas/errors.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { cellsOf, mean, measured, selectMetrics, unique, type AlignmentCell } from "./alignmentCells.ts"
import { formatCount } from "./formatCount.ts"
import { formatDecimal } from "./formatDecimal.ts"
import { metricLabel } from "./metricLabel.ts"

type Change = ValueOf<typeof PairedChanges>[number]

/** An interval of the change turned round, where lower is better. */
const turned = (
  interval: Interval | null,
  lowerIsBetter: boolean
): readonly [number | null, number | null] =>
  interval === null
    ? [null, null]
    : lowerIsBetter
      ? [-interval.high, -interval.low]
      : [interval.low, interval.high]

/** What a row is about. */
const named = (before: AlignmentCell, to: string, confidence: number) => ({
  a: before.a,
  b: before.b,
  metric: before.metric,
  k: before.k,
  direction: before.lowerIsBetter ? "lower" : "higher",
  from: before.setting,
  to,
  confidence,
  covers: populationsLabel(confidence)
})

const rowOf = (
  before: AlignmentCell,
  to: string,
  { after, before: earlier, change, choice, over, populations, rows, subsamples }: Measurement,
  confidence: number
): Change => {
  const [low, high] = turned(populations, before.lowerIsBetter)
  const [choiceLow, choiceHigh] = turned(choice, before.lowerIsBetter)
  return {
    ...named(before, to, confidence),
    over,
    rows: rows[0] ?? before.n,
    subsamples,
    before: earlier,
    after,
    change: before.lowerIsBetter ? -change : change,
    low,
    high,
    choiceLow,
    choiceHigh
  }
}

/** The row of a pair whose metric is undefined in one of the settings. */
const undefinedRow = (before: AlignmentCell, to: string, confidence: number): Change => ({
  ...named(before, to, confidence),
  over: before.whole ? "all rows" : "subsamples",
  rows: before.n,
  subsamples: 0,
  before: null,
  after: null,
  change: null,
  low: null,
  high: null,
  choiceLow: null,
  choiceHigh: null
})

/** The changes of all pairs and metrics; a row without numbers where a value is undefined in one of the settings. */
export const pairedChanges = (
  cells: ReadonlyArray<AlignmentCell>,
  from: string,
  to: string,
  confidence: number
): ReadonlyArray<Change> =>
  cells
    .filter((cell) => cell.setting === from)
    .flatMap((before): ReadonlyArray<Change> => {
      const after = cells.find(
        (cell) =>
          cell.setting === to && cell.label === before.label && cell.a === before.a && cell.b === before.b
      )
      if (after === undefined) return []
      const found = changesBetween(measured(before), measured(after), confidence)
      return found.length === 0
        ? [undefinedRow(before, to, confidence)]
        : found.map((change) => rowOf(before, to, change, confidence))
    })

const rowsSentence = (changes: ReadonlyArray<Change>, subsamples: number): string => {
  const rows = formatCount(Math.max(0, ...changes.map((change) => change.rows)))
  return changes[0]?.over === "subsamples"
    ? `Values are means over ${subsamples} subsamples of ${rows} rows, the same rows in both settings`
    : `Values are on all ${rows} common rows, the same in both settings`
}

/** The figure of a table of changes: those over subsamples, or those on all rows where there are no subsamples. */
export const pairedChangeFigure = (
  table: ReadonlyArray<Change>,
  options: {
    readonly from: string
    readonly to: string
    readonly title: string
    readonly note?: string
    readonly confidence: number
  }
): FigureValue => {
  const pairName = (change: Change): string => `${change.a} × ${change.b}`
  const labelOf = (change: Change): string => metricLabel(change.metric, change.k)
  const pairs = unique(table.map(pairName))
  const labels = unique(table.map(labelOf))
  const over = table.some((change) => change.over === "subsamples") ? "subsamples" : "all rows"
  const changes = table.filter((change) => change.over === over)
  const interval = populationsLabel(options.confidence)
  const lead = changes.filter((change) => labelOf(change) === labels[0] && change.change !== null)
  const better = lead.filter((change) => change.change! > 0).length
  const above = lead.filter((change) => change.low !== null && change.low > 0).length
  const below = lead.filter((change) => change.high !== null && change.high < 0).length
  const average = mean(lead.map((change) => change.change!)) ?? 0
  const subsamples = changes.reduce((most, change) => Math.max(most, change.subsamples), 0)
  const some = changes.some((change) => change.low !== null)
  const intervals = some
    ? `Whiskers: ${interval}, that is, what other rows of the same kind would give; from subsamples in pairs without a common row. Each holds for itself: of twenty, one misses by chance.`
    : "There are no intervals: they take two subsamples without a common row."
  return {
    type: "bars",
    title: options.title === "" ? `From ${options.from} to ${options.to}, pair by pair` : options.title,
    caption: `Change of each metric from ${options.from} to ${options.to}, for each pair of views. ${rowsSentence(changes, subsamples)}. To the right of 0 is better, also for distances. ${intervals}${options.note === undefined || options.note === "" ? "" : ` ${options.note}`}`,
    ...(lead.length === 0
      ? {}
      : {
          finding: `From ${options.from} to ${options.to}, ${labels[0]} gets ${average < 0 ? "worse" : "better"} by ${formatDecimal(
            Math.abs(average)
          )} on average${over === "subsamples" ? ` over subsamples of ${formatCount(lead.reduce((most, change) => Math.max(most, change.rows), 0))} rows` : " on all common rows"}: better in ${better} of ${lead.length} pairs${
            some
              ? `, in ${above} with the whole interval between populations above 0, in ${below} with the whole interval below it`
              : ""
          }.`
        }),
    facts: [
      { name: "measured on", value: over },
      { name: "rows", value: changes.reduce((most, change) => Math.max(most, change.rows), 0) },
      { name: "subsamples", value: subsamples },
      { name: "interval", value: some ? interval : "none" },
      { name: "no change", value: 0 }
    ],
    ...(some ? { interval } : {}),
    categories: pairs,
    draw: "dots",
    panels: labels.map((label) => {
      const own = pairs.map((pair) =>
        changes.find((change) => labelOf(change) === label && pairName(change) === pair)
      )
      return {
        name: label,
        value: { name: `better by` },
        series: [
          {
            name: `${options.from} → ${options.to}`,
            values: own.map((change) => change?.change ?? null),
            low: own.map((change) => change?.low ?? null),
            high: own.map((change) => change?.high ?? null)
          }
        ]
      }
    })
  }
}

export const pairedChange = Stage.make("figures/paired-change", {
  description: "Paired change of every metric between two settings, with intervals between populations.",
  source: import.meta.url,
  params: Schema.Struct({
    from: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("raw"))),
    to: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("centred"))),
    /** Names such as `mutual_knn` or `mutual_knn@100`, in the order shown; `all`. */
    metrics: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["all"]))),
    /** Coverage of the intervals, in (0, 1). */
    confidence: Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 0.9999 })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(0.95))
    ),
    /** A sentence more for the caption: what a reader must know of this comparison. */
    note: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
    /** Names both settings where it is empty. */
    title: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))
  }),
  inputs: { scores: AlignmentScores },
  outputs: { figure: Figure, changes: PairedChanges },
  run: Effect.fn("figures/paired-change")(function* ({ params, inputs }) {
    const cells = selectMetrics(cellsOf((yield* inputs.scores.read).rows), params.metrics)
    const settings = unique(cells.map((cell) => cell.setting))
    for (const setting of [params.from, params.to])
      if (!settings.includes(setting))
        return yield* new InputError({
          what: `The scores have no setting named ${setting}.`,
          where: "figures/paired-change",
          expected: `one of ${settings.join(", ")}`,
          next: "Change the parameter from or to"
        })
    const changes = pairedChanges(cells, params.from, params.to, params.confidence)
    return { figure: pairedChangeFigure(changes, params), changes }
  })
})
