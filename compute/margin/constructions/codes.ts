/**
 * Document codes from randomness and from other codes, with queries along the sum of their documents.
 *
 * - `gaussianCode`, `rademacherCode`: independent entries (rows of a matrix with the restricted isometry property: the
 *   compressed-sensing construction of arXiv 2605.23556, appendix E); d ≈ k log n is enough with max-margin queries.
 * - `projectDocuments`, `projectBoth`: Johnson–Lindenstrauss maps of a given pair to d dimensions, renormalised.
 * - `symmetricLift`: power r of every vector as a symmetric tensor: dimension C(d + r − 1, r), inner products to the
 *   power r, so incoherence μ becomes μ^r (arXiv 2605.23556, Theorem 1.6).
 */
import type { RandomStream } from "../../random/RandomStream.ts"
import { centroidQueries, type EmbeddingPair } from "../EmbeddingPair.ts"
import { normaliseRows } from "../margins.ts"
import type { Relevance } from "../Relevance.ts"

export const gaussianCode = (a: Relevance, dims: number, random: RandomStream): EmbeddingPair => {
  const raw = new Float64Array(a.columns * dims)
  random.fillGaussian(raw)
  return withCentroids(a, normaliseRows(raw, dims), dims)
}

export const rademacherCode = (a: Relevance, dims: number, random: RandomStream): EmbeddingPair => {
  const size = 1 / Math.sqrt(dims)
  const documents = Float64Array.from({ length: a.columns * dims }, () =>
    random.uniform() < 0.5 ? -size : size
  )
  return withCentroids(a, documents, dims)
}

const withCentroids = (a: Relevance, documents: Float64Array, dims: number): EmbeddingPair => ({
  dims,
  documents,
  queries: centroidQueries(a, documents, dims)
})

/** A Gaussian map of the rows to `dims` dimensions, renormalised. */
const projectRows = (data: Float64Array, from: number, dims: number, map: Float64Array): Float64Array => {
  const count = data.length / from
  const result = new Float64Array(count * dims)
  for (let row = 0; row < count; row++) {
    for (let c = 0; c < from; c++) {
      const factor = data[row * from + c]
      if (factor === 0) continue
      for (let k = 0; k < dims; k++) result[row * dims + k] += factor * map[c * dims + k]
    }
  }
  return normaliseRows(result, dims)
}

/** Projects documents and queries with the same Gaussian map. */
export const projectBoth = (pair: EmbeddingPair, dims: number, random: RandomStream): EmbeddingPair => {
  const map = new Float64Array(pair.dims * dims)
  random.fillGaussian(map)
  return {
    dims,
    queries: projectRows(pair.queries, pair.dims, dims, map),
    documents: projectRows(pair.documents, pair.dims, dims, map)
  }
}

/** Projects the documents alone; queries are then to be chosen anew (`maxMarginQueries`). */
export const projectDocuments = (
  documents: Float64Array,
  from: number,
  dims: number,
  random: RandomStream
): Float64Array => {
  const map = new Float64Array(from * dims)
  random.fillGaussian(map)
  return projectRows(documents, from, dims, map)
}

/** Every vector x becomes its symmetric power x^⊗r in an orthonormal basis: ⟨x^⊗r, y^⊗r⟩ = ⟨x, y⟩^r. */
export const symmetricLift = (pair: EmbeddingPair, power: number): EmbeddingPair => {
  const monomials = multisets(pair.dims, power)
  const lift = (data: Float64Array): Float64Array => {
    const count = data.length / pair.dims
    const result = new Float64Array(count * monomials.length)
    for (let row = 0; row < count; row++) {
      monomials.forEach(({ members, weight }, m) => {
        let product = weight
        for (const member of members) product *= data[row * pair.dims + member]
        result[row * monomials.length + m] = product
      })
    }
    return result
  }
  return { dims: monomials.length, queries: lift(pair.queries), documents: lift(pair.documents) }
}

/** Multisets of size r over d coordinates with √(multinomial coefficient), in lexicographic order. */
const multisets = (
  dims: number,
  power: number
): ReadonlyArray<{ readonly members: ReadonlyArray<number>; readonly weight: number }> => {
  const result: Array<{ members: Array<number>; weight: number }> = []
  const grow = (members: Array<number>, from: number): void => {
    if (members.length === power) {
      let count = 1
      const seen = new Map<number, number>()
      members.forEach((member, position) => {
        const times = (seen.get(member) ?? 0) + 1
        seen.set(member, times)
        count *= (position + 1) / times
      })
      result.push({ members: [...members], weight: Math.sqrt(Math.round(count)) })
      return
    }
    for (let member = from; member < dims; member++) grow([...members, member], member)
  }
  grow([], 0)
  return result
}
