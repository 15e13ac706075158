/** A numeric series for figures and comparisons: training curves, windows against frequency, sweeps. */
import * as Kind from "./Kind.ts"

export const Series = Kind.table("Series", {
  description: "Points (x, y) of named series; `low` and `high` bound an interval where there is one.",
  columns: { series: "utf8", x: "float64", y: "float64?", low: "float64?", high: "float64?" }
})
