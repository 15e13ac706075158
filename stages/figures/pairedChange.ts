/**
 * What a setting changes, pair by pair: the mean difference over the subsamples that both settings share, with a
 * bootstrap interval. Signs are turned so that positive is better, also where a metric is a distance.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { pairedBootstrap, type PairedChange } from "../../compute/statistics/pairedBootstrap.ts"
import * as Stage from "../../engine/Stage.ts"
import { Random } from "../../engine/services/Random.ts"
import { AlignmentScores } from "../../schemas/AlignmentScores.ts"
import { Figure, type FigureValue } from "../../schemas/Figure.ts"
import { PairedChanges } from "../../schemas/PairedChanges.ts"
import { InputError } from "../../schemas/errors.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { cellsOf, mean, selectMetrics, unique, type AlignmentCell } from "./alignmentCells.ts"
import { formatDecimal } from "./formatDecimal.ts"
import { metricLabel } from "./metricLabel.ts"

type Change = ValueOf<typeof PairedChanges>[number]

/** after − before on the subsamples where both are defined, turned so that positive is better. */
const differences = (before: AlignmentCell, after: AlignmentCell): ReadonlyArray<number> =>
  [...before.subsamples].flatMap(([subsample, earlier]) => {
    const later = after.subsamples.get(subsample) ?? null
    if (earlier === null || later === null) return []
    return [before.lowerIsBetter ? earlier - later : later - earlier]
  })

/** The changes of all pairs and metrics; `bootstrap` is given a name for its random stream. */
export const pairedChanges = (
  cells: ReadonlyArray<AlignmentCell>,
  from: string,
  to: string,
  bootstrap: (name: string, differences: ReadonlyArray<number>) => PairedChange
): ReadonlyArray<Change> =>
  cells
    .filter((cell) => cell.setting === from)
    .flatMap((before): ReadonlyArray<Change> => {
      const after = cells.find(
        (cell) =>
          cell.setting === to && cell.label === before.label && cell.a === before.a && cell.b === before.b
      )
      if (after === undefined) return []
      const paired = differences(before, after)
      const whole =
        before.value === null || after.value === null
          ? null
          : (after.value - before.value) * (before.lowerIsBetter ? -1 : 1)
      const change = paired.length === 0 ? null : bootstrap(`${before.label}/${before.a}/${before.b}`, paired)
      return [
        {
          a: before.a,
          b: before.b,
          metric: before.metric,
          k: before.k,
          from,
          to,
          subsamples: paired.length,
          change: change?.mean ?? null,
          low: change?.low ?? null,
          high: change?.high ?? null,
          changeAll: whole
        }
      ]
    })

/** The figure of a table of changes. */
export const pairedChangeFigure = (
  changes: ReadonlyArray<Change>,
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
  const pairs = unique(changes.map(pairName))
  const labels = unique(changes.map(labelOf))
  const percent = `${Number((100 * options.confidence).toPrecision(4))} %`
  const lead = changes.filter((change) => labelOf(change) === labels[0] && change.change !== null)
  const better = lead.filter((change) => change.change! > 0).length
  const above = lead.filter((change) => change.low! > 0).length
  const below = lead.filter((change) => change.high! < 0).length
  const average = mean(lead.map((change) => change.change!)) ?? 0
  return {
    type: "bars",
    title: options.title === "" ? `From ${options.from} to ${options.to}, pair by pair` : options.title,
    caption: `Change of each metric from ${options.from} to ${options.to}, for each pair of views: the mean over subsamples of the same rows in both settings, with a ${percent} bootstrap interval over subsamples. To the right of 0 is better, also for distances. The interval is about which rows were drawn, not about other corpora or models.${options.note === undefined || options.note === "" ? "" : ` ${options.note}`}`,
    ...(lead.length === 0
      ? {}
      : {
          finding: `From ${options.from} to ${options.to}, ${labels[0]} gets ${average < 0 ? "worse" : "better"} by ${formatDecimal(
            Math.abs(average)
          )} on average: better in ${better} of ${lead.length} pairs, in ${above} with the whole interval above 0, in ${below} with the whole interval below it.`
        }),
    facts: [
      { name: "subsamples", value: changes.reduce((most, change) => Math.max(most, change.subsamples), 0) },
      { name: "interval", value: `${percent}, paired bootstrap` },
      { name: "no change", value: 0 }
    ],
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
  description: "Paired change of every metric between two settings, with bootstrap intervals.",
  source: import.meta.url,
  params: Schema.Struct({
    from: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("raw"))),
    to: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("centred"))),
    /** Names such as `mutual_knn` or `mutual_knn@100`, in the order shown; `all`. */
    metrics: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["all"]))),
    resamples: Schema.Int.check(Schema.isGreaterThan(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(2000))
    ),
    /** Coverage of the interval, in (0, 1). */
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
  random: true,
  run: Effect.fn("figures/paired-change")(function* ({ params, inputs }) {
    const { seed } = yield* Random
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
    const changes = pairedChanges(cells, params.from, params.to, (name, values) =>
      pairedBootstrap(values, makeRandom(seed, name), params)
    )
    return { figure: pairedChangeFigure(changes, params), changes }
  })
})
