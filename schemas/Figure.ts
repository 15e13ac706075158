/**
 * A figure is a declarative value: what is shown and the numbers it shows, never how many pixels. Stages return
 * figures, `report/` draws them, and the numbers can be downloaded beside every picture.
 *
 * Every figure says what was measured (`caption`), under which conditions (`facts`: n, k, direction, chance, ...) and,
 * where the stage can put it in a sentence, what came out (`finding`, computed from the data; the report's summary is
 * made of these).
 */
import * as Schema from "effect/Schema"
import * as Kind from "./Kind.ts"

const Numbers = Schema.Array(Schema.Finite)
/** Null where there is no number: an undefined metric, a missing cell, a gap in a line. */
const Values = Schema.Array(Schema.NullOr(Schema.Finite))

// --- parts ---------------------------------------------------------------------------------------------------------

/** What an axis or a colour measures. `unit` is printed in brackets after the name. */
export const Axis = Schema.Struct({
  name: Schema.String,
  unit: Schema.optionalKey(Schema.String),
  log: Schema.optionalKey(Schema.Boolean),
  /** The range shown; from the data where it is left out. */
  domain: Schema.optionalKey(Schema.Tuple([Schema.Finite, Schema.Finite])),
  /** Integers of a cycle or a count: ticks fall on whole numbers. */
  integer: Schema.optionalKey(Schema.Boolean)
})
export type Axis = typeof Axis.Type

/** A named level drawn across the plot: chance, a permutation null, a proved bound. */
export const Reference = Schema.Struct({
  axis: Schema.Literals(["x", "y"]),
  value: Schema.Finite,
  label: Schema.String,
  /** Only in the panel of this name; in all panels where it is left out. */
  panel: Schema.optionalKey(Schema.String)
})
export type Reference = typeof Reference.Type

/** A straight line y = intercept + slope · x (of the logarithms to base 10 where `logX` or `logY` say so). */
export const Fit = Schema.Struct({
  slope: Schema.Finite,
  intercept: Schema.Finite,
  r2: Schema.NullOr(Schema.Finite),
  /** An interval for the slope, where one was computed. */
  slopeLow: Schema.optionalKey(Schema.Finite),
  slopeHigh: Schema.optionalKey(Schema.Finite),
  logX: Schema.optionalKey(Schema.Boolean),
  logY: Schema.optionalKey(Schema.Boolean)
})
export type Fit = typeof Fit.Type

/** Points (x[i], y[i]) with an optional interval low[i] … high[i] and an optional label each. */
export const XySeries = Schema.Struct({
  name: Schema.String,
  /** Series of one panel are drawn together; panels stand side by side. */
  panel: Schema.optionalKey(Schema.String),
  x: Numbers,
  y: Values,
  low: Schema.optionalKey(Values),
  high: Schema.optionalKey(Values),
  labels: Schema.optionalKey(Schema.Array(Schema.String)),
  marks: Schema.optionalKey(Schema.Literals(["line", "points", "both"])),
  /** Drawn dashed and in grey: a bound, a reference run, a null. */
  muted: Schema.optionalKey(Schema.Boolean),
  fit: Schema.optionalKey(Fit)
})
export type XySeries = typeof XySeries.Type

const common = {
  title: Schema.String,
  /** What was measured, on what, and how to read it. */
  caption: Schema.String,
  /** One sentence with the figure's key numbers, computed from the data. */
  finding: Schema.optionalKey(Schema.String),
  /** Conditions by name: `n`, `k`, `direction`, `chance`, `subsamples`, ... */
  facts: Schema.optionalKey(
    Schema.Array(Schema.Struct({ name: Schema.String, value: Schema.Union([Schema.String, Schema.Finite]) }))
  ),
  /** What low … high cover, as in "95 %, difference between populations"; written beside them wherever they are shown. */
  interval: Schema.optionalKey(Schema.String)
}

const xy = {
  x: Axis,
  y: Axis,
  series: Schema.Array(XySeries),
  references: Schema.optionalKey(Schema.Array(Reference)),
  /** Whether panels share one y range; default true. */
  sharedY: Schema.optionalKey(Schema.Boolean)
}

// --- figures -------------------------------------------------------------------------------------------------------

/** One matrix of a heatmap. Panels of one `group` are shown together; the reader switches between groups. */
export const HeatmapPanel = Schema.Struct({
  name: Schema.String,
  group: Schema.optionalKey(Schema.String),
  value: Axis,
  /** Diverging scales have their middle at 0; sequential ones run from the lower to the upper end. */
  scale: Schema.Literals(["sequential", "diverging"]),
  /** values[row][column]; null cells are drawn empty. */
  values: Schema.Array(Values),
  /** A line for each cell, shown on hover and in the data: its null, its p-value, its interval. */
  notes: Schema.optionalKey(Schema.Array(Schema.Array(Schema.NullOr(Schema.String)))),
  /** Levels marked on the colour scale: chance. */
  references: Schema.optionalKey(Schema.Array(Schema.Struct({ value: Schema.Finite, label: Schema.String })))
})
export type HeatmapPanel = typeof HeatmapPanel.Type

export const Heatmap = Schema.Struct({
  type: Schema.Literal("heatmap"),
  ...common,
  rows: Schema.Array(Schema.String),
  columns: Schema.Array(Schema.String),
  panels: Schema.Array(HeatmapPanel)
})
export type Heatmap = typeof Heatmap.Type

/** Lines over x, with intervals as bands. */
export const Curves = Schema.Struct({ type: Schema.Literal("curves"), ...common, ...xy })
export type Curves = typeof Curves.Type

/** Points in the plane, with intervals as whiskers; `diagonal` draws y = x. */
export const Scatter = Schema.Struct({
  type: Schema.Literal("scatter"),
  ...common,
  ...xy,
  diagonal: Schema.optionalKey(Schema.Boolean)
})
export type Scatter = typeof Scatter.Type

/** A value with an interval for each category, drawn as bars from 0 or as dots, in panels with an axis of their own. */
export const Bars = Schema.Struct({
  type: Schema.Literal("bars"),
  ...common,
  categories: Schema.Array(Schema.String),
  draw: Schema.Literals(["bars", "dots"]),
  panels: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      value: Axis,
      series: Schema.Array(
        Schema.Struct({
          name: Schema.String,
          values: Values,
          low: Schema.optionalKey(Values),
          high: Schema.optionalKey(Values)
        })
      ),
      references: Schema.optionalKey(
        Schema.Array(Schema.Struct({ value: Schema.Finite, label: Schema.String }))
      )
    })
  )
})
export type Bars = typeof Bars.Type

/** Counts between consecutive `edges`, overlaid for each series. */
export const Histogram = Schema.Struct({
  type: Schema.Literal("histogram"),
  ...common,
  x: Axis,
  logCount: Schema.optionalKey(Schema.Boolean),
  panels: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      /** Rising; one more than there are counts. */
      edges: Numbers,
      series: Schema.Array(Schema.Struct({ name: Schema.String, counts: Numbers })),
      references: Schema.optionalKey(
        Schema.Array(Schema.Struct({ value: Schema.Finite, label: Schema.String }))
      )
    })
  )
})
export type Histogram = typeof Histogram.Type

/** Points in space that the reader can turn; `links` join point i of one series with point j of another. */
export const Scatter3d = Schema.Struct({
  type: Schema.Literal("scatter3d"),
  ...common,
  axes: Schema.Tuple([Schema.String, Schema.String, Schema.String]),
  series: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      points: Schema.Array(Schema.Tuple([Schema.Finite, Schema.Finite, Schema.Finite])),
      labels: Schema.optionalKey(Schema.Array(Schema.String))
    })
  ),
  links: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        from: Schema.Tuple([Schema.Int, Schema.Int]),
        to: Schema.Tuple([Schema.Int, Schema.Int])
      })
    )
  ),
  /** Whether the unit sphere is outlined. */
  sphere: Schema.optionalKey(Schema.Boolean)
})
export type Scatter3d = typeof Scatter3d.Type

/** A table that is read as a figure: few rows, numbers with an interval in one cell. */
export const TableFigure = Schema.Struct({
  type: Schema.Literal("table"),
  ...common,
  columns: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      unit: Schema.optionalKey(Schema.String),
      /** Significant digits shown; the download keeps all. */
      digits: Schema.optionalKey(Schema.Int)
    })
  ),
  rows: Schema.Array(Schema.Array(Schema.Union([Schema.Finite, Schema.String, Schema.Null])))
})
export type TableFigure = typeof TableFigure.Type

export const FigureSchema = Schema.Union([Heatmap, Curves, Scatter, Bars, Histogram, Scatter3d, TableFigure])
export type FigureValue = typeof FigureSchema.Type

export const Figure = Kind.json("Figure", {
  description: "A figure as a value: title, caption, axes, and the numbers it draws.",
  schema: FigureSchema
})
