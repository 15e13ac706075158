/**
 * What `contrastive/sigmoid`, `contrastive/infonce` and their adapters share as stages: ports, needs, and the way from
 * artifacts to artifacts. The stages of one form have the same ports, so one loss can be swapped for the other.
 */
import * as Effect from "effect/Effect"
import { Compute } from "../../compute/Compute.ts"
import { Backend } from "../../engine/services/Backend.ts"
import * as Stage from "../../engine/Stage.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { MarginBounds } from "../../schemas/MarginBounds.ts"
import { MarginScores } from "../../schemas/MarginScores.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { Series } from "../../schemas/Series.ts"
import { trainContrastive } from "./contrastive.ts"
import { pairOutputs, readPair } from "./embeddings.ts"
import { documentKeys, readRelevanceMatrix } from "./relevance.ts"
import { marginRows, readUppers } from "./scores.ts"
import type { TrainingParams } from "./trainingParams.ts"

const inputs = {
  relevance: RelevanceMatrix,
  keys: Stage.optional(RelevanceKeys),
  bounds: Stage.optional(MarginBounds)
}

const needs = {
  outputs: { queries: Embeddings, documents: Embeddings, margins: MarginScores, curve: Series },
  resources: { cpu: 2, memory: "4 GiB" },
  random: true,
  compute: true,
  isolated: true
} as const

/** A stage that trains free embeddings. */
export const freeTraining = { inputs, ...needs }

/** A stage that trains linear adapters of given embeddings. */
export const adapterTraining = {
  ...needs,
  inputs: { ...inputs, queries: Embeddings, documents: Embeddings }
}

type Free = Stage.Opened<typeof freeTraining.inputs>
type Adapter = Stage.Opened<typeof adapterTraining.inputs>

/** Trains on the opened inputs; given embeddings, where they are wired, are adapted. */
export const train = Effect.fnUntraced(function* (
  loss: "sigmoid" | "infonce",
  params: TrainingParams,
  opened: Free | Adapter
) {
  const a = yield* readRelevanceMatrix(opened.relevance)
  const names = yield* documentKeys(opened.keys, a.columns)
  const given =
    "queries" in opened ? yield* readPair(a, a.keys, names, opened.queries, opened.documents) : undefined
  const features = given && {
    dims: given.dims,
    queries: Float32Array.from(given.queries),
    documents: Float32Array.from(given.documents)
  }
  const { curve, pair } = yield* trainContrastive(loss, a, params, features).pipe(
    Effect.scoped,
    Effect.provide(Compute.layer(yield* Backend))
  )
  const method = given === undefined ? loss : `${loss} adapter`
  const margins = marginRows(a, pair, method, yield* readUppers(opened.bounds), { method, ...params })
  return { ...pairOutputs(pair, a.keys, names), margins, curve }
})
