/**
 * Your own paired features (SigLIP, CLIP, ...) among the constellations: `images` and `texts` are two matrix files with
 * rows joined by key.
 *
 *   asterism run constellation-features --set images.file=images.npz --set texts.file=texts.npz \
 *     --set measure.inverseTemperature=117.8 --set measure.bias=12.9
 *
 * Bias is subtracted here: SigLIP's `logit_bias` of −12.9 is 12.9. Many images to a text: wire a `Labels` artifact in a
 * pipeline of your own.
 */
import * as Pipeline from "../engine/Pipeline.ts"
import { histogramFigure } from "../stages/constellation/figures/histogram.ts"
import { regionFigure } from "../stages/constellation/figures/region.ts"
import { measureTrained } from "../stages/constellation/measureTrained.ts"
import { matrixFile } from "../stages/data/matrixFile.ts"

export default Pipeline.make(
  "constellation-features",
  { description: "Margins, separability and modality gap of your own paired image and text features." },
  function* (p) {
    const images = yield* p.stage("images", matrixFile, {})
    const texts = yield* p.stage("texts", matrixFile, {})
    const measured = yield* p.stage("measure", measureTrained, {
      inputs: { left: images.embeddings, right: texts.embeddings }
    })
    yield* p.stage("figure-scores", histogramFigure, {
      params: { title: "Your features" },
      inputs: { histogram: measured.histogram }
    })
    yield* p.stage("figure-region", regionFigure, {
      params: { title: "The model in the feasible region", pairs: 1000 },
      inputs: { measures: { model: measured.measures } }
    })
  }
)
