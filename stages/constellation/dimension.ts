/**
 * The bounds of Theorems 3.3 and 3.5 as a calculator: for every margin (half gap), relative bias and number of pairs of a
 * grid, the dimension that is necessary and the one that is enough. Outside the theorems' range the row is null.
 *
 * Source: arXiv 2509.18552, Theorems 3.3 and 3.5.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { dimensionBounds } from "../../compute/constellation/dimension.ts"
import * as Stage from "../../engine/Stage.ts"
import { DimensionBounds } from "../../schemas/DimensionBounds.ts"

const list = (values: ReadonlyArray<number>) =>
  Schema.Array(Schema.Finite).pipe(Schema.withDecodingDefaultKey(Effect.succeed(values)))

export const dimension = Stage.make("constellation/dimension", {
  description: "Necessary and sufficient dimension for N pairs at a margin and relative bias.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Half gaps. */
    margins: list([0.07, 0.1]),
    relativeBiases: list([0, 0.03]),
    pairs: list([1e4, 1e6, 1e8, 1e10])
  }),
  inputs: {},
  outputs: { bounds: DimensionBounds },
  run: ({ params }) =>
    Effect.succeed({
      bounds: params.margins.flatMap((margin) =>
        params.relativeBiases.flatMap((relativeBias) =>
          params.pairs.map((pairs) => ({
            margin,
            relativeBias,
            pairs,
            ...bounds(margin, relativeBias, pairs)
          }))
        )
      )
    })
})

const bounds = (margin: number, relativeBias: number, pairs: number) => {
  try {
    return dimensionBounds(margin, relativeBias, pairs)
  } catch {
    return {
      threshold: null,
      reachableRate: null,
      largestRate: null,
      necessaryDimension: null,
      sufficientDimension: null
    }
  }
}

export default dimension
