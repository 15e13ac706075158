/**
 * Trains constellations with the sigmoid loss: every point of a sweep from every initialisation, as one batch, by a fused
 * float32 WebAssembly kernel made for many small problems. A run's numbers are those of the run alone. Full batch, Adam,
 * exact softplus; see `compute/constellation/training.ts`. Killed and started again, it ends with the same bytes.
 *
 * The same step as a readable tensor program on any backend: `--swap <node>=constellation/train-program`.
 *
 * Source: arXiv 2509.18552, section 5.
 */
import * as Effect from "effect/Effect"
import { fusedTraining } from "../../compute/constellation/fusedTraining.ts"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { ConstellationCurves } from "../../schemas/ConstellationCurves.ts"
import { readBatch } from "./batch.ts"
import { drive } from "./drive.ts"
import { trainedOutputs, trainingBatch, TrainingParams } from "./trainingBatch.ts"

export const train = Stage.make("constellation/train", {
  description:
    "Trains constellations with the sigmoid contrastive loss, all sweep points and seeds as one batch.",
  source: import.meta.url,
  params: TrainingParams,
  inputs: { initial: Constellation },
  outputs: { constellation: Constellation, curves: ConstellationCurves },
  resources: { cpu: 1, memory: "1 GiB" },
  kernels: true,
  isolated: true,
  run: Effect.fn("constellation/train")(function* ({ inputs, params }) {
    const batch = yield* trainingBatch(yield* readBatch(inputs.initial), params)
    const training = fusedTraining(batch.shape, batch.settings, batch.start)
    return trainedOutputs(batch, yield* drive(training, batch.runSteps))
  })
})

export default train
