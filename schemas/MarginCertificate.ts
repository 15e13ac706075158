/** What proves an upper bound on a margin and what reaches a margin, for anyone to check: see docs/certificates.md. */
import * as Kind from "./Kind.ts"

export const MarginCertificate = Kind.file("MarginCertificate", {
  description:
    "A relevance matrix, proofs of upper bounds on its margins in one dimension, and embeddings with their margins, as numpy arrays. 'asterism certify' checks it.",
  media: { type: "application/zip", extension: "npz" }
})
