/** Between a trained autoencoder in memory and the `Dictionary` artifact. */
import * as Effect from "effect/Effect"
import type { HostTensor } from "../../compute/Engine.ts"
import type { Activation } from "../../compute/sae/activation.ts"
import { InputError } from "../../schemas/errors.ts"
import type { TensorsValue } from "../../schemas/Kind.ts"
import type { TrainingParams } from "./parameters.ts"
import type { Trained } from "./training.ts"

/** The artifact: float32 tensors, and what is needed to encode with them. */
export const dictionaryOf = (
  trained: Trained,
  activation: Activation,
  params: TrainingParams
): TensorsValue => {
  const { logThreshold, ...tensors } = trained.weights
  const exponential =
    logThreshold === undefined
      ? {}
      : { threshold: { ...logThreshold, data: Float32Array.from(logThreshold.data, Math.exp) } }
  return {
    tensors: { ...tensors, ...exponential },
    metadata: {
      activation: activation.type,
      ...(activation.type === "jumprelu" ? {} : { k: String(activation.k) }),
      steps: String(trained.steps),
      batchSize: String(params.batchSize)
    }
  }
}

const refuse = (what: string, expected: string): Effect.Effect<never, InputError> =>
  Effect.fail(new InputError({ what, where: "input 'dictionary'", expected }))

export interface OpenedDictionary {
  readonly features: number
  readonly dims: number
  readonly activation: Activation["type"]
  /** Active features a row; none where a threshold decides. */
  readonly k: number | undefined
  readonly tensors: { readonly [name: string]: HostTensor }
}

/** Checks a dictionary that came from anywhere. */
export const openDictionary = (value: Required<TensorsValue>): Effect.Effect<OpenedDictionary, InputError> =>
  Effect.suspend(() => {
    const { tensors, metadata } = value
    const [features, dims] = tensors.encoder?.shape ?? []
    if (features === undefined || dims === undefined) {
      return refuse("The dictionary has no tensor 'encoder' with two axes.", "[features, dims]")
    }
    const shapes = { encoderBias: [features], decoder: [features, dims], centre: [dims] }
    for (const [name, shape] of Object.entries(shapes)) {
      const got = tensors[name]?.shape
      if (got?.join() === shape.join()) continue
      return refuse(
        got === undefined
          ? `The dictionary has no tensor '${name}'.`
          : `Its tensor '${name}' is [${got.join(", ")}].`,
        `'${name}' of shape [${shape.join(", ")}]`
      )
    }
    const activation = metadata.activation ?? "topk"
    if (activation !== "topk" && activation !== "batchtopk" && activation !== "jumprelu") {
      return refuse(
        `Its activation is '${activation}'.`,
        "metadata 'activation': topk, batchtopk or jumprelu"
      )
    }
    if (activation !== "topk" && tensors.threshold === undefined) {
      return refuse(
        "The dictionary has no tensor 'threshold'.",
        `one number (batchtopk) or [${features}] (jumprelu)`
      )
    }
    const k = metadata.k === undefined ? undefined : Number(metadata.k)
    if (activation === "topk" && !(Number.isInteger(k) && k! >= 1 && k! <= features)) {
      return refuse(
        `Its k is ${metadata.k ?? "not given"}.`,
        `metadata 'k': a whole number from 1 to ${features}`
      )
    }
    return Effect.succeed({ features, dims, activation, k, tensors })
  })
