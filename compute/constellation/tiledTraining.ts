/**
 * The sigmoid loss over N × N pairs where N × N scores cannot be held: exact loss and gradient, part by part, then one
 * Adam step on the sphere. Every pair counts; nothing is sampled.
 *
 * Memory: vectors, gradients and moments (8·N·d float32 for two modalities) beside what the pair sums take.
 */
import { projectTangential } from "./loss.ts"
import type { PairSums } from "./pairSums.ts"
import { stepScalars, slots } from "./scalarStep.ts"
import { adam, divergence, type Training } from "./training.ts"

export interface TiledSettings {
  readonly items: number
  readonly dims: number
  readonly steps: number
  readonly learningRate: number
  readonly inverseTemperature: number
  readonly relativeBias: number
  readonly trainRelativeBias: boolean
}

export interface TiledResult {
  /** [modalities = 2, items, dims] */
  readonly vectors: Float32Array
  /** [steps, 5]: mean loss, t, b_rel, smallest positive and largest negative score, all before the step. */
  readonly records: Float64Array
}

/**
 * @param pairs sums over all pairs of these items
 * @param initial unit vectors of both modalities, [2, items, dims]
 */
export const tiledTraining = (
  pairs: PairSums,
  settings: TiledSettings,
  initial: Float32Array
): Training<TiledResult> & { readonly close: () => Promise<void> } => {
  const { dims, items, steps } = settings
  const size = items * dims
  const vectors = Float32Array.from(initial)
  const moments = { first: new Float32Array(2 * size), second: new Float32Array(2 * size) }
  const gradients = new Float32Array(2 * size)
  const records = new Float64Array(steps * 5)
  const scalars = new Float64Array(slots.count)
  scalars[slots.logT] = Math.log(settings.inverseTemperature)
  scalars[slots.bias] = settings.relativeBias
  // Sums over the parts of the present step so far: loss, ∂log t, ∂b, smallest positive, largest negative.
  const sums = Float64Array.of(0, 0, 0, Infinity, -Infinity)
  let position = 0
  let lost: string | undefined

  const finishStep = (step: number): void => {
    const entries = items * items
    records.set(
      [sums[0] / entries, Math.exp(scalars[slots.logT]), scalars[slots.bias], sums[3], sums[4]],
      step * 5
    )
    lost ??= divergence(step, records[step * 5], records[0], records[step * 5 + 1])
    const rate = settings.learningRate / (1 - adam.beta1 ** (step + 1))
    const correction = 1 / (1 - adam.beta2 ** (step + 1))
    for (let k = 0; k < gradients.length; k++) gradients[k] /= entries
    projectTangential(gradients, vectors, dims)
    for (let row = 0; row < 2 * items; row++) {
      let square = 0
      for (let at = row * dims; at < (row + 1) * dims; at++) {
        const g = gradients[at]
        const m = adam.beta1 * moments.first[at] + (1 - adam.beta1) * g
        const v = adam.beta2 * moments.second[at] + (1 - adam.beta2) * g * g
        moments.first[at] = m
        moments.second[at] = v
        const x = vectors[at] - (rate * m) / (Math.sqrt(v * correction) + adam.epsilon)
        vectors[at] = x
        square += x * x
      }
      const length = Math.sqrt(square)
      for (let at = row * dims; at < (row + 1) * dims; at++) vectors[at] /= length
    }
    const biasGradient = settings.trainRelativeBias ? sums[2] / entries : 0
    stepScalars(scalars, [sums[1] / entries, biasGradient, 0], rate, correction)
    gradients.fill(0)
    sums.set([0, 0, 0, Infinity, -Infinity])
  }

  return {
    done: () => position,
    total: steps * pairs.parts,
    diverged: () => lost,
    advance: async (count) => {
      const end = Math.min(steps * pairs.parts, position + Math.max(1, count))
      while (position < end) {
        await pairs.add(position % pairs.parts, {
          vectors,
          gradients,
          sums,
          inverseTemperature: Math.exp(scalars[slots.logT]),
          relativeBias: scalars[slots.bias]
        })
        position++
        if (position % pairs.parts === 0) finishStep(position / pairs.parts - 1)
      }
    },
    save: async () => ({
      position: Float64Array.of(position),
      vectors: vectors.slice(),
      first: moments.first.slice(),
      second: moments.second.slice(),
      gradients: gradients.slice(),
      records: records.slice(),
      scalars: scalars.slice(),
      sums: sums.slice()
    }),
    restore: async (state) => {
      position = state.position[0]
      vectors.set(state.vectors)
      moments.first.set(state.first)
      moments.second.set(state.second)
      gradients.set(state.gradients)
      records.set(state.records)
      scalars.set(state.scalars)
      sums.set(state.sums)
    },
    result: async () => ({ vectors, records }),
    close: pairs.close
  }
}
