/**
 * When the training of a sparse autoencoder has failed, in a sentence: a loss that is not finite or 10,000 times what it was
 * at the first step, weights that are not finite, or an explained variance below −1 at the end, where the dictionary's
 * error is more than twice the rows' own spread and no dictionary would be better.
 */
import type { HostTensor } from "../../compute/Engine.ts"
import { StageFailure } from "../../schemas/errors.ts"

/** A loss that has grown by more than this since the first step does not come back. */
export const explosion = 1e4
/** The least explained variance that a trained dictionary may have. */
export const leastExplained = -1

const failure = (what: string, learningRate: number): StageFailure =>
  new StageFailure({
    what: `The training diverged: ${what}.`,
    next: `lower learningRate (it is ${learningRate}), or look for rows that are far larger than the rest`
  })

/** Of the loss of one step. */
export const lossFailure = (
  step: number,
  loss: number,
  first: number,
  learningRate: number
): StageFailure | undefined =>
  !Number.isFinite(loss)
    ? failure(`the loss is ${loss} after step ${step}`, learningRate)
    : first > 0 && loss > explosion * first
      ? failure(
          `the loss is ${loss.toPrecision(3)} after step ${step}, from ${first.toPrecision(3)} at the first`,
          learningRate
        )
      : undefined

/** Of what a training ended with. `explained` is null where the rows have no spread. */
export const endFailure = (
  steps: number,
  explained: number | null,
  weights: { readonly [name: string]: HostTensor },
  learningRate: number
): StageFailure | undefined => {
  for (const [name, { data }] of Object.entries(weights)) {
    const bad = (data as Float32Array).find((x) => !Number.isFinite(x))
    if (bad !== undefined) return failure(`'${name}' holds ${bad} after step ${steps}`, learningRate)
  }
  return explained !== null && explained < leastExplained
    ? failure(
        `the explained variance is ${explained.toPrecision(3)} after step ${steps}, below ${leastExplained}`,
        learningRate
      )
    : undefined
}
