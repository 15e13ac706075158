/** One experiment of the sigmoid-loss paper: see `constellation/experiments.ts`. */
import { experiments } from "./constellation/experiments.ts"
import { pipelineOf } from "./constellation/pipelineOf.ts"

export default pipelineOf(experiments.forms)
