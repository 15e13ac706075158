/**
 * All synthetic experiments of "Global Minimizers of Sigmoid Contrastive Loss" (arXiv 2509.18552) in one study: trainings,
 * the feasible region with every run in it, constructions, the dimension calculator, and one table beside the published
 * numbers.
 */
import * as Pipeline from "../engine/Pipeline.ts"
import { construct } from "../stages/constellation/construct.ts"
import { dimension } from "../stages/constellation/dimension.ts"
import { referencesFigure } from "../stages/constellation/figures/references.ts"
import { regionFigure } from "../stages/constellation/figures/region.ts"
import { measure } from "../stages/constellation/measure.ts"
import { trainProgram } from "../stages/constellation/trainProgram.ts"
import { addExperiment, type Built } from "./constellation/definition.ts"
import { experiments } from "./constellation/experiments.ts"
import { seedsParam } from "./constellation/pipelineOf.ts"

/** Stages to swap in: `--swap forms/relative/train=constellation/train-program`. */
export const alternatives = { trainProgram }

export default Pipeline.make(
  "constellations",
  { description: "Every synthetic experiment on the sigmoid loss (arXiv 2509.18552).", params: seedsParam },
  function* (p, { seeds }) {
    const summaries: { [name: string]: Built["summaries"][string] } = {}
    const measures: { [name: string]: Built["measures"][string] } = {}
    for (const experiment of Object.values(experiments)) {
      const built = yield* addExperiment(p, experiment, seeds)
      Object.assign(summaries, built.summaries)
      // Other sizes have other regions.
      if (experiment.name !== "basic") Object.assign(measures, built.measures)
    }
    const constructed = yield* p.stage("constructions/one", construct, {
      params: { construction: "one", code: "search", items: 100, dims: 8, delta: 0.8, phi: 0.3 }
    })
    const shown = yield* p.stage("constructions/measure", measure, {
      inputs: { constellation: constructed.constellation }
    })
    yield* p.stage("dimension", dimension, {})
    yield* p.stage("figure-region", regionFigure, {
      params: { title: "Every run in the feasible region" },
      inputs: { measures: { ...measures, "constructions/one": shown.measures } }
    })
    yield* p.stage("figure-references", referencesFigure, {
      params: { title: "Beside the published numbers" },
      inputs: { summaries }
    })
  }
)
