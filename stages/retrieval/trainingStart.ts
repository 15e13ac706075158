/** Where contrastive training starts, and how trained states become embeddings: free ones, or linear images of features. */
import type { HostTensor } from "../../compute/Engine.ts"
import { normaliseRows } from "../../compute/margin/margins.ts"
import type { Relevance } from "../../compute/margin/Relevance.ts"
import { spectralStart } from "../../compute/margin/solve/starts.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import type { TrainingParams } from "./trainingParams.ts"

/** Given vectors of the queries and the documents, on which linear adapters are trained. */
export interface Features {
  readonly dims: number
  readonly queries: Float32Array
  readonly documents: Float32Array
}

type Tensors = { readonly [name: string]: HostTensor }

/** The program's states before the first step; Adam's moments start at zero. */
export const startStates = (
  a: Relevance,
  params: TrainingParams,
  seed: string,
  features: Features | undefined
): Tensors => ({
  ...(features === undefined ? freeStart(a, params, seed) : mapStart(features.dims, params.dims, seed)),
  temperature: { shape: [], data: Float64Array.of(params.temperature) },
  bias: { shape: [], data: Float64Array.of(params.bias) }
})

/** Gaussian rows on the sphere, or the leading singular vectors of A where it has enough of them. */
const freeStart = (a: Relevance, { dims, start }: TrainingParams, seed: string): Tensors => {
  const spectral = start === "spectral" ? spectralStart(a, dims) : undefined
  const random = makeRandom(seed, "contrastive")
  const draw = (count: number, name: string): Float64Array => {
    const data = new Float64Array(count * dims)
    random.stream(name).fillGaussian(data)
    return normaliseRows(data, dims)
  }
  const { queries, documents } = spectral ?? {
    queries: draw(a.rows, "queries"),
    documents: draw(a.columns, "documents")
  }
  return {
    queries: { shape: [a.rows, dims], data: Float32Array.from(queries) },
    documents: { shape: [a.columns, dims], data: Float32Array.from(documents) }
  }
}

/** One Gaussian map for both sides, so that training starts from the features' own scores, projected. */
const mapStart = (width: number, dims: number, seed: string): Tensors => {
  const map = new Float32Array(width * dims)
  makeRandom(seed, "adapter").fillGaussian(map, 1 / Math.sqrt(width))
  return {
    queryMap: { shape: [width, dims], data: map },
    documentMap: { shape: [width, dims], data: map.slice() }
  }
}

/** The state that holds one side. */
export const stateOf = (side: "queries" | "documents", features: Features | undefined): string =>
  features === undefined ? side : side === "queries" ? "queryMap" : "documentMap"

/** Unit rows of one side, from its state: [rows, dims] in float64. */
export const unitRows = (
  state: HostTensor["data"],
  dims: number,
  features: { readonly width: number; readonly data: Float32Array } | undefined
): Float64Array =>
  normaliseRows(
    features === undefined ? Float64Array.from(state) : product(features.data, state, features.width, dims),
    dims
  )

/** rows × width times width × dims, in float64. */
const product = (data: Float32Array, map: HostTensor["data"], width: number, dims: number): Float64Array => {
  const rows = data.length / width
  const result = new Float64Array(rows * dims)
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < width; c++) {
      const factor = data[row * width + c]
      for (let k = 0; k < dims; k++) result[row * dims + k] += factor * map[c * dims + k]
    }
  }
  return result
}
