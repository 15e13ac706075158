/**
 * `constellation/train` by the tensor program of the step (`compute/constellation/program.ts`) on the chosen backend: all
 * runs advance together along a leading batch axis. Same parameters, same outputs, to rounding.
 */
import * as Effect from "effect/Effect"
import { programTraining } from "../../compute/constellation/programTraining.ts"
import * as Stage from "../../engine/Stage.ts"
import { Constellation } from "../../schemas/Constellation.ts"
import { ConstellationCurves } from "../../schemas/ConstellationCurves.ts"
import { readBatch } from "./batch.ts"
import { drive } from "./drive.ts"
import { openTraining } from "./openTraining.ts"
import { trainedOutputs, trainingBatch, TrainingParams } from "./trainingBatch.ts"

export const trainProgram = Stage.make("constellation/train-program", {
  description: "Trains constellations by the tensor program of the step, on the chosen backend.",
  source: import.meta.url,
  params: TrainingParams,
  inputs: { initial: Constellation },
  outputs: { constellation: Constellation, curves: ConstellationCurves },
  resources: { cpu: 2, memory: "2 GiB" },
  compute: true,
  isolated: true,
  run: Effect.fn("constellation/train-program")(function* ({ inputs, params }) {
    const batch = yield* trainingBatch(yield* readBatch(inputs.initial), params)
    const training = yield* openTraining((engine) =>
      programTraining(engine, batch.shape, batch.settings, batch.start)
    )
    return trainedOutputs(batch, yield* drive(training, batch.runSteps))
  }, Effect.scoped)
})

export default trainProgram
