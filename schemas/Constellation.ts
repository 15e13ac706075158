/**
 * Constellations: for every run of a batch, the vectors of each modality over the same items.
 *
 * Tensor `vectors` [runs, modalities, items, dims], float32 when trained and float64 when constructed; row i of one
 * modality and row i of another are a positive pair. Metadata `runs`: JSON, one `{point, seed}` a run, where `point` names
 * the settings and `seed` the initialisation.
 */
import * as Kind from "./Kind.ts"

export const Constellation = Kind.tensors("Constellation", {
  description: "Vectors of paired modalities, [runs, modalities, items, dims], with the name of each run."
})
