/**
 * One training step of a sparse autoencoder as one tensor program.
 *
 * h = W_e (x − c) + b_e; z = activation(h); x̂ = W_dᵀ z + c; loss = mean over batch and coordinates of (x̂ − x)². AdamW with a
 * cosine schedule; after the step every decoder row is divided by its norm. Gradients are not projected and Adam's moments
 * are left alone, as in the paper's recipe (arXiv 2605.28870). An auxiliary loss for dead features may be added
 * (`auxiliary.ts`).
 */
import { gradient } from "../program/gradient.ts"
import * as Op from "../program/ops.ts"
import { adam, cosineSchedule, finishedSteps } from "../program/optimisers.ts"
import * as Program from "../program/Program.ts"
import type { Tensor } from "../program/Tensor.ts"
import type { Activation } from "./activation.ts"
import { activate } from "./activation.ts"
import type { Auxiliary } from "./auxiliary.ts"
import { auxiliaryLoss, nextSilence } from "./auxiliary.ts"

export interface Sizes {
  readonly dims: number
  readonly features: number
  readonly batch: number
}

export interface Recipe {
  readonly learningRate: number
  /** The last learning rate as a share of the first. */
  readonly finalRate: number
  readonly steps: number
  readonly weightDecay: number
  readonly renormalise: boolean
}

/** The weights as states, in the shapes of `schemas/Dictionary`. */
export const weights = ({ dims, features }: Sizes) => ({
  encoder: Op.state("encoder", [features, dims]),
  encoderBias: Op.state("encoderBias", [features]),
  decoder: Op.state("decoder", [features, dims]),
  centre: Op.state("centre", [dims])
})

/** h = W_e (x − c) + b_e for a batch, [B, D]. */
export const hidden = (x: Tensor, { encoder, encoderBias, centre }: ReturnType<typeof weights>): Tensor =>
  Op.add(Op.matmul(Op.sub(x, centre), encoder, { transposeB: true }), encoderBias)

/** Input `batch` [B, d]; output `loss` (the squared error alone); states: weights, moments, `fired` counts, and `silent` steps with an auxiliary loss. */
export const trainingProgram = (
  sizes: Sizes,
  activation: Activation,
  recipe: Recipe,
  auxiliary?: Auxiliary
): Program.Program<"loss"> => {
  const { dims, features, batch } = sizes
  const x = Op.input("batch", [batch, dims])
  const parameters = weights(sizes)
  const finished = finishedSteps()
  const activations = hidden(x, parameters)
  const codes = activate(activation, activations, parameters.decoder, finished)
  const error = Op.sub(Op.add(codes.decoded, parameters.centre), x)
  const loss = Op.mean(Op.square(error))
  const trained =
    activation.type === "jumprelu"
      ? { ...parameters, logThreshold: Op.state("logThreshold", [features]) }
      : parameters
  // The price of activity rises over the first fifth, so that features are found before they are pruned.
  const priced =
    activation.type === "jumprelu"
      ? Op.add(
          loss,
          Op.mul(
            Op.mul(codes.active, Op.minimum(Op.mul(finished, 5 / recipe.steps), 1)),
            activation.sparsity / (batch * dims)
          )
        )
      : loss
  const objective =
    auxiliary === undefined
      ? priced
      : Op.add(priced, auxiliaryLoss(auxiliary, activations, parameters.decoder, error))
  const fired = Op.stopGradient(codes.fired)
  const learningRate = cosineSchedule(finished, {
    peak: recipe.learningRate,
    total: recipe.steps,
    final: recipe.finalRate
  })
  const stepped = adam(trained, gradient(objective, trained), {
    learningRate,
    weightDecay: recipe.weightDecay
  })
  return Program.make("sae/step", {
    outputs: { loss },
    updates: {
      ...stepped,
      ...codes.updates,
      ...(recipe.renormalise ? { decoder: Op.normaliseRows(stepped.decoder!) } : {}),
      ...(auxiliary === undefined ? {} : { silent: nextSilence(fired) }),
      fired: Op.add(Op.state("fired", [features]), fired)
    }
  })
}
