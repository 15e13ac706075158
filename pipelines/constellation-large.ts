/**
 * The sigmoid loss over all pairs of 100,000 free embeddings in 64 dimensions, exactly and in bounded memory: 10¹⁰ scores a
 * step, in parts. About 250 processor seconds a step; on a graphics card
 * `--swap train=constellation/train-large-program --device cuda`.
 */
import * as Pipeline from "../engine/Pipeline.ts"
import { trainLarge } from "../stages/constellation/trainLarge.ts"
import { trainLargeProgram } from "../stages/constellation/trainLargeProgram.ts"
import { curves } from "../stages/figures/curves.ts"

/** Stages to swap in. */
export const alternatives = { trainLargeProgram }

export default Pipeline.make(
  "constellation-large",
  { description: "The exact sigmoid loss over all pairs of 100,000 free embeddings, in parts." },
  function* (p) {
    const trained = yield* p.stage("train", trainLarge, {})
    yield* p.stage("figure-curves", curves, {
      params: {
        title: "Exact sigmoid loss over all pairs",
        caption:
          "Recorded before each step: mean loss over all pairs, t, b_rel, and the scores that make the margin.",
        x: { name: "step", integer: true },
        y: { name: "value" },
        marks: "both"
      },
      inputs: { series: trained.curves }
    })
  }
)
