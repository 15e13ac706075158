/**
 * Annealed ascent of the smoothed margin: Adam on the spheres in float32 while the sharpness rises geometrically.
 *
 * Adam's step is the same angle for every query whatever its weight, so easy and hard queries move together; at low
 * sharpness every pair pulls, at high sharpness only the near-violating ones do, and the kernel skips the rest. With a
 * deadline the schedule follows whichever is further on, the steps or the clock, so it always runs to its end: an
 * annealing cut in the middle is worth nothing. Cost: `iterations` passes at most.
 */
import type { EmbeddingPair } from "../EmbeddingPair.ts"
import type { MarginKernel } from "../kernels/MarginKernel.ts"
import { normaliseRows } from "../margins.ts"

export interface Schedule {
  readonly iterations: number
  readonly fromSharpness: number
  readonly toSharpness: number
  /** First angle of a step, in radians; it falls geometrically, as the sharpness rises, to 0.3 % of it. */
  readonly rate: number
}

/** Sharpness and angle at a share of the schedule. */
export const stepAt = (
  { fromSharpness, rate, toSharpness }: Schedule,
  share: number
): { readonly sharpness: number; readonly rate: number } => ({
  sharpness: fromSharpness * (toSharpness / fromSharpness) ** share,
  rate: rate * 0.003 ** share
})

/**
 * Improves a start; the result's rows are unit in float64.
 *
 * @param kernel float32 with Adam's moments, of the start's dimension
 * @param deadline milliseconds since 1970 by which the schedule is at its end
 */
export const anneal = (
  kernel: MarginKernel,
  start: EmbeddingPair,
  schedule: Schedule,
  deadline = Number.POSITIVE_INFINITY
): EmbeddingPair & { readonly iterations: number } => {
  const { dims } = start
  kernel.load(start.queries, start.documents)
  const { iterations } = schedule
  const began = Date.now()
  let clock = 0
  let done = 0
  for (; done < iterations; done++) {
    if (done % 8 === 0 && deadline !== Number.POSITIVE_INFINITY) {
      clock = (Date.now() - began) / Math.max(1, deadline - began)
      if (clock >= 1) break
    }
    const share = Math.max(done / iterations, clock)
    const { rate, sharpness } = stepAt(schedule, share)
    kernel.pass(sharpness)
    kernel.gradient()
    kernel.adamStep(rate, 0.95)
  }
  const read = kernel.read()
  return {
    dims,
    queries: normaliseRows(read.queries, dims),
    documents: normaliseRows(read.documents, dims),
    iterations: done
  }
}
