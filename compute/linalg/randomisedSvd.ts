/**
 * The leading singular vectors of a large sparse matrix by a randomised range finder with power iterations.
 *
 * Y = A Ω for a Gaussian Ω, then `powerIterations` times Q ← orth(A Aᵀ Q), then the small problem
 * B = Qᵀ A = W Σ Vᵀ, U = Q W. Cost: (2 + 2 q) products of A with rank + oversampling columns. Accuracy improves with the
 * power 2 q + 1 of the ratio of singular values beyond the rank.
 * Source: Halko, Martinsson & Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithms 4.4 and 5.1.
 *
 * The steps are apart so that a caller can report progress and save Q between them: the state is (step, Q).
 */
import type { RandomStream } from "../random/RandomStream.ts"
import { columnGram } from "./columnGram.ts"
import { orthonormalise } from "./orthonormalise.ts"
import { multiply, transpose, type SparseMatrix } from "./SparseMatrix.ts"
import { symmetricEigen } from "./symmetricEigen.ts"

export interface SvdOptions {
  /** Singular vectors wanted. */
  readonly rank: number
  /** Columns beyond the rank that the iteration carries along. */
  readonly oversampling: number
  readonly powerIterations: number
}

export interface Svd {
  /** Falling; at most `rank`, fewer where the matrix is smaller. */
  readonly values: Float64Array
  /** rows × values.length, row-major; column j is the left singular vector of values[j]. */
  readonly left: Float64Array
}

/** The range finder after `step` of `steps` steps: an orthonormal basis of rows × width, row-major. */
export interface RangeState {
  readonly step: number
  readonly basis: Float64Array
}

export interface RangeFinder {
  readonly steps: number
  readonly width: number
  /** Step 0: draws Ω from the stream. */
  readonly start: (random: RandomStream) => RangeState
  /** One power iteration. */
  readonly next: (state: RangeState) => RangeState
  /** The decomposition, once `step` has reached `steps`. */
  readonly finish: (state: RangeState) => Svd
}

export const rangeFinder = (a: SparseMatrix, options: SvdOptions): RangeFinder => {
  const width = Math.min(options.rank + options.oversampling, a.rows, a.columns)
  const flipped = transpose(a)
  const range = (x: Float64Array) => orthonormalise(multiply(a, x, width), a.rows, width)
  return {
    steps: options.powerIterations,
    width,
    start: (random) => {
      const omega = new Float64Array(a.columns * width)
      random.fillGaussian(omega)
      return { step: 0, basis: range(omega) }
    },
    next: ({ step, basis }) => ({
      step: step + 1,
      basis: range(multiply(flipped, basis, width))
    }),
    finish: ({ basis }) => {
      // Aᵀ Q is Bᵀ; its Gram matrix is B Bᵀ, whose eigenvectors are B's left singular vectors.
      const projected = multiply(flipped, basis, width)
      const { values, vectors } = symmetricEigen(columnGram(projected, a.columns, width), width)
      const rank = Math.min(options.rank, width)
      const left = new Float64Array(a.rows * rank)
      for (let i = 0; i < a.rows; i++) {
        for (let j = 0; j < rank; j++) {
          let sum = 0
          for (let m = 0; m < width; m++) sum += basis[i * width + m] * vectors[j * width + m]
          left[i * rank + j] = sum
        }
      }
      return { values: values.slice(0, rank).map((value) => Math.sqrt(Math.max(value, 0))), left }
    }
  }
}

/** The decomposition in one call. */
export const randomisedSvd = (a: SparseMatrix, options: SvdOptions, random: RandomStream): Svd => {
  const finder = rangeFinder(a, options)
  let state = finder.start(random)
  while (state.step < finder.steps) state = finder.next(state)
  return finder.finish(state)
}
