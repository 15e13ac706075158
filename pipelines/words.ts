/**
 * The alignment study on words (arXiv 2605.28870, the bias, signal and noise studies), on data that npm serves.
 *
 * Do models that never saw each other arrange the same words alike? Four views of the most frequent English words: GloVe,
 * the Universal Sentence Encoder, and two PPMI-SVD models trained here, on WordNet's glosses and on the Brown corpus.
 * Bias: every pair is aligned as it is and centred. Signal: centred and as the codes of a sparse autoencoder, all on the
 * same subsamples. Noise: the centred views are aligned in windows of falling frequency.
 *
 * 5,000 words by default. For a quick look: `--set vocabulary.size=300 --set ppmi.words=1000 --set ppmi-brown.words=1000
 * --set sae.steps=100`.
 * A view of your own: `--swap ppmi=./my-embed.ts#default`.
 */
import * as Pipeline from "../engine/Pipeline.ts"
import { align } from "../stages/align.ts"
import { centre } from "../stages/centre.ts"
import { npmPackage } from "../stages/data/npm.ts"
import { alignmentHeatmap } from "../stages/figures/alignmentHeatmap.ts"
import { frequencyOverlap } from "../stages/figures/frequencyOverlap.ts"
import { frequencyWindows } from "../stages/figures/frequencyWindows.ts"
import { matchFigure } from "../stages/figures/matchFigure.ts"
import { pairedChange } from "../stages/figures/pairedChange.ts"
import { training } from "../stages/figures/training.ts"
import { match } from "../stages/match.ts"
import { encodeSae } from "../stages/sae/encode.ts"
import { trainSae } from "../stages/sae/train.ts"
import { trainAuxiliary } from "../stages/sae/trainAuxiliary.ts"
import { trainBatchTopk } from "../stages/sae/trainBatchTopk.ts"
import { trainJumpRelu } from "../stages/sae/trainJumpRelu.ts"
import { truncateSae } from "../stages/sae/truncate.ts"
import { windows } from "../stages/windows.ts"
import { brown } from "../stages/words/brown.ts"
import { ppmiSvd } from "../stages/words/ppmiSvd.ts"
import { wordnetGlosses } from "../stages/words/wordnetGlosses.ts"
import type { Embeddings } from "../schemas/Embeddings.ts"
import { packages } from "./words/packages.ts"
import { publishedViews } from "./words/views.ts"

/** Other autoencoders that may stand in: `--swap sae/glove=sae/train-auxiliary`. */
export const alternatives = { trainAuxiliary, trainBatchTopk, trainJumpRelu }

const biasedNote =
  "CKA is biased: for unrelated views of n rows it tends to p/(n + p), with p the effective rank, so codes that spread over more directions gain without agreeing more. Unbiased CKA tends to 0 then: where the two disagree, believe the unbiased one."

/** The sparse codes of one view, and how its autoencoder was trained. */
const sparseCodes = function* (
  p: Pipeline.Builder,
  view: string,
  embeddings: Pipeline.Handle<typeof Embeddings>
) {
  const { curve, dictionary } = yield* p.stage(`sae/${view}`, trainSae, {
    params: { dictionarySize: 1024, k: 16, steps: 1000, batchSize: 512, resetEvery: 250, evaluateEvery: 100 },
    inputs: { embeddings }
  })
  const encoded = yield* p.stage(`codes/${view}`, encodeSae, { inputs: { dictionary, embeddings } })
  const truncated = yield* p.stage(`features/${view}`, truncateSae, { inputs: { codes: encoded.codes } })
  return { codes: truncated.codes, curve }
}

const mapValues = <Name extends string, A, B>(
  record: { readonly [N in Name]: A },
  map: (value: A) => B
): { readonly [N in Name]: B } =>
  Object.fromEntries(Object.entries<A>(record).map(([name, value]) => [name, map(value)])) as {
    readonly [N in Name]: B
  }

export default Pipeline.make(
  "words",
  {
    description:
      "Do word models align? Bias (centring), signal (sparse features) and noise (frequency) over four views of English words."
  },
  function* (p) {
    // Words and views. Two published ones; two trained here, on other texts.
    const { corpus, frequencies, glove, use } = yield* publishedViews(p)
    const wordnetFile = yield* p.stage("packages/wordnet", npmPackage, { params: packages.wordnet })
    const brownFile = yield* p.stage("packages/brown", npmPackage, { params: packages.brown })
    const glosses = yield* p.stage("glosses", wordnetGlosses, { inputs: { package: wordnetFile.package } })
    const ofGlosses = yield* p.stage("ppmi", ppmiSvd, {
      inputs: { corpus, texts: glosses.texts }
    })
    const sentences = yield* p.stage("sentences", brown, { inputs: { package: brownFile.package } })
    const ofBrown = yield* p.stage("ppmi-brown", ppmiSvd, {
      inputs: { corpus, texts: sentences.texts }
    })
    const raw = {
      glove,
      use,
      ppmi: ofGlosses.embeddings,
      "ppmi-brown": ofBrown.embeddings
    }

    // Bias: normalise, subtract the mean, normalise.
    const centred = {
      glove: (yield* p.stage("centred/glove", centre, { inputs: { embeddings: raw.glove } })).embeddings,
      use: (yield* p.stage("centred/use", centre, { inputs: { embeddings: raw.use } })).embeddings,
      ppmi: (yield* p.stage("centred/ppmi", centre, { inputs: { embeddings: raw.ppmi } })).embeddings,
      "ppmi-brown": (yield* p.stage("centred/ppmi-brown", centre, {
        inputs: { embeddings: raw["ppmi-brown"] }
      })).embeddings
    }

    // Signal: a TopK sparse autoencoder for each centred view; codes without features that fire for most words or none.
    const encoded = {
      glove: yield* sparseCodes(p, "glove", centred.glove),
      use: yield* sparseCodes(p, "use", centred.use),
      ppmi: yield* sparseCodes(p, "ppmi", centred.ppmi),
      "ppmi-brown": yield* sparseCodes(p, "ppmi-brown", centred["ppmi-brown"])
    }
    const sparse = mapValues(encoded, ({ codes }) => codes)
    yield* p.stage("training", training, { inputs: { curves: mapValues(encoded, ({ curve }) => curve) } })
    const matched = yield* p.stage("match", match, { inputs: { codes: sparse } })

    // Every pair in every setting, on the same words.
    const aligned = yield* p.stage("align", align, {
      inputs: { raw, centred, sparse }
    })
    // The two pretrained views hold every word: their overlap on the whole vocabulary, not only on the common rows.
    yield* p.stage("pretrained", align, {
      params: { metrics: ["mutual_knn"], subsamples: 0 },
      inputs: {
        raw: { glove: raw.glove, use: raw.use },
        centred: { glove: centred.glove, use: centred.use },
        sparse: {}
      }
    })
    yield* p.stage("heatmap", alignmentHeatmap, {
      params: {
        settings: ["raw", "centred"],
        title: "Bias: alignment of every pair of views, raw and centred"
      },
      inputs: { scores: aligned.scores }
    })
    yield* p.stage("change", pairedChange, { inputs: { scores: aligned.scores } })
    yield* p.stage("signal-heatmap", alignmentHeatmap, {
      params: {
        settings: ["centred", "sparse"],
        title: "Signal: dense and sparse alignment of every pair of views"
      },
      inputs: { scores: aligned.scores }
    })
    yield* p.stage("signal-change", pairedChange, {
      params: { from: "centred", to: "sparse", note: biasedNote },
      inputs: { scores: aligned.scores }
    })
    yield* p.stage("signal-match", matchFigure, { inputs: { matches: matched.matches } })

    // Noise: rarer words align less.
    const byFrequency = yield* p.stage("windows", windows, {
      params: { size: null, stride: null },
      inputs: { frequencies, views: centred }
    })
    yield* p.stage("frequency", frequencyWindows, {
      inputs: { windows: byFrequency.windows, fits: byFrequency.fits }
    })
    yield* p.stage("overlap", frequencyOverlap, { inputs: { overlap: byFrequency.overlap } })
  }
)
