/** The starts of an annealing by name, made from a stream of random numbers. */
import type { RandomStream } from "../../random/RandomStream.ts"
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { normaliseRows } from "../margins.ts"
import type { Relevance } from "../Relevance.ts"
import { projectedStart, randomStart, ripStart, spectralStart } from "./starts.ts"

/**
 * - `asymmetric`: queries and documents Gaussian, each by itself;
 * - `random`: Gaussian documents, queries along the sums of theirs;
 * - `rip`: documents of signs; `spectral`: singular vectors of A; `projected`: the dimension-free optimum's documents.
 */
export type RandomStart = "asymmetric" | "random" | "rip" | "spectral" | "projected"

/** Undefined where A and the dimension have no such start. `of` is the pair that `projected` projects. */
export const makeStart = (
  a: Relevance,
  dims: number,
  name: RandomStart,
  random: RandomStream,
  of?: EmbeddingPair
): EmbeddingPair | undefined => {
  switch (name) {
    case "asymmetric": {
      const queries = new Float64Array(a.rows * dims)
      const documents = new Float64Array(a.columns * dims)
      random.fillGaussian(queries)
      random.fillGaussian(documents)
      return { dims, queries: normaliseRows(queries, dims), documents: normaliseRows(documents, dims) }
    }
    case "random":
      return randomStart(a, dims, random)
    case "rip":
      return ripStart(a, dims, random)
    case "spectral":
      return spectralStart(a, dims)
    case "projected":
      return of === undefined ? undefined : projectedStart(a, dims, of)
  }
}
