/**
 * Critical n: for each dimension, InfoNCE at a fixed temperature on complete graphs of n documents, for n around the
 * published fit, until every query is ranked right or the loss stands still. Each n is a node of its own.
 * Source: Weller et al., arXiv 2508.21038, the free-embedding experiment.
 */
import type * as Pipeline from "../../engine/Pipeline.ts"
import type { MarginScores } from "../../schemas/MarginScores.ts"
import { completeRelevance } from "../../stages/retrieval/complete.ts"
import { critical, publishedCriticalDocuments } from "../../stages/retrieval/critical.ts"
import { infonce } from "../../stages/retrieval/infonce.ts"

/** Their search ends with a sweep from four below to five above. */
const around = (dims: number): ReadonlyArray<number> => {
  const centre = Math.round(publishedCriticalDocuments(dims))
  return Array.from({ length: 10 }, (_, at) => centre - 4 + at).filter((n) => n > 2)
}

/** Theirs: a fixed temperature and rate, and two ways to stop. Nothing is left to the stage's defaults. */
export const criticalRecipe = {
  start: "gaussian",
  gradient: "euclidean",
  steps: 100_000,
  learningRate: 1e-2,
  schedule: "constant",
  temperature: 0.1,
  trainTemperature: false,
  evaluateEvery: 50,
  keep: "latest",
  watch: "loss",
  patience: 1000,
  stopWhenRanked: true
} as const

export const criticalDocuments = function* (p: Pipeline.Builder, dims: ReadonlyArray<number>) {
  const margins: { [name: string]: Pipeline.Handle<typeof MarginScores> } = {}
  for (const d of [...new Set(dims)].sort((x, y) => x - y)) {
    for (const n of around(d)) {
      const name = `d${d}-n${n}`
      const graph = yield* p.stage(`critical/graph-${name}`, completeRelevance, {
        params: { documents: n, k: 2 }
      })
      margins[name] = (yield* p.stage(`critical/${name}`, infonce, {
        params: { dims: d, ...criticalRecipe },
        inputs: graph
      })).margins
    }
  }
  return yield* p.stage("critical-documents", critical, {
    params: { recipe: { method: "infonce", ...criticalRecipe } },
    inputs: { margins }
  })
}
