/** Alignment against word rarity: the windows of every pair of views, the fitted lines, and chance, one panel a metric. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { Figure, type FigureValue, type XySeries } from "../../schemas/Figure.ts"
import { FrequencyFits } from "../../schemas/FrequencyFits.ts"
import { FrequencyWindows } from "../../schemas/FrequencyWindows.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { mean, selectMetrics, sharedChance, unique } from "./alignmentCells.ts"
import { formatDecimal } from "./formatDecimal.ts"
import { metricLabel } from "./metricLabel.ts"

type WindowRow = ValueOf<typeof FrequencyWindows>[number]
type FitRow = ValueOf<typeof FrequencyFits>[number]

const labelOf = (row: { readonly metric: string; readonly k: number | null }): string =>
  metricLabel(row.metric, row.k)

const seriesOf = (rows: ReadonlyArray<WindowRow>, fit: FitRow | undefined, things: string): XySeries => ({
  name: `${rows[0]!.a} × ${rows[0]!.b}`,
  panel: labelOf(rows[0]!),
  x: rows.map((row) => row.x),
  y: rows.map((row) => row.value),
  labels: rows.map((row) => `${things} ${row.firstRank + 1} to ${row.lastRank + 1} by frequency`),
  marks: "points",
  ...(fit === undefined || fit.slope === null || fit.intercept === null
    ? {}
    : { fit: { slope: fit.slope, intercept: fit.intercept, r2: fit.rSquared } })
})

/** The figure of windows and fits, pure: the stage below wraps it. */
export const frequencyFigure = (
  windows: ReadonlyArray<WindowRow>,
  fits: ReadonlyArray<FitRow>,
  title: string,
  things = "words"
): FigureValue => {
  const labels = unique(windows.map(labelOf))
  const series = labels.flatMap((label) => {
    const own = windows.filter((row) => labelOf(row) === label)
    return unique(own.map((row) => JSON.stringify([row.a, row.b]))).map((pair) => {
      const rows = own.filter((row) => JSON.stringify([row.a, row.b]) === pair)
      const fit = fits.find(
        (candidate) => labelOf(candidate) === label && JSON.stringify([candidate.a, candidate.b]) === pair
      )
      return seriesOf(rows, fit, things)
    })
  })
  const references = labels.flatMap((label) => {
    const chance = sharedChance(windows.filter((row) => labelOf(row) === label))
    return chance === null ? [] : [{ axis: "y" as const, value: chance, label: "chance", panel: label }]
  })
  const lead = fits.filter((fit) => labelOf(fit) === labels[0] && fit.slope !== null)
  const noisier = lead.filter((fit) => fit.noisier).length
  const fitted = lead.map((fit) => fit.rSquared).filter((value) => value !== null)
  const sizes = unique(windows.map((row) => row.lastRank - row.firstRank + 1))
  return {
    type: "curves",
    title,
    caption: `Each point is one window of ${things} of falling frequency; the lines are ordinary least squares of the metric on 1/√f, where f is the mean share of occurrences in the window, so rarer ${things} lie to the right. Neighbouring windows overlap and are not independent: R² describes the fit and is no test.`,
    ...(lead.length === 0
      ? {}
      : {
          finding: `As ${things} get rarer ${labels[0]} gets worse in ${noisier} of ${lead.length} pairs${
            fitted.length === 0 ? "" : ` (mean R² of the fits ${formatDecimal(mean(fitted))})`
          }.`
        }),
    facts: [
      { name: "windows", value: unique(windows.map((row) => row.window)).length },
      {
        name: `${things} a window`,
        value: sizes.length === 1 ? sizes[0]! : `${Math.min(...sizes)}–${Math.max(...sizes)}`
      }
    ],
    x: { name: "rarity 1/√f" },
    y: { name: "alignment" },
    sharedY: false,
    series,
    references
  }
}

export const frequencyWindows = Stage.make("figures/frequency-windows", {
  description: "Alignment in windows against word rarity, with fitted lines.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Names such as `mutual_knn` or `mutual_knn@100`, in the order shown; `all`. */
    metrics: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(["all"]))),
    title: Schema.String.pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("Alignment against word frequency"))
    ),
    /** What the rows are. */
    things: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("words")))
  }),
  inputs: { windows: FrequencyWindows, fits: FrequencyFits },
  outputs: { figure: Figure },
  run: Effect.fn("figures/frequency-windows")(function* ({ params, inputs }) {
    const windows = selectMetrics((yield* inputs.windows.read).rows, params.metrics)
    const fits = selectMetrics((yield* inputs.fits.read).rows, params.metrics)
    return { figure: frequencyFigure(windows, fits, params.title, params.things) }
  })
})
