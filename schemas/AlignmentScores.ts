/**
 * Alignment of pairs of views, one row for each setting (raw, centred, sparse, ...), pair, metric and subsample.
 *
 * `subsample` is `"all"` for the value on all common rows and `"0a"`, `"0b"`, `"1a"`, ... for subsamples, which are the
 * same rows for every pair and setting: values with equal `subsample` may be compared as pairs. `0a` and `0b` have no row in
 * common. `n` is how many rows a value is over, `common` how many rows all views share. The null columns are the mean, sd
 * and p-value over row permutations; they are null where a subsample was not permuted, and p is null below 19
 * permutations. `chance` is exact where a formula gives it, else the mean of the permutations. For metrics of neighbours
 * `tiesA` and `tiesB` are the shares of the rows of either view whose k-th neighbour is as similar as one left out; `note`
 * says in words what that means where they are many.
 */
import * as Kind from "./Kind.ts"

export const AlignmentScores = Kind.table("AlignmentScores", {
  description:
    "Alignment metrics by setting, pair of views, metric and subsample, with chance and permutation null.",
  columns: {
    setting: "utf8",
    a: "utf8",
    b: "utf8",
    metric: "utf8",
    subsample: "utf8",
    value: "float64?",
    n: "int32",
    common: "int32",
    k: "float64?",
    direction: "utf8",
    chance: "float64?",
    nullMean: "float64?",
    nullSd: "float64?",
    nullP: "float64?",
    nullPermutations: "int32",
    tiesA: "float64?",
    tiesB: "float64?",
    note: "utf8?"
  }
})
