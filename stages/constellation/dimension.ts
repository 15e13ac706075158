/**
 * A calculator: for every margin (half gap), relative bias and number of pairs of a grid, the dimension that is necessary
 * and the one that is enough at that number of pairs, and the paper's estimates for many dimensions beside them. Where no
 * constellation exists in any dimension the row says so and is null.
 *
 * Proofs and sources: `compute/constellation/dimension.ts`.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { dimensionBounds } from "../../compute/constellation/dimension.ts"
import * as Stage from "../../engine/Stage.ts"
import { DimensionBounds } from "../../schemas/DimensionBounds.ts"

const list = (values: ReadonlyArray<number>) =>
  Schema.Array(Schema.Finite).pipe(Schema.withDecodingDefaultKey(Effect.succeed(values)))

/** Positive: a margin of 0 or less is not asked for a dimension. */
const positives = (values: ReadonlyArray<number>) =>
  Schema.Array(Schema.Finite.check(Schema.isGreaterThan(0))).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(values))
  )

const counts = (values: ReadonlyArray<number>) =>
  Schema.Array(Schema.Int.check(Schema.isGreaterThanOrEqualTo(2))).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(values))
  )

export const dimension = Stage.make("constellation/dimension", {
  description: "Necessary and sufficient dimension for N pairs at a margin and relative bias.",
  source: import.meta.url,
  params: Schema.Struct({
    /** Half gaps. */
    margins: positives([0.07, 0.1]),
    relativeBiases: list([0, 0.03]),
    pairs: counts([1e4, 1e6, 1e8, 1e10])
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
    return { possible: true, ...dimensionBounds(margin, relativeBias, pairs) }
  } catch {
    return {
      possible: false,
      threshold: null,
      necessaryDimension: null,
      sufficientDimension: null,
      reachableRate: null,
      largestRate: null,
      asymptoticNecessaryDimension: null,
      asymptoticSufficientDimension: null
    }
  }
}

export default dimension
