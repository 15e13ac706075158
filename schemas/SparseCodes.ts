/** Sparse codes: one sparse row of feature activations for each key, as an autoencoder writes them. */
import * as Kind from "./Kind.ts"

export const SparseCodes = Kind.sparse("SparseCodes", {
  description: "The features that are active for each key, with their activations."
})
