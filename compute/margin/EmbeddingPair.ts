/** Embeddings of queries and documents, unit rows in one dimension, row-major float64. */
import type { Relevance } from "./Relevance.ts"

export interface EmbeddingPair {
  readonly dims: number
  /** rows × dims */
  readonly queries: Float64Array
  /** columns × dims */
  readonly documents: Float64Array
}

/** The same vectors in a higher dimension: zeros after the old coordinates. No score, and so no margin, changes. */
export const zeroPad = (pair: EmbeddingPair, dims: number): EmbeddingPair => {
  if (dims < pair.dims) throw new RangeError(`zeroPad: ${dims} is below ${pair.dims}.`)
  if (dims === pair.dims) return pair
  const pad = (data: Float64Array): Float64Array => {
    const count = data.length / pair.dims
    const result = new Float64Array(count * dims)
    for (let row = 0; row < count; row++) {
      result.set(data.subarray(row * pair.dims, (row + 1) * pair.dims), row * dims)
    }
    return result
  }
  return { dims, queries: pad(pair.queries), documents: pad(pair.documents) }
}

/** Queries along the sum of their documents (the first axis where there is none): the usual start and centroid code. */
export const centroidQueries = (a: Relevance, documents: Float64Array, dims: number): Float64Array => {
  const queries = new Float64Array(a.rows * dims)
  for (let j = 0; j < a.rows; j++) {
    const o = j * dims
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) {
      const from = a.indices[e] * dims
      for (let k = 0; k < dims; k++) queries[o + k] += documents[from + k]
    }
    let square = 0
    for (let k = 0; k < dims; k++) square += queries[o + k] ** 2
    if (square === 0) {
      queries[o] = 1
      continue
    }
    const inverse = 1 / Math.sqrt(square)
    for (let k = 0; k < dims; k++) queries[o + k] *= inverse
  }
  return queries
}
