/** Dimensions that N pairs need at a margin (half gap) and relative bias, to leading order; null where no bound holds. */
import * as Kind from "./Kind.ts"

export const DimensionBounds = Kind.table("DimensionBounds", {
  description: "Necessary and sufficient dimension by margin, relative bias and number of pairs.",
  columns: {
    margin: "float64",
    relativeBias: "float64",
    pairs: "float64",
    threshold: "float64?",
    reachableRate: "float64?",
    largestRate: "float64?",
    necessaryDimension: "float64?",
    sufficientDimension: "float64?"
  }
})
