/**
 * Matched feature correlation of pairs of sparse codes, by values (`weighted`) and by where features are active
 * (`binary`), with the row-permuted baseline.
 *
 * `correlation` is what the matching found reaches and `bound` is proved to be the most any matching can reach. The
 * baseline columns are the mean and standard deviation (ddof 1) of the correlation after permuting the rows of `b`;
 * `ratio` = correlation / baseline mean.
 */
import * as Kind from "./Kind.ts"

export const FeatureMatches = Kind.table("FeatureMatches", {
  description: "How well the features of two sparse codes match one to one, against permuted rows.",
  columns: {
    a: "utf8",
    b: "utf8",
    values: "utf8",
    n: "int32",
    correlation: "float64?",
    bound: "float64?",
    pairs: "int32",
    baselineMean: "float64?",
    baselineSd: "float64?",
    permutations: "int32",
    ratio: "float64?"
  }
})
