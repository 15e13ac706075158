/**
 * Trains free embeddings of any number of pairs with the exact sigmoid loss over all N² pairs, in tiles: memory is bounded
 * by 8·N·d floats and one tile. See `compute/constellation/tiledTraining.ts`.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { randomCode } from "../../compute/constellation/optimisedCode.ts"
import { tiledTraining } from "../../compute/constellation/tiledTraining.ts"
import { makeRandom } from "../../compute/random/RandomStream.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { Series } from "../../schemas/Series.ts"
import { encodeBatch } from "./batch.ts"
import { drive } from "./drive.ts"
import { openTraining } from "./openTraining.ts"

const count = (fallback: number) =>
  Schema.Int.pipe(
    Schema.check(Schema.isGreaterThan(0)),
    Schema.withDecodingDefaultKey(Effect.succeed(fallback))
  )
const amount = (fallback: number) =>
  Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(fallback)))

export const trainLarge = Stage.make("constellation/train-large", {
  description: "The exact sigmoid loss over all pairs of very many free embeddings, tile by tile.",
  source: import.meta.url,
  params: Schema.Struct({
    items: count(100_000),
    dims: count(64),
    tile: count(2048),
    steps: count(3),
    learningRate: amount(1e-2),
    inverseTemperature: amount(10),
    relativeBias: amount(0),
    trainRelativeBias: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true)))
  }),
  inputs: {},
  outputs: { constellation: Constellation, curves: Series },
  resources: { cpu: 2, memory: "2 GiB" },
  random: true,
  compute: true,
  isolated: true,
  run: Effect.fn("constellation/train-large")(function* ({ params }) {
    const { dims, items } = params
    const { seed } = yield* Random
    const initial = new Float32Array(2 * items * dims)
    for (let modality = 0; modality < 2; modality++) {
      initial.set(randomCode(items, dims, makeRandom(seed, `modality ${modality}`)), modality * items * dims)
    }
    const training = yield* openTraining((engine) => tiledTraining(engine, params, initial))
    const { records, vectors } = yield* drive(training, 4)
    const point = `N=${items} d=${dims}`
    const series = ["loss", "inverseTemperature", "relativeBias", "minPositive", "maxNegative"] as const
    return {
      constellation: encodeBatch({ runs: [{ point, seed: 0 }], modalities: 2, items, dims, vectors }),
      curves: series.flatMap((name, field) =>
        Array.from({ length: params.steps }, (_, step) => ({
          series: name,
          x: step,
          y: records[step * series.length + field],
          low: null,
          high: null
        }))
      )
    }
  }, Effect.scoped)
})

export default trainLarge
