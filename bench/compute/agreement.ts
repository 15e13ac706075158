/** Whether our training and PyTorch's are the same computation: losses of the same steps, gradients element by element. */
import type { Case } from "./cases.ts"
import { load } from "./inputs.ts"
import type { Peer } from "./peer.ts"

/** Differences are measured against the parameter's largest entry in PyTorch's gradient. */
export interface GradientAgreement {
  readonly parameter: string
  readonly worst: number
  /** Share of the entries that differ by more than 1e-4. */
  readonly beyond: number
}

const peerNames: { readonly [ours: string]: string } = { encoderBias: "bias" }

/** Gradients at the start, on the first batch. */
export const compareGradients = async (
  made: Case,
  peer: Peer,
  tool: string,
  folder: string
): Promise<ReadonlyArray<GradientAgreement>> => {
  const ours = await made.gradients(0)
  await peer.run({ case: tool, steps: 1, gradients: folder })
  // The peer has stepped: its next run starts anew.
  await peer.run({ case: tool, steps: 0, drop: true })
  return Object.entries(ours).map(([parameter, { data, shape }]) => {
    const theirs = load(folder, `${peerNames[parameter] ?? parameter}.grad`, shape).data
    if (theirs.length !== data.length) throw new Error(`the gradients of ${parameter} differ in size`)
    let size = 0
    for (const x of theirs) size = Math.max(size, Math.abs(x))
    let [worst, beyond] = [0, 0]
    theirs.forEach((want, i) => {
      const difference = Math.abs(data[i]! - want) / size
      worst = Math.max(worst, difference)
      if (!(difference <= 1e-4)) beyond += 1
    })
    return { parameter, worst, beyond: beyond / theirs.length }
  })
}

/** The largest relative difference of two runs of losses. */
export const lossDifference = (ours: ReadonlyArray<number>, theirs: ReadonlyArray<number>): number => {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} losses against ${theirs.length}`)
  return Math.max(...ours.map((loss, i) => Math.abs(loss - theirs[i]!) / Math.abs(theirs[i]!)))
}

/** Trains both from the start for `steps` steps; the losses of each. */
export const trainBoth = async (
  made: Case,
  peer: Peer,
  tool: string,
  steps: number
): Promise<{ readonly ours: ReadonlyArray<number>; readonly theirs: ReadonlyArray<number> }> => {
  const ours: Array<number> = []
  for (let at = 0; at < steps; at++) ours.push(await made.step(at))
  return { ours, theirs: (await peer.run({ case: tool, steps })).losses }
}
