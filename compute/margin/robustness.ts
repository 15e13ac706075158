/**
 * What a margin is good for (arXiv 2605.23556, appendix G): rankings survive noise, and queries can be composed.
 *
 * - Noise: every vector moves by a Gaussian step of expected length σ and returns to the sphere. A query whose own half
 *   gap exceeds |δu| + max|δv| keeps its ranking for certain; what is measured is the share of queries still ranked right.
 * - Composition: u_S + u_T for two queries. With zero-threshold margin m > 0 documents in S ∩ T score ≥ 2m and those in
 *   neither ≤ −2m; measured are the shares of pairs where every document of S ∪ T is above every other one (OR) and every
 *   document of S ∩ T above every other one (AND, over pairs that meet), and where S ∩ T is above the complement of S ∪ T.
 */
import type { RandomStream } from "../random/RandomStream.ts"
import type { EmbeddingPair } from "./EmbeddingPair.ts"
import { margins, normaliseRows } from "./margins.ts"
import { isRelevant, type Relevance } from "./Relevance.ts"

export interface NoisePoint {
  readonly sigma: number
  /** Share of rows ranked right. */
  readonly rankedRight: number
  /** Global half gap after the noise. */
  readonly global: number | null
}

export const marginUnderNoise = (
  a: Relevance,
  pair: EmbeddingPair,
  sigmas: ReadonlyArray<number>,
  random: RandomStream
): ReadonlyArray<NoisePoint> =>
  sigmas.map((sigma, at) => {
    const stream = random.stream(`noise ${at}`)
    const shake = (data: Float64Array): Float64Array => {
      const scale = sigma / Math.sqrt(pair.dims)
      return normaliseRows(
        data.map((x) => x + scale * stream.gaussian()),
        pair.dims
      )
    }
    const measured = margins(a, shake(pair.queries), shake(pair.documents), pair.dims)
    return { sigma, rankedRight: measured.rankedRows / a.rows, global: measured.global }
  })

export interface Composition {
  readonly pairs: number
  /** Pairs of queries that share a document. */
  readonly meeting: number
  readonly or: number
  readonly and: number | null
  readonly bothAboveNeither: number
}

export const composedQueries = (
  a: Relevance,
  pair: EmbeddingPair,
  count: number,
  random: RandomStream
): Composition => {
  const { dims, documents, queries } = pair
  let [or, and, meeting, ordered, pairs] = [0, 0, 0, 0, 0]
  for (let draw = 0; draw < count && a.rows > 1; draw++) {
    const s = random.integer(a.rows)
    let t = random.integer(a.rows - 1)
    if (t >= s) t++
    let [leastBoth, leastOne, greatestOne, greatestNone] = [Infinity, Infinity, -Infinity, -Infinity]
    for (let i = 0; i < a.columns; i++) {
      let score = 0
      for (let k = 0; k < dims; k++)
        score += (queries[s * dims + k] + queries[t * dims + k]) * documents[i * dims + k]
      const members = (isRelevant(a, s, i) ? 1 : 0) + (isRelevant(a, t, i) ? 1 : 0)
      if (members === 2) leastBoth = Math.min(leastBoth, score)
      else if (members === 0) greatestNone = Math.max(greatestNone, score)
      else {
        leastOne = Math.min(leastOne, score)
        greatestOne = Math.max(greatestOne, score)
      }
    }
    pairs++
    if (Math.min(leastBoth, leastOne) > greatestNone) or++
    if (leastBoth > greatestNone) ordered++
    if (leastBoth !== Infinity) {
      meeting++
      if (leastBoth > Math.max(greatestOne, greatestNone)) and++
    }
  }
  return {
    pairs,
    meeting,
    or: pairs === 0 ? 0 : or / pairs,
    and: meeting === 0 ? null : and / meeting,
    bothAboveNeither: pairs === 0 ? 0 : ordered / pairs
  }
}
