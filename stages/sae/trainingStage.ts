/** What every stage that trains a sparse autoencoder has in common, besides its parameters. */
import * as Effect from "effect/Effect"
import { Compute } from "../../compute/Compute.ts"
import type { Activation } from "../../compute/sae/activation.ts"
import type { Auxiliary } from "../../compute/sae/auxiliary.ts"
import { Backend } from "../../engine/services/Backend.ts"
import type { Opened } from "../../engine/Stage.ts"
import { Dictionary } from "../../schemas/Dictionary.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"
import { TrainingCurve } from "../../schemas/TrainingCurve.ts"
import { dictionaryOf } from "./dictionary.ts"
import type { TrainingParams } from "./parameters.ts"
import { train } from "./training.ts"

export const trainingStage = {
  inputs: { embeddings: Embeddings },
  outputs: { dictionary: Dictionary, curve: TrainingCurve },
  resources: { cpu: 2, memory: "4 GiB" },
  random: true,
  compute: true,
  isolated: true
} as const

/** Trains on the view and returns the stage's outputs. `auxiliary` may depend on the view's dimensions. */
export const trainDictionary = Effect.fn("sae/trainDictionary")(function* (
  inputs: Opened<(typeof trainingStage)["inputs"]>,
  params: TrainingParams,
  activation: Activation,
  auxiliary?: (dims: number) => Auxiliary
) {
  const matrix = yield* inputs.embeddings.readFloat32
  const layer = Compute.layer(yield* Backend)
  const trained = yield* train(matrix, params, activation, auxiliary?.(matrix.dims)).pipe(
    Effect.scoped,
    Effect.provide(layer)
  )
  return { dictionary: dictionaryOf(trained, activation, params), curve: trained.curve.rows() }
})
