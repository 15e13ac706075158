/** What the two stages that train very many free embeddings share: parameters, start, outputs. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { randomCode } from "../../compute/constellation/optimisedCode.ts"
import type { TiledResult } from "../../compute/constellation/tiledTraining.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { encodeBatch } from "./batch.ts"
import { above0, amount, count } from "./params.ts"

export const LargeParams = Schema.Struct({
  items: count(100_000),
  dims: count(64),
  steps: count(3),
  learningRate: above0(1e-2),
  inverseTemperature: above0(10),
  relativeBias: amount(0),
  trainRelativeBias: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true)))
})
export type LargeParams = typeof LargeParams.Type

/** Uniform unit vectors of both modalities, [2, items, dims]. */
export const largeStart = ({ dims, items }: LargeParams, seed: string): Float32Array => {
  const initial = new Float32Array(2 * items * dims)
  for (let modality = 0; modality < 2; modality++) {
    initial.set(randomCode(items, dims, makeRandom(seed, `modality ${modality}`)), modality * items * dims)
  }
  return initial
}

const series = ["loss", "inverseTemperature", "relativeBias", "minPositive", "maxNegative"] as const

export const largeOutputs = ({ dims, items, steps }: LargeParams, { records, vectors }: TiledResult) => ({
  constellation: encodeBatch({
    runs: [{ point: `N=${items} d=${dims}`, seed: 0 }],
    modalities: 2,
    items,
    dims,
    vectors
  }),
  curves: series.flatMap((name, field) =>
    Array.from({ length: steps }, (_, step) => ({
      series: name,
      x: step,
      y: records[step * series.length + field],
      low: null,
      high: null
    }))
  )
})
