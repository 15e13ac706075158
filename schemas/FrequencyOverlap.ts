/**
 * Per-word neighbour overlap against frequency over all common words: for each pair of views, Spearman's ρ between a
 * word's overlap |N_A ∩ N_B| / k and the logarithm of its frequency (band 0), and the mean overlap in five bands of
 * equally many words, from the most to the least frequent (bands 1 … 5, ρ null). `rhoP` is two-sided; its null is that
 * frequencies are assigned to the words at random, whatever the overlaps depend on among each other.
 */
import * as Kind from "./Kind.ts"

export const FrequencyOverlap = Kind.table("FrequencyOverlap", {
  description: "Neighbour overlap of words by frequency band, and its rank correlation with log frequency.",
  columns: {
    a: "utf8",
    b: "utf8",
    k: "int32",
    band: "int32",
    words: "int32",
    meanFrequency: "float64",
    overlap: "float64",
    rho: "float64?",
    rhoP: "float64?"
  }
})
