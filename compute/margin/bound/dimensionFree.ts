/**
 * The largest margin in any dimension: embeddings (lower bound, measured) and dual weights (upper bound, proved).
 *
 * Queries may be projected on the span of the documents, so dimension n + 1 is as good as any (one coordinate carries the
 * threshold), and there the problem has no bad local maxima in practice. The smoothed margin is maximised by L-BFGS at
 * rising sharpness t from a start that no relabelling of queries or documents changes, so symmetric matrices converge in
 * a few iterations, and every other one in some tens. The softmin weights are dual weights: at low t they are smooth and
 * accurate (best upper bounds), at high t the embeddings are (best lower bounds).
 * Source: arXiv 2605.23556, m^rd(∞, A) and its dual. Cost 6 N n² flops a pass, memory O(N n).
 */
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { MarginKernel } from "../kernels/MarginKernel.ts"
import { margins, normaliseRows, roundingBound } from "../margins.ts"
import { hasThreshold, rowSize, type Relevance, type Threshold } from "../Relevance.ts"
import { sphereLbfgs } from "../solve/sphereLbfgs.ts"
import { verify, type DualWeights } from "./certificate.ts"
import { softminDual } from "./dual.ts"
import { twoLevelBound } from "./twoLevel.ts"

export interface DimensionFree {
  readonly threshold: Threshold
  /** Measured margin of `embeddings`, less its rounding bound; null where the threshold has no meaning for A. */
  readonly lower: number | null
  /** Proved bound in every dimension. */
  readonly upper: number | null
  /** The dual weights that prove `upper`; absent where there is no bound. */
  readonly weights?: DualWeights
  /** The embeddings of `lower`; absent where N × n was too large to optimise over every pair. */
  readonly embeddings?: EmbeddingPair
  /** Which dual weights gave `upper`. */
  readonly dual: "softmin" | "two-level" | "trivial"
  readonly passes: number
}

export interface DimensionFreeOptions {
  /** Stop at (upper − lower)/upper below this; default 0.002. */
  readonly tolerance?: number
  /** Sharpness at most this; default 2^21. */
  readonly sharpest?: number
  /** N n (n + 1) above this is left to the two-level bound, whose cost does not grow with n²; default 2e9. */
  readonly largest?: number
  readonly shouldStop?: () => boolean
}

/** Solves one threshold to the tolerance, or as far as `shouldStop` allows. Deterministic unless stopped by a clock. */
export const dimensionFree = (
  a: Relevance,
  threshold: Threshold,
  options: DimensionFreeOptions = {}
): DimensionFree => {
  const tolerance = options.tolerance ?? 0.002
  const none = { threshold, lower: null, upper: null, dual: "trivial", passes: 0 } as const
  if (!hasThreshold(a, threshold)) return none
  const dims = a.columns + 1
  const twoLevel = twoLevelBound(a, threshold)
  let lower = twoLevel.lower
  let upper = twoLevel.upper
  let weights = twoLevel.weights
  let dual: DimensionFree["dual"] = "two-level"
  const size = a.rows * a.columns * dims
  const materialised = a.rows * dims <= 4e7
  let embeddings = materialised ? twoLevel.embeddings() : undefined
  let passes = 0
  const closed = (): boolean => upper - lower <= tolerance * upper
  if (closed() || size > (options.largest ?? 2e9)) {
    return {
      threshold,
      lower,
      upper,
      weights,
      dual,
      passes,
      ...(embeddings === undefined ? {} : { embeddings })
    }
  }
  const kernel = new MarginKernel(a, { dims, threshold, precision: "float64", adam: false })
  const start = equivariantStart(a)
  kernel.load(start.queries, start.documents)
  for (let sharpness = 40; sharpness <= (options.sharpest ?? 2 ** 21); sharpness *= 2) {
    const reached = sphereLbfgs(kernel, {
      sharpness,
      iterations: sharpness <= 320 ? 300 : 150,
      tolerance: sharpness <= 320 ? 1e-9 : 1e-8,
      ...(options.shouldStop === undefined ? {} : { shouldStop: options.shouldStop })
    })
    passes += reached.iterations
    const read = kernel.read()
    const queries = normaliseRows(read.queries, dims)
    const documents = normaliseRows(read.documents, dims)
    const measured = margins(a, queries, documents, dims)
    const value = measured[threshold]
    if (value !== null && value - roundingBound(dims) > lower) {
      lower = value - roundingBound(dims)
      embeddings = { dims, queries, documents }
    }
    // Past this the weights are too peaked to be near-stationary; the upper bound comes from the smoother ones.
    if (sharpness <= 1280) {
      const proposed = softminDual(a, threshold, sharpness, queries, documents, dims)
      const proved = verify(a, threshold, proposed)
      if (proved < upper) {
        upper = proved
        weights = proposed
        dual = "softmin"
      }
    }
    if (closed() || options.shouldStop?.() === true) break
  }
  return {
    threshold,
    lower,
    upper,
    weights,
    dual,
    passes,
    ...(embeddings === undefined ? {} : { embeddings })
  }
}

/**
 * Documents (e_i, 1)/√2; each query the mean of its positives less the mean of the others, normalised. No relabelling
 * of rows or columns changes it.
 */
export const equivariantStart = (a: Relevance): EmbeddingPair => {
  const n = a.columns
  const dims = n + 1
  const documents = new Float64Array(n * dims)
  for (let i = 0; i < n; i++) documents[i * dims + i] = documents[i * dims + n] = Math.SQRT1_2
  const queries = new Float64Array(a.rows * dims)
  for (let j = 0; j < a.rows; j++) {
    const size = rowSize(a, j)
    const row = queries.subarray(j * dims, (j + 1) * dims)
    if (size < n) row.fill(-1 / (n - size), 0, n)
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) row[a.indices[e]] = 1 / size
    row[n] = size === n ? 1 : size === 0 ? -1 : 0
  }
  return { dims, queries: normaliseRows(queries, dims), documents }
}
