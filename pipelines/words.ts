/**
 * The alignment study on words (arXiv 2605.28870, the bias and noise studies), on data that npm serves.
 *
 * Do models that never saw each other arrange the same words alike? Four views of the most frequent English words: GloVe,
 * the Universal Sentence Encoder, and two PPMI-SVD models trained here, on WordNet's glosses and on the Brown corpus.
 * Bias: every pair is aligned as it is and centred, on the same subsamples. Noise: the centred views are aligned in
 * windows of falling frequency.
 *
 * 5,000 words by default: `--set vocabulary.size=300`; quicker still with `--set ppmi.words=1000 --set ppmi-brown.words=1000`.
 * A view of your own: `--swap ppmi=./my-embed.ts#default`.
 */
import * as Pipeline from "../engine/Pipeline.ts"
import { align } from "../stages/align.ts"
import { centre } from "../stages/centre.ts"
import { npmPackage } from "../stages/data/npm.ts"
import { alignmentHeatmap } from "../stages/figures/alignmentHeatmap.ts"
import { frequencyOverlap } from "../stages/figures/frequencyOverlap.ts"
import { frequencyWindows } from "../stages/figures/frequencyWindows.ts"
import { pairedChange } from "../stages/figures/pairedChange.ts"
import { restrict } from "../stages/restrict.ts"
import { windows } from "../stages/windows.ts"
import { brown } from "../stages/words/brown.ts"
import { glove } from "../stages/words/glove.ts"
import { ppmiSvd } from "../stages/words/ppmiSvd.ts"
import { subtlex } from "../stages/words/subtlex.ts"
import { use } from "../stages/words/use.ts"
import { vocabulary } from "../stages/words/vocabulary.ts"
import { wordnetGlosses } from "../stages/words/wordnetGlosses.ts"
import { packages } from "./words/packages.ts"

export default Pipeline.make(
  "words",
  {
    description:
      "Do word models align? Bias (centring) and noise (frequency) over four views of English words."
  },
  function* (p) {
    // Data: pinned packages, fetched once.
    const gloveFile = yield* p.stage("packages/glove", npmPackage, { params: packages.glove })
    const useFile = yield* p.stage("packages/use", npmPackage, { params: packages.use })
    const subtlexFile = yield* p.stage("packages/subtlex", npmPackage, { params: packages.subtlex })
    const wordnetFile = yield* p.stage("packages/wordnet", npmPackage, { params: packages.wordnet })
    const brownFile = yield* p.stage("packages/brown", npmPackage, { params: packages.brown })

    // Words: the most frequent ones that GloVe holds.
    const spoken = yield* p.stage("subtlex", subtlex, { inputs: { package: subtlexFile.package } })
    const gloveAll = yield* p.stage("glove-vectors", glove, {
      inputs: { package: gloveFile.package, words: spoken.frequencies }
    })
    const words = yield* p.stage("vocabulary", vocabulary, {
      inputs: { frequencies: spoken.frequencies, views: { glove: gloveAll.embeddings } }
    })

    // Views.
    const ofGlove = yield* p.stage("glove", restrict, {
      inputs: { corpus: words.corpus, embeddings: gloveAll.embeddings }
    })
    const ofUse = yield* p.stage("use", use, { inputs: { package: useFile.package, corpus: words.corpus } })
    const glosses = yield* p.stage("glosses", wordnetGlosses, { inputs: { package: wordnetFile.package } })
    const ofGlosses = yield* p.stage("ppmi", ppmiSvd, {
      inputs: { corpus: words.corpus, texts: glosses.texts }
    })
    const sentences = yield* p.stage("sentences", brown, { inputs: { package: brownFile.package } })
    const ofBrown = yield* p.stage("ppmi-brown", ppmiSvd, {
      inputs: { corpus: words.corpus, texts: sentences.texts }
    })
    const raw = {
      glove: ofGlove.embeddings,
      use: ofUse.embeddings,
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
    const aligned = yield* p.stage("align", align, { inputs: { raw, centred, sparse: {} } })
    // The two pretrained views hold every word: their overlap on the whole vocabulary, not only on the common rows.
    yield* p.stage("pretrained", align, {
      params: { metrics: ["mutual_knn"], subsamples: 0 },
      inputs: {
        raw: { glove: raw.glove, use: raw.use },
        centred: { glove: centred.glove, use: centred.use },
        sparse: {}
      }
    })
    yield* p.stage("heatmap", alignmentHeatmap, { inputs: { scores: aligned.scores } })
    yield* p.stage("change", pairedChange, { inputs: { scores: aligned.scores } })

    // Noise: rarer words align less.
    const byFrequency = yield* p.stage("windows", windows, {
      inputs: { frequencies: words.frequencies, views: centred }
    })
    yield* p.stage("frequency", frequencyWindows, {
      inputs: { windows: byFrequency.windows, fits: byFrequency.fits }
    })
    yield* p.stage("overlap", frequencyOverlap, { inputs: { overlap: byFrequency.overlap } })
  }
)
