/**
 * How the published numbers of a part were made: the authors' notebooks (repository
 * BangachevKiril/RepresentationLearningTheory, folder SigLIP) where the part does not say otherwise. Written out here, and
 * not taken from the stages' defaults, so that a change of those cannot pass for the published recipe.
 */
import { edgesOf } from "../../compute/constellation/synchronisation.ts"
import type { Recipe } from "../../stages/constellation/recipe.ts"
import type { Part } from "./definition.ts"

const shared = {
  items: 100,
  dims: 10,
  modalities: 2,
  shape: "sphere",
  graph: "complete",
  locked: [],
  adapter: null,
  gradient: "tangential",
  epsilon: 0,
  steps: 10_000,
  learningRate: 1e-2
} as const

const point = {
  form: "relative",
  inverseTemperature: 10,
  bias: 0,
  trainInverseTemperature: true,
  trainBias: true,
  guide: null
} as const

export const publishedRecipe = (part: Part): { readonly recipe: Recipe; readonly edges: number } => {
  const { points, recordEvery: _, ...train } = part.train
  const all = { ...shared, ...part.start, ...train }
  return {
    recipe: {
      all,
      points: Object.fromEntries(points.map(({ name, ...settings }) => [name, { ...point, ...settings }]))
    },
    edges: edgesOf(all.graph, all.modalities).length
  }
}
