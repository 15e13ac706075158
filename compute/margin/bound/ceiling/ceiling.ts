/**
 * Upper bounds on a margin that see the dimension: the two-point program (see CeilingCertificate.ts) for complete graphs,
 * and kernels over queries and documents (see kernelsCertificate.ts) for every other matrix.
 * A margin at or above `upper` is impossible in R^d, and the certificate proves it by itself: `verifyCeiling`.
 */
import { isRelevant, type Relevance, type Threshold } from "../../Relevance.ts"
import { binomial } from "../../graphs.ts"
import type { CeilingCertificate } from "./CeilingCertificate.ts"
import { completeCeiling } from "./completeCeiling.ts"
import { kernelCeiling } from "./kernelsCeiling.ts"
import { verifyKernels } from "./kernelsCertificate.ts"
import { verifyComplete } from "./verifyComplete.ts"

export interface Ceiling {
  /** No unit vectors in R^d have this half gap or more. */
  readonly upper: number
  readonly certificate: CeilingCertificate
}

export interface CeilingOptions {
  /** A bound that is known already: what is not below it is not returned. */
  readonly below?: number
  readonly shouldStop?: () => boolean
}

/** k where A is complete:n,k with k in 1 … n − 1: all C(n, k) distinct rows of k ones. */
export const completeSize = (a: Relevance): number | undefined => {
  const k = a.indptr[1] - a.indptr[0]
  if (!(k >= 1 && k < a.columns) || a.rows !== binomial(a.columns, k)) return undefined
  // Rows are distinct (`distinctRows`), so that as many as there are k-subsets are all of them.
  for (let j = 0; j < a.rows; j++) if (a.indptr[j + 1] - a.indptr[j] !== k) return undefined
  return k
}

/** The best bound found, or `undefined` where there is none below `below`. */
export const ceiling = (
  a: Relevance,
  threshold: Threshold,
  dim: number,
  options: CeilingOptions = {}
): Ceiling | undefined => {
  if (!Number.isInteger(dim) || dim < 1) return undefined
  const k = completeSize(a)
  // What lies in a line lies in a plane.
  if (k !== undefined) return completeCeiling(a.columns, k, Math.max(2, dim), threshold, options)
  return kernelCeiling(a, threshold, Math.max(2, dim), options)
}

/** The bound that a certificate proves for A, from A and the certificate alone; Infinity where it proves nothing. */
export const verifyCeiling = (a: Relevance, certificate: CeilingCertificate): number => {
  if (certificate.type === "kernels") return verifyKernels(a, certificate)
  if (certificate.type !== "complete") return Number.POSITIVE_INFINITY
  if (certificate.n !== a.columns || certificate.k !== completeSize(a) || !distinct(a))
    return Number.POSITIVE_INFINITY
  return verifyComplete(certificate)
}

/** Whether no two rows are equal. Only for rows of one size, as those of complete graphs. */
const distinct = (a: Relevance): boolean => {
  const k = a.indptr[1] - a.indptr[0]
  const seen = new Set<string>()
  for (let j = 0; j < a.rows; j++) {
    const row = a.indices.subarray(j * k, (j + 1) * k)
    if (row.some((column) => !isRelevant(a, j, column))) return false
    seen.add(row.join())
  }
  return seen.size === a.rows
}
