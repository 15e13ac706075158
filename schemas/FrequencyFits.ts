/**
 * The straight line through the windows of one pair of views and metric: value = intercept + slope · x, ordinary least
 * squares, with x as in FrequencyWindows. `noisier` says whether alignment gets worse as words get rarer: slope < 0
 * where higher is better, slope > 0 where lower is better. Null where fewer than three windows have a value.
 */
import * as Kind from "./Kind.ts"

export const FrequencyFits = Kind.table("FrequencyFits", {
  description: "Least-squares fits of alignment against (mean frequency)^(-1/2).",
  columns: {
    a: "utf8",
    b: "utf8",
    metric: "utf8",
    k: "float64?",
    windows: "int32",
    intercept: "float64?",
    slope: "float64?",
    rSquared: "float64?",
    noisier: "boolean"
  }
})
