/** How figures write a metric's name: `mutual_knn` with k = 10 is "mutual kNN (k = 10)". */

const words: { readonly [word: string]: string } = {
  knn: "kNN",
  cka: "CKA",
  cknna: "CKNNA",
  svcca: "SVCCA",
  lcs: "LCS"
}

/** The name for readers, with its neighbour size (or, for SVCCA, its dimension) where it has one. */
export const metricLabel = (metric: string, k: number | null): string => {
  const name = metric
    .split("_")
    .map((word) => words[word] ?? word)
    .join(" ")
  return k === null ? name : `${name} (${metric.startsWith("svcca") ? "q" : "k"} = ${k})`
}
