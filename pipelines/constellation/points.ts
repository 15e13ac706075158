/** Shared by the experiments' definitions. */
import type { PointInput } from "../../stages/constellation/points.ts"
import type { Reference } from "../../stages/constellation/summary.ts"

/** A point at a fixed relative bias, t trained. */
export const fixed = (bias: number): PointInput => ({ name: `b=${bias}`, bias, trainBias: false })

/** References for several points at once: point name → value. */
export const published = (
  source: string,
  measure: string,
  values: { readonly [point: string]: number }
): ReadonlyArray<Reference> =>
  Object.entries(values).map(([point, value]) => ({ point, measure, value, source }))
