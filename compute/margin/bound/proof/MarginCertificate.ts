/**
 * A certificate: a relevance matrix, and for one or more thresholds what is claimed of it in dimension d: a bound that no
 * margin exceeds, with its proof, and a margin that is reached, with the embeddings that reach it.
 */
import { distinctColumns } from "../../distinctColumns.ts"
import type { EmbeddingPair } from "../../EmbeddingPair.ts"
import { distinctRows, type Relevance, type Threshold } from "../../Relevance.ts"
import { thresholds, type Proof } from "./Proof.ts"

export interface MarginClaim {
  /** No unit vectors in the certificate's dimension have a margin above this. */
  readonly bound: number
  readonly proof: Proof
  /** The margin of `embeddings`, less its rounding bound; null where no embeddings are claimed. */
  readonly margin: number | null
  readonly embeddings?: EmbeddingPair
}

export interface MarginCertificate {
  /** No two rows are equal. */
  readonly relevance: Relevance
  /** Infinity: every dimension. */
  readonly dim: number
  /** The columns that the proofs are over; absent where they are over all. Fewer documents never have a smaller margin. */
  readonly columns?: Uint32Array
  readonly claims: { readonly [T in Threshold]?: MarginClaim }
}

/** What is claimed of A: the bounds with their proofs over A's distinct columns, and margins with their embeddings. */
export const certificateOf = (
  a: Relevance,
  dim: number,
  claims: { readonly [T in Threshold]?: MarginClaim }
): MarginCertificate => {
  const { firstOf, relevance } = distinctColumns(a)
  return { relevance: a, dim, claims, ...(relevance === a ? {} : { columns: firstOf }) }
}

/** The matrix that the proofs are over. Cost O(nnz). */
export const provedMatrix = ({ columns, relevance: a }: MarginCertificate): Relevance => {
  if (columns === undefined) return a
  const place = new Map(Array.from(columns, (column, at) => [column, at] as const))
  const indptr = new Uint32Array(a.rows + 1)
  const indices: Array<number> = []
  for (let j = 0; j < a.rows; j++) {
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) {
      const at = place.get(a.indices[e])
      if (at !== undefined) indices.push(at)
    }
    indptr[j + 1] = indices.length
  }
  return distinctRows(a.rows, columns.length, indptr, Uint32Array.from(indices)).relevance
}

/** The claims in order, from the strictest threshold on. */
export const claimsOf = ({
  claims
}: MarginCertificate): ReadonlyArray<{ readonly threshold: Threshold; readonly claim: MarginClaim }> =>
  thresholds.flatMap((threshold) => {
    const claim = claims[threshold]
    return claim === undefined ? [] : [{ threshold, claim }]
  })
