/**
 * Alignment in windows of words of falling frequency: one row for each pair of views, metric and window.
 *
 * Window w holds the words of frequency rank `firstRank` … `lastRank` (0 is the most frequent). `meanFrequency` is the
 * mean share of occurrences in the window and `x` = (meanFrequency + 1e-12)^(−1/2), the axis the fit runs over. Windows
 * that overlap are not independent.
 */
import * as Kind from "./Kind.ts"

export const FrequencyWindows = Kind.table("FrequencyWindows", {
  description: "Alignment metrics in rolling windows over word frequency.",
  columns: {
    a: "utf8",
    b: "utf8",
    metric: "utf8",
    k: "float64?",
    window: "int32",
    firstRank: "int32",
    lastRank: "int32",
    meanFrequency: "float64",
    x: "float64",
    value: "float64?",
    direction: "utf8",
    chance: "float64?"
  }
})
