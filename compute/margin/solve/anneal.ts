/**
 * Annealed ascent of the smoothed margin: Adam on the spheres in float32 while the sharpness rises geometrically.
 *
 * Adam's step is the same angle for every query whatever its weight, so easy and hard queries move together; at low
 * sharpness every pair pulls, at high sharpness only the near-violating ones do, and the kernel skips the rest.
 * Cost: `iterations` passes.
 */
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { MarginKernel, type Threshold } from "../kernels/MarginKernel.ts"
import { normaliseRows } from "../margins.ts"
import type { Relevance } from "../Relevance.ts"

export interface AnnealOptions {
  readonly iterations: number
  readonly fromSharpness: number
  readonly toSharpness: number
  /** First angle of a step, in radians; it falls by a cosine to 0.3 % of it. */
  readonly rate: number
  readonly shouldStop?: () => boolean
}

/** Improves a start; the result's rows are unit in float64. */
export const anneal = (
  a: Relevance,
  threshold: Threshold,
  start: EmbeddingPair,
  options: AnnealOptions
): EmbeddingPair & { readonly iterations: number } => {
  const { dims } = start
  const kernel = new MarginKernel(a, { dims, threshold, precision: "float32", adam: true })
  kernel.load(start.queries, start.documents)
  const { iterations, fromSharpness, toSharpness } = options
  let done = 0
  for (; done < iterations; done++) {
    if (done % 8 === 0 && options.shouldStop?.() === true) break
    const share = done / iterations
    kernel.pass(fromSharpness * (toSharpness / fromSharpness) ** share)
    kernel.gradient()
    kernel.adamStep(options.rate * ((1 + Math.cos(Math.PI * share)) / 2 + 0.003), 0.95)
  }
  const read = kernel.read()
  return {
    dims,
    queries: normaliseRows(read.queries, dims),
    documents: normaliseRows(read.documents, dims),
    iterations: done
  }
}
