/**
 * Draws any Series as curves: training curves, sweeps, margins. Generic: the parameters say what the axes are, which
 * are logarithmic, which levels to mark, and whether to fit a line.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { leastSquares } from "../../compute/statistics/leastSquares.ts"
import * as Stage from "../../engine/Stage.ts"
import { Axis, Figure, Reference, type FigureValue, type Fit, type XySeries } from "../../schemas/Figure.ts"
import { Series } from "../../schemas/Series.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { unique } from "./alignmentCells.ts"

type Point = ValueOf<typeof Series>[number]

const fitOf = (points: ReadonlyArray<Point>, logX: boolean, logY: boolean): Fit | undefined => {
  const usable = points.filter(({ x, y }) => y !== null && (!logX || x > 0) && (!logY || y > 0))
  const line = leastSquares(
    usable.map(({ x }) => (logX ? Math.log10(x) : x)),
    usable.map(({ y }) => (logY ? Math.log10(y!) : y!))
  )
  return line === undefined ? undefined : { ...line, logX, logY }
}

export const curves = Stage.make("figures/curves", {
  description: "Curves, or points with whiskers, of a series table.",
  source: import.meta.url,
  params: Schema.Struct({
    title: Schema.String,
    /** What was measured, on what, and how to read it. */
    caption: Schema.String,
    x: Axis,
    y: Axis,
    marks: Schema.Literals(["line", "points", "both"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("line" as const))
    ),
    /** Whether to fit a line to each series, in logarithms on logarithmic axes. */
    fit: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
    references: Schema.Array(Reference).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
    facts: Schema.Array(Schema.Struct({ name: Schema.String, value: Schema.String })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed([]))
    ),
    /** The series to draw, by their full names; all where none is named. */
    only: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
    /** Series drawn dashed and grey: bounds, references. */
    muted: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
    /** Where a series is named `panel/name`, whether the part before the last `/` names a panel of its own. */
    panels: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false)))
  }),
  inputs: { series: Series },
  outputs: { figure: Figure },
  run: Effect.fn("figures/curves")(function* ({ params, inputs }) {
    const all = (yield* inputs.series.read).rows
    const rows = params.only.length === 0 ? all : all.filter(({ series }) => params.only.includes(series))
    const intervals = rows.some((row) => row.low !== null && row.high !== null)
    const figure: FigureValue = {
      type: "curves",
      title: params.title,
      caption: params.caption,
      facts: params.facts,
      x: params.x,
      y: params.y,
      references: params.references,
      series: unique(rows.map((row) => row.series)).map((full): XySeries => {
        const points = rows.filter((row) => row.series === full).sort((a, b) => a.x - b.x)
        const cut = params.panels ? full.lastIndexOf("/") : -1
        const fit = params.fit ? fitOf(points, params.x.log ?? false, params.y.log ?? false) : undefined
        const name = full.slice(cut + 1)
        return {
          name,
          ...(cut < 0 ? {} : { panel: full.slice(0, cut) }),
          x: points.map(({ x }) => x),
          y: points.map(({ y }) => y),
          ...(intervals ? { low: points.map(({ low }) => low), high: points.map(({ high }) => high) } : {}),
          marks: params.marks,
          ...(params.muted.includes(name) ? { muted: true } : {}),
          ...(fit === undefined ? {} : { fit })
        }
      })
    }
    return { figure }
  })
})
