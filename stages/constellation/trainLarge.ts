/**
 * Trains free embeddings of any number of pairs with the exact sigmoid loss over all N² pairs, in parts, by fused kernels
 * on threads: memory is bounded by 8·N·d floats and 5·N·d more a thread. See `compute/constellation/kernelPairs.ts`.
 *
 * As a tensor program on a backend, such as a graphics card: `--swap train=constellation/train-large-program`.
 */
import * as Effect from "effect/Effect"
import { kernelPairs } from "../../compute/constellation/kernelPairs.ts"
import { tiledTraining } from "../../compute/constellation/tiledTraining.ts"
import { Random } from "../../engine/services/Random.ts"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { Series } from "../../schemas/Series.ts"
import { drive } from "./drive.ts"
import { largeOutputs, LargeParams, largeStart } from "./largeTraining.ts"

export const trainLarge = Stage.make("constellation/train-large", {
  description: "The exact sigmoid loss over all pairs of very many free embeddings, in parts.",
  source: import.meta.url,
  params: LargeParams,
  inputs: {},
  outputs: { constellation: Constellation, curves: Series },
  resources: { cpu: 2, memory: "2 GiB" },
  random: true,
  kernels: true,
  isolated: true,
  run: Effect.fn("constellation/train-large")(function* ({ params }) {
    const { seed } = yield* Random
    const pairs = yield* Effect.acquireRelease(
      Effect.sync(() => kernelPairs(params.items, params.dims)),
      ({ close }) => Effect.promise(close)
    )
    const training = tiledTraining(pairs, params, largeStart(params, seed))
    return largeOutputs(params, yield* drive(training, 1))
  }, Effect.scoped)
})

export default trainLarge
