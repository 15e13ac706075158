/**
 * Dimensions that N pairs need at a margin (half gap) and relative bias. `possible` is false where no dimension has such a
 * constellation. `necessaryDimension` and `sufficientDimension` hold at the N of the row; the `asymptotic` ones are leading
 * order as the dimension grows, and no bounds.
 */
import * as Kind from "./Kind.ts"

export const DimensionBounds = Kind.table("DimensionBounds", {
  description: "Necessary and sufficient dimension by margin, relative bias and number of pairs.",
  columns: {
    margin: "float64",
    relativeBias: "float64",
    pairs: "float64",
    possible: "boolean",
    threshold: "float64?",
    necessaryDimension: "float64?",
    sufficientDimension: "float64?",
    reachableRate: "float64?",
    largestRate: "float64?",
    asymptoticNecessaryDimension: "float64?",
    asymptoticSufficientDimension: "float64?"
  }
})
