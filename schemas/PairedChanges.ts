/**
 * What changes from one setting to another, for each pair of views and metric: a row for the change of the means over
 * subsamples that both settings share (`over` is `subsamples`) and a row for the change on all common rows (`all rows`). The
 * two estimate different things, and every number of a row is of that row's rows: `rows` of them in each value.
 *
 * `before` and `after` are the metric as it is; `change` is turned so that positive is better for every metric. `low` and
 * `high` bound the difference between populations: the rows are taken for a draw of all there could be. `choiceLow` and
 * `choiceHigh` bound the mean over every subsample of these same rows, so they tell only of the choice of rows. Both are of
 * `confidence` and come from the `subsamples` subsamples (compute/statistics/subsampling.ts); changes on all rows have none.
 */
import * as Kind from "./Kind.ts"

export const PairedChanges = Kind.table("PairedChanges", {
  description:
    "Paired changes of alignment metrics between two settings, positive is better, with an interval for the difference between populations and one for the choice of rows.",
  columns: {
    a: "utf8",
    b: "utf8",
    metric: "utf8",
    k: "float64?",
    direction: "utf8",
    from: "utf8",
    to: "utf8",
    over: "utf8",
    rows: "int32",
    subsamples: "int32",
    before: "float64?",
    after: "float64?",
    change: "float64?",
    low: "float64?",
    high: "float64?",
    choiceLow: "float64?",
    choiceHigh: "float64?",
    confidence: "float64",
    /** What low … high cover, in words. */
    covers: "utf8"
  }
})
