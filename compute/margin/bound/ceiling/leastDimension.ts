/**
 * The least dimension that no bound excludes for a wanted margin.
 *
 * A margin that dimension d allows, every larger one allows too. So one proof that dimension d − 1 holds no margin of
 * `wanted` excludes every dimension up to d − 1, whichever bounds speak on the way: the search doubles d until nothing
 * excludes it, then halves. It does not say that d suffices; only an embedding says that. A bound b excludes w when b < w.
 *
 * `free` holds the dimension-free bounds of the three thresholds, where they have a meaning (`dimensionFree`): a looser
 * threshold's bound holds for a stricter one. Where a threshold has no meaning nothing is excluded. Cost: about 2 log₂ d bounds.
 */
import type { Relevance, Threshold } from "../../Relevance.ts"
import type { DimensionFree } from "../dimensionFree.ts"
import { upperBounds, type UpperBound } from "../upperBounds.ts"

export interface LeastDimension {
  /** The least d ≥ 1 that is not excluded; null where every dimension is. */
  readonly dims: number | null
  /** The bound below `wanted` that excludes dims − 1 (dims null: every dimension); absent where dims is 1. */
  readonly excluded?: UpperBound
}

export interface LeastDimensionOptions {
  readonly free: ReadonlyMap<Threshold, DimensionFree>
  /** Bounds of one dimension beside the dimension-free and the packing one; undefined where they prove nothing below `wanted`. */
  readonly more?: (dims: number, wanted: number) => UpperBound | undefined
  /** Once true, only packing and the dimension-free bound are asked: what is returned stays proved, and may be smaller. */
  readonly shouldStop?: () => boolean
}

/** The least dimension not excluded for margins of `wanted` and more. Throws a RangeError unless 0 < wanted ≤ 1. */
export const leastDimension = (
  a: Relevance,
  threshold: Threshold,
  wanted: number,
  options: LeastDimensionOptions
): LeastDimension => {
  if (!(wanted > 0 && wanted <= 1)) {
    throw new RangeError(`A wanted margin is above 0 and at most 1, not ${wanted}.`)
  }
  const excludes = (bound: UpperBound | undefined): UpperBound | undefined =>
    bound !== undefined && bound.value < wanted ? bound : undefined
  const inEvery = excludes(upperBounds(a, Number.POSITIVE_INFINITY, options.free).get(threshold))
  if (inEvery !== undefined) return { dims: null, excluded: inEvery }
  const excluding = (dims: number): UpperBound | undefined => {
    const bound = excludes(upperBounds(a, dims, options.free).get(threshold))
    // From n + 1 on more dimensions do not help, and the dimension-free bound has said all there is.
    if (bound !== undefined || dims > a.columns || options.shouldStop?.() === true) return bound
    return excludes(options.more?.(dims, wanted))
  }
  // excluded: dimension `low`; not excluded: dimension `high`.
  let low = 0
  let high = 1
  let proof: UpperBound | undefined
  for (let bound = excluding(high); bound !== undefined; bound = excluding(high)) {
    proof = bound
    low = high
    high *= 2
  }
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    const bound = excluding(middle)
    if (bound === undefined) high = middle
    else {
      low = middle
      proof = bound
    }
  }
  return proof === undefined ? { dims: low + 1 } : { dims: low + 1, excluded: proof }
}
