/**
 * The synchronisation graph: which pairs of modalities the loss ties together. The loss is the mean of the pair losses
 * over the edges, and is zero exactly when every edge is a constellation.
 *
 * Source: arXiv 2509.18552, section 4 (Construction 2).
 */

/** Every pair of modalities; modality 0 with every other; each modality with the next. */
export type Synchronisation = "complete" | "star" | "path"

/** An edge between modalities `left` < `right`. */
export interface Edge {
  readonly left: number
  readonly right: number
}

/** The edges among `modalities` ≥ 2 modalities, in lexicographic order. */
export const edgesOf = (graph: Synchronisation, modalities: number): ReadonlyArray<Edge> => {
  if (!Number.isInteger(modalities) || modalities < 2) {
    throw new RangeError(`A synchronisation graph needs at least 2 modalities, not ${modalities}.`)
  }
  const edges: Array<Edge> = []
  for (let left = 0; left < modalities; left++) {
    for (let right = left + 1; right < modalities; right++) {
      if (
        graph === "complete" ||
        (graph === "star" && left === 0) ||
        (graph === "path" && right === left + 1)
      ) {
        edges.push({ left, right })
      }
    }
  }
  return edges
}
