/**
 * Recomputes what a certificate claims from the certificate alone: each bound from its proof with rounding upwards, each
 * margin from its embeddings with rounding downwards. What it assumes is IEEE arithmetic and the theorems behind the proofs.
 */
import type { EmbeddingPair } from "../../EmbeddingPair.ts"
import { margins } from "../../margins.ts"
import type { Threshold } from "../../Relevance.ts"
import { claimsOf, provedMatrix, type MarginCertificate, type MarginClaim } from "./MarginCertificate.ts"
import { covers, verifyProof } from "./Proof.ts"

export interface Certified {
  readonly threshold: Threshold
  readonly dim: number
  /** What kind of proof, and the threshold that it is for: this one or a looser one. */
  readonly proof: string
  readonly provedFor: string
  readonly boundClaimed: number
  /** What the proof gives; Infinity where it gives nothing. */
  readonly bound: number
  readonly marginClaimed: number | null
  /** What the embeddings have, less the rounding bound; null where there are none. */
  readonly margin: number | null
  /** Why the certificate does not prove what it claims, in sentences; empty where it does. */
  readonly faults: ReadonlyArray<string>
}

/** One result a claim. Cost: that of each proof's check, and one pass over the pairs. */
export const certify = (certificate: MarginCertificate): ReadonlyArray<Certified> => {
  const matrix = provedMatrix(certificate)
  const lost = matrix.rows !== certificate.relevance.rows
  return claimsOf(certificate).map(({ claim, threshold }) => {
    const faults: Array<string> = []
    const bound = lost ? Number.POSITIVE_INFINITY : provedBound(certificate, matrix, claim, threshold)
    if (lost) faults.push("On the columns that the proof is over two rows are equal.")
    else if (!covers(claim.proof.threshold, threshold))
      faults.push(`The proof is for the threshold '${claim.proof.threshold}', which is stricter.`)
    else if (!(bound <= claim.bound))
      faults.push(
        `The proof gives ${Number.isFinite(bound) ? `the bound ${bound}` : "no bound"}, not the claimed ${claim.bound}.`
      )
    const margin = reached(certificate, claim, threshold, faults)
    return {
      threshold,
      dim: certificate.dim,
      proof: String(claim.proof?.type),
      provedFor: String(claim.proof?.threshold),
      boundClaimed: claim.bound,
      bound,
      marginClaimed: claim.margin,
      margin,
      faults
    }
  })
}

const provedBound = (
  { dim }: MarginCertificate,
  matrix: MarginCertificate["relevance"],
  { proof }: MarginClaim,
  threshold: Threshold
): number => {
  if (!covers(proof?.threshold, threshold)) return Number.POSITIVE_INFINITY
  // A proof from a file may lack anything.
  try {
    const bound = verifyProof(matrix, dim, proof)
    return bound >= 0 ? bound : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

const reached = (
  { dim, relevance }: MarginCertificate,
  claim: MarginClaim,
  threshold: Threshold,
  faults: Array<string>
): number | null => {
  const pair = claim.embeddings
  if (pair === undefined) {
    if (claim.margin !== null) faults.push("It claims a margin and holds no embeddings that have it.")
    return null
  }
  if (pair.dims > dim) faults.push(`Its embeddings are of dimension ${pair.dims}, above ${dim}.`)
  const off = offSphere(pair)
  if (off !== undefined) {
    faults.push(`The embedding of ${off} is no unit vector.`)
    return null
  }
  const measured = margins(relevance, pair.queries, pair.documents, pair.dims)
  const value = measured[threshold]
  const margin = value === null ? null : value - measured.roundingBound
  if (claim.margin !== null && !(margin !== null && margin >= claim.margin))
    faults.push(`Its embeddings have the margin ${margin}, not the claimed ${claim.margin}.`)
  return margin
}

/** The first row whose norm is further from 1 than `roundingBound` allows for, with its sum's own error. */
export const offSphere = ({ dims, documents, queries }: EmbeddingPair): string | undefined => {
  const room = (2 * dims + 16) * 2 ** -53
  for (const [name, data] of [
    ["query", queries],
    ["document", documents]
  ] as const) {
    for (let start = 0; start < data.length; start += dims) {
      let square = 0
      for (let k = start; k < start + dims; k++) square += data[k] * data[k]
      if (!(Math.abs(square - 1) <= room)) return `${name} ${start / dims}`
    }
  }
  return undefined
}
