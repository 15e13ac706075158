/** Where the training of a sparse autoencoder starts. */
import type { RandomStream } from "../random/RandomStream.ts"
import type { HostTensor } from "../Engine.ts"

/** Mean of the rows of an N × d matrix, accumulated in float64. */
export const meanRow = (data: Float32Array, dims: number): Float64Array => {
  const mean = new Float64Array(dims)
  const rows = data.length / dims
  for (let i = 0; i < rows; i++) for (let j = 0; j < dims; j++) mean[j]! += data[i * dims + j]!
  return mean.map((total) => total / rows)
}

/**
 * Encoder uniform ±1/√d, decoder uniform ±√(6/D), encoder bias 0, centre = mean row: the defaults of the paper's
 * reference (PyTorch's linear layer and Kaiming-uniform with fan-in D). JumpReLU thresholds start at `threshold`.
 */
export const initialise = (
  random: RandomStream,
  mean: Float64Array,
  features: number,
  threshold?: number
): { readonly [state: string]: HostTensor } => {
  const dims = mean.length
  const encoder = new Float32Array(features * dims)
  const decoder = new Float32Array(features * dims)
  random.stream("encoder").fillUniform(encoder, -1 / Math.sqrt(dims), 1 / Math.sqrt(dims))
  random.stream("decoder").fillUniform(decoder, -Math.sqrt(6 / features), Math.sqrt(6 / features))
  return {
    encoder: { shape: [features, dims], data: encoder },
    decoder: { shape: [features, dims], data: decoder },
    encoderBias: { shape: [features], data: new Float32Array(features) },
    centre: { shape: [dims], data: Float32Array.from(mean) },
    ...(threshold === undefined
      ? {}
      : {
          logThreshold: { shape: [features], data: new Float32Array(features).fill(Math.log(threshold)) }
        })
  }
}
