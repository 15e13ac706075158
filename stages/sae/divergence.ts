/**
 * When the training of a sparse autoencoder has failed, in a sentence:
 *
 * - the loss is not finite, or a million times that of a start; weights are not finite;
 * - at the end the explained variance is below −1 (the error is more than twice the rows' own spread: no dictionary would be
 *   better) and the loss is no lower than at a start. A training of few steps may be below −1 and on its way.
 *
 * The loss at a start is that of the first step, times D/(2d) where decoder rows are normalised after it: they begin with
 * mean squared length 2d/D, and the error grows with it.
 */
import type { HostTensor } from "../../compute/Engine.ts"
import { StageFailure } from "../../schemas/errors.ts"
import type { TrainingParams } from "./parameters.ts"

const explosion = 1e6
const leastExplained = -1

export interface Watch {
  readonly params: TrainingParams
  readonly dims: number
  /** The loss of the first step. */
  readonly first: number
  readonly step: number
  readonly loss: number
}

const failure = (what: string, { params }: Watch): StageFailure =>
  new StageFailure({
    what: `The training diverged: ${what}.`,
    next: `lower learningRate (it is ${params.learningRate}), or look for rows that are far larger than the rest`
  })

const atStart = ({ dims, first, params }: Watch): number =>
  first * (params.renormalise ? Math.max(1, params.dictionarySize / (2 * dims)) : 1)

const short = (x: number): string => x.toPrecision(3)

/** After each step. */
export const lossFailure = (watch: Watch): StageFailure | undefined => {
  const { first, loss, step } = watch
  if (!Number.isFinite(loss)) return failure(`the loss is ${loss} after step ${step}`, watch)
  return first > 0 && loss > explosion * atStart(watch)
    ? failure(`the loss is ${short(loss)} after step ${step}, from ${short(first)} at the first`, watch)
    : undefined
}

/** After the last step. `explained` is null where the rows have no spread. */
export const endFailure = (
  watch: Watch,
  explained: number | null,
  weights: { readonly [name: string]: HostTensor }
): StageFailure | undefined => {
  const { first, loss, step } = watch
  for (const [name, { data }] of Object.entries(weights)) {
    const bad = (data as Float32Array).find((x) => !Number.isFinite(x))
    if (bad !== undefined) return failure(`'${name}' holds ${bad} after step ${step}`, watch)
  }
  return explained !== null && explained < leastExplained && loss >= atStart(watch)
    ? failure(
        `the explained variance is ${short(explained)} after step ${step}, below ${leastExplained}, and the loss ${short(loss)}, from ${short(first)} at the first step`,
        watch
      )
    : undefined
}
