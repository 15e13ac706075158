/**
 * The statistical model of representation alignment (arXiv 2605.28870, our reconstruction of its section 2), where the truth
 * is known: x = normalise(shared sparse signal + a model's bias β + noise τ·f^(−1/2)).
 *
 * Three effects should come back. Bias: with β > 0 centring raises alignment in every pair. Noise: alignment falls with
 * f^(−1/2). Signal: a sparse autoencoder finds the attributes that the models share, and its codes align.
 *
 * `--set biased.bias=3`, `--set noisy.noise=1`, `--set objects.objects=5000`, `--set sae.steps=500` (quick).
 */
import * as Pipeline from "../engine/Pipeline.ts"
import { align } from "../stages/align.ts"
import { centre } from "../stages/centre.ts"
import { alignmentHeatmap } from "../stages/figures/alignmentHeatmap.ts"
import { frequencyWindows } from "../stages/figures/frequencyWindows.ts"
import { matchFigure } from "../stages/figures/matchFigure.ts"
import { pairedChange } from "../stages/figures/pairedChange.ts"
import { recovery } from "../stages/figures/recovery.ts"
import { training } from "../stages/figures/training.ts"
import { match } from "../stages/match.ts"
import { encodeSae } from "../stages/sae/encode.ts"
import { trainSae } from "../stages/sae/train.ts"
import { trainAuxiliary } from "../stages/sae/trainAuxiliary.ts"
import { trainBatchTopk } from "../stages/sae/trainBatchTopk.ts"
import { trainJumpRelu } from "../stages/sae/trainJumpRelu.ts"
import { truncateSae } from "../stages/sae/truncate.ts"
import { syntheticObjects } from "../stages/synthetic/objects.ts"
import { recoverAttributes } from "../stages/synthetic/recover.ts"
import { syntheticView } from "../stages/synthetic/view.ts"
import { windows } from "../stages/windows.ts"

const metrics = ["mutual_knn", "cka", "unbiased_cka", "cknna"]

/**
 * Two features an attribute, so that none is missed; a learning rate and resets for small batches of few rows. Set before the
 * seeds of docs/results/synthetic.md were measured, and not changed since.
 */
const autoencoder = {
  k: 8,
  dictionarySize: 1024,
  steps: 3000,
  batchSize: 256,
  learningRate: 1e-2,
  resetEvery: 100,
  validationFraction: 0
}

/** Other autoencoders that may stand in: `--swap sae/a=sae/train-jumprelu`. */
export const alternatives = { trainAuxiliary, trainBatchTopk, trainJumpRelu }

export default Pipeline.make(
  "synthetic",
  {
    description:
      "Signal, bias and noise in a world whose truth is known: three effects, and recovered attributes."
  },
  function* (p) {
    const world = yield* p.stage("objects", syntheticObjects, {})
    const inputs = { signal: world.signal, frequencies: world.frequencies }
    const models = ["a", "b", "c"] as const

    // Bias: the same views as they are and centred.
    const raw: { [model: string]: Pipeline.Handle<typeof syntheticView.outputs.embeddings> } = {}
    const centred: typeof raw = {}
    for (const model of models) {
      const view = yield* p.stage(`biased/${model}`, syntheticView, { params: { bias: 1 }, inputs })
      raw[model] = view.embeddings
      const centring = yield* p.stage(`centred/${model}`, centre, { inputs: { embeddings: view.embeddings } })
      centred[model] = centring.embeddings
    }
    const bias = yield* p.stage("bias", align, { params: { metrics }, inputs: { raw, centred, sparse: {} } })
    yield* p.stage("bias-heatmap", alignmentHeatmap, {
      params: { title: "Bias: alignment of every pair of models, raw and centred" },
      inputs: { scores: bias.scores }
    })
    yield* p.stage("bias-change", pairedChange, {
      params: { title: "Bias: from raw to centred, pair by pair" },
      inputs: { scores: bias.scores }
    })

    // Noise: rarer objects align less.
    const noisy: typeof raw = {}
    for (const model of models) {
      const view = yield* p.stage(`noisy/${model}`, syntheticView, { params: { noise: 2 }, inputs })
      const centring = yield* p.stage(`noisy-centred/${model}`, centre, {
        inputs: { embeddings: view.embeddings }
      })
      noisy[model] = centring.embeddings
    }
    const noise = yield* p.stage("noise", windows, {
      params: { metrics },
      inputs: { frequencies: world.frequencies, views: noisy }
    })
    yield* p.stage("noise-windows", frequencyWindows, {
      params: { title: "Noise: alignment against frequency", things: "objects" },
      inputs: { windows: noise.windows, fits: noise.fits }
    })

    // Signal: an autoencoder a model, on views without bias or noise.
    const clean: typeof raw = {}
    const sparse: { [model: string]: Pipeline.Handle<typeof encodeSae.outputs.codes> } = {}
    const curves: { [model: string]: Pipeline.Handle<typeof trainSae.outputs.curve> } = {}
    const recoveries: { [model: string]: Pipeline.Handle<typeof recoverAttributes.outputs.recovery> } = {}
    for (const model of models) {
      const view = yield* p.stage(`clean/${model}`, syntheticView, { inputs })
      const trained = yield* p.stage(`sae/${model}`, trainSae, {
        params: autoencoder,
        inputs: { embeddings: view.embeddings }
      })
      const found = yield* p.stage(`recovery/${model}`, recoverAttributes, {
        inputs: { directions: view.directions, dictionary: trained.dictionary }
      })
      const codes = yield* p.stage(`codes/${model}`, encodeSae, {
        inputs: { embeddings: view.embeddings, dictionary: trained.dictionary }
      })
      const kept = yield* p.stage(`truncated/${model}`, truncateSae, { inputs: { codes: codes.codes } })
      clean[model] = view.embeddings
      sparse[model] = kept.codes
      curves[model] = trained.curve
      recoveries[model] = found.recovery
    }
    yield* p.stage("recovered", recovery, { inputs: { recoveries } })
    yield* p.stage("training", training, { inputs: { curves } })
    const matched = yield* p.stage("match", match, { inputs: { codes: sparse } })
    yield* p.stage("match-figure", matchFigure, { inputs: { matches: matched.matches } })
    const signal = yield* p.stage("signal", align, {
      params: { metrics },
      inputs: { raw: clean, centred: {}, sparse }
    })
    yield* p.stage("signal-heatmap", alignmentHeatmap, {
      params: {
        settings: ["raw", "sparse"],
        title: "Signal: dense and sparse alignment of every pair of models"
      },
      inputs: { scores: signal.scores }
    })
    yield* p.stage("signal-change", pairedChange, {
      params: { from: "raw", to: "sparse", title: "Signal: from dense to sparse, pair by pair" },
      inputs: { scores: signal.scores }
    })
  }
)
