/** Embeddings: one row of floats for each key of a corpus, as one view (a model × a modality) sees it. */
import * as Kind from "./Kind.ts"

export const Embeddings = Kind.matrix("Embeddings", {
  description: "A vector for each key: one view of a corpus."
})
