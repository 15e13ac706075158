/** Makes a pipeline of one experiment: its nodes, a table beside the published numbers, and the number of seeds to set. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Pipeline from "../../engine/Pipeline.ts"
import { referencesFigure } from "../../stages/constellation/figures/references.ts"
import { addExperiment, type Experiment } from "./definition.ts"

/** `--set <pipeline>.seeds=20`. */
export const seedsParam = Schema.Struct({
  seeds: Schema.Int.pipe(
    Schema.check(Schema.isGreaterThan(0)),
    Schema.withDecodingDefaultKey(Effect.succeed(5))
  )
})

export const pipelineOf = (experiment: Experiment): Pipeline.Pipeline =>
  Pipeline.make(
    `constellation-${experiment.name}`,
    { description: `${experiment.title} (arXiv 2509.18552).`, params: seedsParam },
    function* (p, { seeds }) {
      const { summaries } = yield* addExperiment(p, experiment, seeds)
      if (!experiment.parts.some(({ references = [] }) => references.length > 0)) return
      yield* p.stage("figure-references", referencesFigure, {
        params: { title: `${experiment.title}: beside the published numbers` },
        inputs: { summaries }
      })
    }
  )
