/** A small study that trains free embeddings with both losses, for tests that kill it. See `contrastive.test.ts`. */
import * as Pipeline from "../../engine/Pipeline.ts"
import { completeRelevance } from "../../stages/retrieval/complete.ts"
import { infonce } from "../../stages/retrieval/infonce.ts"
import { sigmoid } from "../../stages/retrieval/sigmoid.ts"
import { studyProgram } from "../support/studyProgram.ts"

const pipeline = Pipeline.make("killed", { description: "Two trainings to kill." }, function* (p) {
  const graph = yield* p.stage("graph", completeRelevance, { params: { documents: 16, k: 2 } })
  const params = { dims: 8, steps: 2000, evaluateEvery: 70 }
  yield* p.stage("sigmoid", sigmoid, { params, inputs: graph })
  yield* p.stage("infonce", infonce, { params, inputs: graph })
})

await studyProgram(pipeline, { folder: JSON.parse(process.argv[3]!).folder, backend: "onnx" })
