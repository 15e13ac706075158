/**
 * Where trained models lie among constellations: margins, separability and modality gap of paired views.
 *
 * `words`: two real views, GloVe and the Universal Sentence Encoder over the most frequent English words, as the two
 * modalities. They have no space in common, so linear adapters are trained on four fifths of the words with the sigmoid
 * loss; both the trained and the unseen pairs are measured. `synthetic`: 50,000 images of 1,000 classes.
 *
 * Your own image and text features: `constellation-features`.
 */
import * as Pipeline from "../engine/Pipeline.ts"
import { adapt } from "../stages/constellation/adapt.ts"
import { histogramFigure } from "../stages/constellation/figures/histogram.ts"
import { regionFigure } from "../stages/constellation/figures/region.ts"
import { summary } from "../stages/constellation/summary.ts"
import { measureTrained } from "../stages/constellation/measureTrained.ts"
import { syntheticPair } from "../stages/constellation/syntheticPair.ts"
import { curves } from "../stages/figures/curves.ts"
import { publishedViews } from "./words/views.ts"

export default Pipeline.make(
  "constellation-trained",
  {
    description:
      "Margins and modality gap of trained views, real and synthetic (arXiv 2509.18552, section 5)."
  },
  function* (p) {
    const views = yield* publishedViews(p)
    const adapted = yield* p.stage("words/adapt", adapt, {
      inputs: { left: views.glove, right: views.use }
    })
    yield* p.stage("words/figure-loss", curves, {
      params: {
        title: "Linear adapters from GloVe and USE into one space",
        caption: "Mean sigmoid loss of each batch.",
        x: { name: "step", integer: true },
        y: { name: "loss", log: true }
      },
      inputs: { series: adapted.curve }
    })
    const seen = yield* p.stage("words/trained", measureTrained, {
      params: { point: "GloVe × USE, trained pairs" },
      inputs: { left: adapted.left, right: adapted.right }
    })
    const unseen = yield* p.stage("words/held-out", measureTrained, {
      params: { point: "GloVe × USE, unseen pairs" },
      inputs: { left: adapted.leftHeldOut, right: adapted.rightHeldOut }
    })
    const pair = yield* p.stage("synthetic/pair", syntheticPair, {})
    const large = yield* p.stage("synthetic/measure", measureTrained, {
      params: { point: "synthetic, 50,000 × 1,000" },
      inputs: { left: pair.images, right: pair.texts, labels: pair.labels }
    })

    const studies = { trained: seen, "held-out": unseen, synthetic: large }
    for (const [name, { histogram, measures }] of Object.entries(studies)) {
      yield* p.stage(`figure-scores/${name}`, histogramFigure, {
        params: { title: `Trained views, ${name}` },
        inputs: { histogram }
      })
      yield* p.stage(`summary/${name}`, summary, { params: { experiment: name }, inputs: { measures } })
    }
    yield* p.stage("figure-region", regionFigure, {
      params: { title: "Trained views in the feasible region", pairs: 1000 },
      inputs: { measures: { trained: seen.measures, "held-out": unseen.measures, synthetic: large.measures } }
    })
  }
)
