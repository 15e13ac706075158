/**
 * `constellation/train-large` by a tensor program on the chosen backend, tile by tile: memory is bounded by 8·N·d floats
 * and one tile. See `compute/constellation/programPairs.ts`.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { programPairs } from "../../compute/constellation/programPairs.ts"
import { tiledTraining } from "../../compute/constellation/tiledTraining.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { Series } from "../../schemas/Series.ts"
import { drive } from "./drive.ts"
import { largeOutputs, LargeParams, largeStart } from "./largeTraining.ts"
import { openTraining } from "./openTraining.ts"

export const trainLargeProgram = Stage.make("constellation/train-large-program", {
  description: "The exact sigmoid loss over all pairs of very many free embeddings, on the chosen backend.",
  source: import.meta.url,
  params: Schema.Struct({
    ...LargeParams.fields,
    /** Rows and columns of a tile. */
    tile: Schema.Int.pipe(
      Schema.check(Schema.isGreaterThan(0)),
      Schema.withDecodingDefaultKey(Effect.succeed(2048))
    )
  }),
  inputs: {},
  outputs: { constellation: Constellation, curves: Series },
  resources: { cpu: 2, memory: "2 GiB" },
  random: true,
  compute: true,
  isolated: true,
  run: Effect.fn("constellation/train-large-program")(function* ({ params }) {
    const { seed } = yield* Random
    const training = yield* openTraining(async (engine) =>
      tiledTraining(
        programPairs(engine, params.items, params.dims, params.tile),
        params,
        largeStart(params, seed)
      )
    )
    return largeOutputs(params, yield* drive(training, 4))
  }, Effect.scoped)
})

export default trainLargeProgram
