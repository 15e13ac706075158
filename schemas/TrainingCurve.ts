/** What a training was like: loss, explained variance, L0, dead features and whatever else it watched, by step. */
import * as Kind from "./Kind.ts"

export const TrainingCurve = Kind.table("TrainingCurve", {
  description: "Values of named series by training step.",
  columns: { series: "utf8", step: "float64", value: "float64?" }
})
