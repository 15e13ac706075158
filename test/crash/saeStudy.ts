/** A small study that trains a sparse autoencoder and encodes with it, for tests that kill it. See `sae.test.ts`. */
import * as Pipeline from "../../engine/Pipeline.ts"
import { encodeSae } from "../../stages/sae/encode.ts"
import { trainSae } from "../../stages/sae/train.ts"
import { syntheticObjects } from "../../stages/synthetic/objects.ts"
import { syntheticView } from "../../stages/synthetic/view.ts"
import { studyProgram } from "../support/studyProgram.ts"

const pipeline = Pipeline.make("killed", { description: "A training to kill." }, function* (p) {
  const world = yield* p.stage("objects", syntheticObjects, {
    params: { objects: 400, attributes: 40, active: 4 }
  })
  const view = yield* p.stage("view", syntheticView, { params: { dims: 32 }, inputs: world })
  const trained = yield* p.stage("sae", trainSae, {
    // Resets, points of the curve and checkpoints all fall between the kills.
    params: {
      k: 4,
      dictionarySize: 80,
      steps: 2000,
      batchSize: 64,
      learningRate: 3e-3,
      resetEvery: 70,
      evaluateEvery: 110
    },
    inputs: { embeddings: view.embeddings }
  })
  yield* p.stage("codes", encodeSae, {
    inputs: { embeddings: view.embeddings, dictionary: trained.dictionary }
  })
})

await studyProgram(pipeline, { folder: JSON.parse(process.argv[3]!).folder, backend: "onnx" })
