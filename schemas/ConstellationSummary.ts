/**
 * Means over seeds beside the published number, one row an experiment, point and measure. `reference` is null where none
 * was published; `source` says where it was, `comparable` whether by the recipe of what was measured here, from its start
 * to its measures, and `differs` what of the recipe is another.
 */
import * as Kind from "./Kind.ts"

export const ConstellationSummary = Kind.table("ConstellationSummary", {
  description: "Mean and sd over seeds of every measure, with the published value beside it.",
  columns: {
    experiment: "utf8",
    point: "utf8",
    measure: "utf8",
    seeds: "int32",
    mean: "float64?",
    sd: "float64?",
    min: "float64?",
    max: "float64?",
    reference: "float64?",
    source: "utf8?",
    comparable: "boolean",
    differs: "utf8?"
  }
})
