/**
 * A sparse autoencoder: `encoder` [features, dims], `encoderBias` [features], `decoder` [features, dims] (one unit row a
 * feature), `centre` [dims] (the b_dec that is subtracted before encoding and added after decoding), and for threshold
 * activations `threshold` ([1] or [features]). Metadata: `activation` (topk, batchtopk or jumprelu), `k`, and the settings.
 */
import * as Kind from "./Kind.ts"

export const Dictionary = Kind.tensors("Dictionary", {
  description: "A trained sparse autoencoder: a direction, an encoder row and a bias for each feature."
})
