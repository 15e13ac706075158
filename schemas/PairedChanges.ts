/**
 * What changes from one setting to another, for each pair of views and metric: the mean over subsamples that both
 * settings share, with a bootstrap interval [low, high], and the change on all common rows. Positive is better for
 * every metric (the sign of distances is turned). Null where a value is undefined.
 */
import * as Kind from "./Kind.ts"

export const PairedChanges = Kind.table("PairedChanges", {
  description: "Paired changes of alignment metrics between two settings, positive is better.",
  columns: {
    a: "utf8",
    b: "utf8",
    metric: "utf8",
    k: "float64?",
    from: "utf8",
    to: "utf8",
    subsamples: "int32",
    change: "float64?",
    low: "float64?",
    high: "float64?",
    changeAll: "float64?"
  }
})
