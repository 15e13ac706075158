/**
 * The statistical model of representations (a reconstruction from arXiv 2605.28870):
 *
 *   x_i^(m) = normalise(Σ_j s_ij a_j^(m) + b^(m) + ε_i^(m))
 *
 * s is N × P, sparse, non-negative and shared by all models (signal); a_j^(m) are random unit directions of each model;
 * b^(m) = β · unit vector (bias); ε_i^(m) = τ · f_i^(−1/2) · gaussian/√d (noise), with Zipf frequencies f_i ∝ 1/(i + offset),
 * scaled so that the mean of f^(−1/2) is 1.
 */
import type { SparseRows } from "../../schemas/Matrix.ts"
import type { RandomStream } from "../random/RandomStream.ts"

export interface World {
  readonly objects: number
  readonly attributes: number
  /** Attributes an object has. */
  readonly active: number
  /** Activations are uniform in [1 − spread, 1 + spread]. */
  readonly spread: number
}

/** The shared signal: for each object its attributes in rising order, and their strengths. Flat, `active` an object. */
export const drawSignal = (
  random: RandomStream,
  world: World
): { readonly indices: Uint32Array; readonly values: Float32Array } => {
  const indices = new Uint32Array(world.objects * world.active)
  const values = new Float32Array(indices.length)
  for (let i = 0; i < world.objects; i++) {
    indices.set(random.sample(world.attributes, world.active).sort(), i * world.active)
    for (let j = 0; j < world.active; j++) {
      values[i * world.active + j] = 1 + world.spread * (2 * random.uniform() - 1)
    }
  }
  return { indices, values }
}

/** f_i of object i, falling, as Zipf's law with a flattened head: shares that add up to 1. */
export const zipf = (objects: number, offset: number): Float64Array => {
  const weights = Float64Array.from({ length: objects }, (_, i) => 1 / (i + 1 + offset))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

const unit = (random: RandomStream, dims: number): Float64Array => {
  const vector = new Float64Array(dims)
  random.fillGaussian(vector)
  const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))
  return vector.map((x) => x / norm)
}

/** One model's directions (P × d, unit rows) and its view of the objects (N × d, unit rows). */
export const drawModel = (
  random: RandomStream,
  signal: SparseRows,
  frequencies: Float64Array,
  options: { readonly dims: number; readonly bias: number; readonly noise: number }
): { readonly directions: Float32Array; readonly view: Float32Array } => {
  const { dims, bias, noise } = options
  const objects = signal.keys.length
  const directions = new Float32Array(signal.dims * dims)
  const ofDirections = random.stream("directions")
  for (let j = 0; j < signal.dims; j++) directions.set(unit(ofDirections, dims), j * dims)
  const offset = unit(random.stream("bias"), dims).map((x) => x * bias)
  const ofNoise = random.stream("noise")
  const roots = frequencies.map((f) => f ** -0.5)
  const meanRoot = roots.reduce((sum, root) => sum + root, 0) / roots.length
  const view = new Float32Array(objects * dims)
  for (let i = 0; i < objects; i++) {
    const x = offset.slice()
    for (let at = signal.indptr[i]!; at < signal.indptr[i + 1]!; at++) {
      const row = signal.indices[at]! * dims
      const strength = signal.values?.[at] ?? 1
      for (let j = 0; j < dims; j++) x[j]! += strength * directions[row + j]!
    }
    if (noise > 0) {
      const amplitude = (noise * roots[i]!) / meanRoot / Math.sqrt(dims)
      for (let j = 0; j < dims; j++) x[j]! += amplitude * ofNoise.gaussian()
    }
    const norm = Math.sqrt(x.reduce((sum, entry) => sum + entry * entry, 0))
    for (let j = 0; j < dims; j++) view[i * dims + j] = x[j]! / norm
  }
  return { directions, view }
}
