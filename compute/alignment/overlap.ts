/**
 * Neighbour-set metrics: mutual kNN and cycle kNN (arXiv 2405.07987, appendix A). Both read the first k of each list, so
 * that lists made for the largest k serve every smaller one.
 */
import type { Neighbours } from "./neighbours.ts"

/** |N_A(i) ∩ N_B(i)| / k for every row i. Cost O(n k). */
export const overlapByRow = (a: Neighbours, b: Neighbours, k: number): Float64Array => {
  const { n } = a
  const seen = new Int32Array(n).fill(-1)
  const overlap = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) seen[a.index[i * a.k + j]] = i
    let common = 0
    for (let j = 0; j < k; j++) if (seen[b.index[i * b.k + j]] === i) common++
    overlap[i] = common / k
  }
  return overlap
}

/** Mean over rows of |N_A(i) ∩ N_B(i)| / k. */
export const mutualKnn = (a: Neighbours, b: Neighbours, k: number): number => {
  const { n } = a
  const seen = new Int32Array(n).fill(-1)
  let common = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) seen[a.index[i * a.k + j]] = i
    for (let j = 0; j < k; j++) if (seen[b.index[i * b.k + j]] === i) common++
  }
  return common / (n * k)
}

/** Share of rows i that are found again: i is among the A-neighbours of one of its B-neighbours. Cost O(n k²); not symmetric. */
export const cycleKnn = (a: Neighbours, b: Neighbours, k: number): number => {
  const { n } = a
  let found = 0
  for (let i = 0; i < n; i++) {
    search: for (let j = 0; j < k; j++) {
      const base = b.index[i * b.k + j] * a.k
      for (let l = 0; l < k; l++) {
        if (a.index[base + l] === i) {
          found++
          break search
        }
      }
    }
  }
  return found / n
}

/**
 * Exact expectation of cycle kNN when the rows of B are permuted: row i has m_i rows that name it as an A-neighbour, and
 * k other rows drawn without replacement miss all of them with probability Π_{t<k} (n − 1 − m_i − t) / (n − 1 − t).
 */
export const cycleKnnByChance = (a: Neighbours, k: number): number => {
  const { n } = a
  const named = new Int32Array(n)
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) named[a.index[i * a.k + j]]++
  let sum = 0
  for (let i = 0; i < n; i++) {
    let miss = 1
    for (let t = 0; t < k; t++) miss *= Math.max(0, n - 1 - named[i] - t) / (n - 1 - t)
    sum += 1 - miss
  }
  return sum / n
}
