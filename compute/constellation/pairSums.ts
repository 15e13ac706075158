/**
 * Sums over all N × N pairs of two modalities, in parts: what one step of training at large N needs. Two implementations:
 * tiles of a tensor program on any backend (`programPairs.ts`) and fused kernels on threads (`kernelPairs.ts`).
 */

/** What the sums are taken at, and where they go. */
export interface PairState {
  /** Unit vectors, [2, items, dims]. */
  readonly vectors: Float32Array
  readonly inverseTemperature: number
  readonly relativeBias: number
  /** Of the summed loss with respect to the vectors, [2, items, dims]; added to. */
  readonly gradients: Float32Array
  /** Loss, ∂log t, ∂b_rel (added to), smallest positive and largest negative score. */
  readonly sums: Float64Array
}

export interface PairSums {
  /** How many parts the pairs are cut into; fixed by the shapes. */
  readonly parts: number
  /** Adds one part. Parts are asked for in order, from 0 at every step. */
  readonly add: (part: number, state: PairState) => Promise<void>
  readonly close: () => Promise<void>
}

/** Adds one part's sums to the state's. */
export const addSums = (state: PairState, part: ArrayLike<number>): void => {
  for (let k = 0; k < 3; k++) state.sums[k] += part[k]
  state.sums[3] = Math.min(state.sums[3], part[3])
  state.sums[4] = Math.max(state.sums[4], part[4])
}
