/**
 * Schoenberg's constraints on an embedding of complete:n,k, averaged over the permutations of documents, degree by degree.
 *
 * For unit vectors in R^d and every degree l the matrix P_l(⟨x_a, x_b⟩) is positive semidefinite (Schoenberg 1942). With
 * α, β_t, γ, δ the means of P_l over pairs of documents, pairs of queries with t documents in common, relevant and other
 * pairs, the average splits into
 *   j = 0: [[1/n + α (n−1)/n, γ k/n + δ (n−k)/n], [·, λ_0/Q]] ⪰ 0,
 *   j = 1: [[1 − α, γ − δ], [·, λ_1/κ]] ⪰ 0,   κ = C(n−2, k−1),
 *   j = 2 … min(k, n−k): λ_j/ν_j ≥ 0,          λ_j = 1 + Σ_t β_t E_{k−t}(j).
 * Source: Delsarte's eigenvalues E of the Johnson scheme; the blocks are scaled so that their entries are at most about 1.
 */
import { binomial } from "../../graphs.ts"

export interface CompleteBlocks {
  readonly n: number
  readonly k: number
  /** The least number of documents in common, and how many such numbers there are. */
  readonly first: number
  readonly commons: number
  /** The documents' entry of both blocks: constant and factor of α. */
  readonly documents: ReadonlyArray<{ readonly constant: number; readonly pair: number }>
  /** The mixed entry of both blocks: factors of γ and δ. */
  readonly mixed: ReadonlyArray<{ readonly relevant: number; readonly other: number }>
  /** λ_j scaled, j = 0 … : constant and the factor of each β_t, t from `first`. */
  readonly queries: ReadonlyArray<{ readonly constant: number; readonly pairs: ReadonlyArray<number> }>
}

/** Eigenvalue j of the relation "k − i documents in common". */
export const johnson = (n: number, k: number, i: number, j: number): number => {
  let sum = 0
  for (let h = 0; h <= i; h++) {
    const term = binomial(j, h) * binomial(k - j, i - h) * binomial(n - k - j, i - h)
    sum += h % 2 === 0 ? term : -term
  }
  return sum
}

/** The blocks, or `undefined` for a matrix of one row or numbers that are not exact in float64. */
export const completeBlocks = (n: number, k: number): CompleteBlocks | undefined => {
  if (!(Number.isInteger(n) && Number.isInteger(k) && k >= 1 && k < n)) return undefined
  const total = binomial(n, k)
  if (!(total * 2 ** k < 2 ** 50)) return undefined
  const first = Math.max(0, 2 * k - n)
  const commons = k - first
  const queries = []
  for (let j = 0; j <= Math.min(k, n - k); j++) {
    const eigenvalues = Array.from({ length: commons }, (_, t) => johnson(n, k, k - first - t, j))
    const size =
      j === 0
        ? total
        : j === 1
          ? binomial(n - 2, k - 1)
          : 1 + eigenvalues.reduce((sum, value) => sum + Math.abs(value), 0)
    queries.push({ constant: 1 / size, pairs: eigenvalues.map((value) => value / size) })
  }
  return {
    n,
    k,
    first,
    commons,
    documents: [
      { constant: 1 / n, pair: (n - 1) / n },
      { constant: 1, pair: -1 }
    ],
    mixed: [
      { relevant: k / n, other: (n - k) / n },
      { relevant: 1, other: -1 }
    ],
    queries
  }
}
