/**
 * Float64 polish: L-BFGS on the smoothed margin at sharpness doubling from 20/|m| (2,000 at least) until smoothing costs
 * less than a thousandth of the margin. The best pair seen, by its measured margin, is returned: polishing never loses.
 */
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import { MarginKernel, type Threshold } from "../kernels/MarginKernel.ts"
import { margins, normaliseRows } from "../margins.ts"
import type { Relevance } from "../Relevance.ts"
import { sphereLbfgs } from "./sphereLbfgs.ts"

/** The margin under a threshold less its rounding bound: a proved lower bound for the stored rows put on the sphere. */
export const provedMargin = (a: Relevance, threshold: Threshold, pair: EmbeddingPair): number => {
  const measured = margins(a, pair.queries, pair.documents, pair.dims)
  const value = measured[threshold]
  return value === null ? Number.NEGATIVE_INFINITY : value - measured.roundingBound
}

export const polish = (
  a: Relevance,
  threshold: Threshold,
  start: EmbeddingPair,
  options: { readonly iterations: number; readonly shouldStop?: () => boolean }
): EmbeddingPair & { readonly margin: number } => {
  const { dims } = start
  let best = { ...start, margin: provedMargin(a, threshold, start) }
  const kernel = new MarginKernel(a, { dims, threshold, precision: "float64", adam: false })
  kernel.load(start.queries, start.documents)
  const stages = 9
  const size = Math.max(Math.abs(best.margin), 1e-13)
  let sharpness = Math.max(2000, 20 / size)
  for (let stage = 0; stage < stages; stage++, sharpness *= 2) {
    if (options.shouldStop?.() === true) break
    const reached = sphereLbfgs(kernel, {
      sharpness,
      iterations: Math.ceil(options.iterations / stages),
      tolerance: 1e-6 * size,
      memory: 8,
      ...(options.shouldStop === undefined ? {} : { shouldStop: options.shouldStop })
    })
    if (reached.margin > best.margin) {
      const read = kernel.read()
      const pair = {
        dims,
        queries: normaliseRows(read.queries, dims),
        documents: normaliseRows(read.documents, dims)
      }
      const margin = provedMargin(a, threshold, pair)
      if (margin > best.margin) best = { ...pair, margin }
    }
    if (Math.abs(reached.margin - reached.smoothed) < 1e-4 * Math.abs(reached.margin)) break
  }
  return best
}
