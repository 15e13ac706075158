/** Where the solver starts in dimension d: each start is a pair of unit embeddings, made the same way at every call. */
import { symmetricEigen } from "../../linalg/symmetricEigen.ts"
import type { RandomStream } from "../../random/RandomStream.ts"
import { gaussianCode, rademacherCode } from "../constructions/codes.ts"
import { centroidQueries, type EmbeddingPair } from "../EmbeddingPair.ts"
import { normaliseRows } from "../margins.ts"
import type { Relevance } from "../Relevance.ts"

/** Gaussian documents, queries along the sums of theirs. */
export const randomStart = (a: Relevance, dims: number, random: RandomStream): EmbeddingPair =>
  gaussianCode(a, dims, random)

/** Signs ±1/√d: a matrix with the restricted isometry property. */
export const ripStart = (a: Relevance, dims: number, random: RandomStream): EmbeddingPair =>
  rademacherCode(a, dims, random)

/**
 * The top d right singular vectors of A, rows normalised (from AᵀA, so the cost is O(nnz k + n³)); undefined where
 * d ≥ n or where the spectrum says nothing (its d-th value repeated by the next, as for complete graphs).
 */
export const spectralStart = (a: Relevance, dims: number): EmbeddingPair | undefined => {
  const n = a.columns
  if (dims >= n || n > 300) return undefined
  const gram = new Float64Array(n * n)
  for (let j = 0; j < a.rows; j++) {
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) {
      for (let f = a.indptr[j]; f < a.indptr[j + 1]; f++) gram[a.indices[e] * n + a.indices[f]]++
    }
  }
  const { values, vectors } = symmetricEigen(gram, n)
  if (values[dims - 1] - values[dims] <= 1e-9 * values[0]) return undefined
  return fromPrincipal(a, dims, n, vectors, values)
}

/** The dimension-free documents on their d principal axes, renormalised; undefined where d reaches their dimension. */
export const projectedStart = (
  a: Relevance,
  dims: number,
  dimensionFree: EmbeddingPair
): EmbeddingPair | undefined => {
  const n = a.columns
  if (dims >= n || n > 300) return undefined
  const gram = new Float64Array(n * n)
  const { documents, dims: from } = dimensionFree
  for (let i = 0; i < n; i++) {
    for (let l = 0; l <= i; l++) {
      let sum = 0
      for (let k = 0; k < from; k++) sum += documents[i * from + k] * documents[l * from + k]
      gram[i * n + l] = gram[l * n + i] = sum
    }
  }
  const { values, vectors } = symmetricEigen(gram, n)
  return fromPrincipal(a, dims, n, vectors, values)
}

const fromPrincipal = (
  a: Relevance,
  dims: number,
  n: number,
  vectors: Float64Array,
  values: Float64Array
): EmbeddingPair => {
  const raw = new Float64Array(n * dims)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < dims; k++) raw[i * dims + k] = vectors[k * n + i] * Math.sqrt(Math.max(values[k], 0))
  }
  const documents = normaliseRows(raw, dims)
  return { dims, documents, queries: centroidQueries(a, documents, dims) }
}
