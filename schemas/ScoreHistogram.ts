/** Histograms of the scores of positive and negative pairs, one row a run, side and bin [low, high). */
import * as Kind from "./Kind.ts"

export const ScoreHistogram = Kind.table("ScoreHistogram", {
  description: "Counts of positive and negative scores by bin.",
  columns: {
    point: "utf8",
    seed: "int32",
    side: "utf8",
    low: "float64",
    high: "float64",
    count: "float64"
  }
})
