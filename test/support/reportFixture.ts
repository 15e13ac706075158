/**
 * A report like that of the words study, with numbers drawn from a seeded stream: for the report's own tests and for
 * looking at the page without running a study. The numbers mean nothing.
 */
import { makeRandom, type RandomStream } from "../../compute/random/RandomStream.ts"
import { leastSquares } from "../../compute/statistics/leastSquares.ts"
import { subsampleName } from "../../compute/statistics/subsampling.ts"
import type { Cell } from "../../report/csv.ts"
import type { ReportInput, ReportTable } from "../../report/input.ts"
import { AlignmentScores } from "../../schemas/AlignmentScores.ts"
import { Frequencies } from "../../schemas/Frequencies.ts"
import { FrequencyFits } from "../../schemas/FrequencyFits.ts"
import { FrequencyOverlap } from "../../schemas/FrequencyOverlap.ts"
import { FrequencyWindows } from "../../schemas/FrequencyWindows.ts"
import type { Kind, ValueOf } from "../../schemas/Kind.ts"
import { PairedChanges } from "../../schemas/PairedChanges.ts"
import type { ColumnType } from "../../schemas/Table.ts"
import { cellsOf, unique, type ScoreRow } from "../../stages/figures/alignmentCells.ts"
import { alignmentFigure } from "../../stages/figures/alignmentHeatmap.ts"
import { overlapFigure } from "../../stages/figures/frequencyOverlap.ts"
import { frequencyFigure } from "../../stages/figures/frequencyWindows.ts"
import { hex, wordsNodes } from "./reportNodes.ts"
import { pairedChangeFigure, pairedChanges } from "../../stages/figures/pairedChange.ts"

const views = ["glove", "use", "ppmi-glosses", "ppmi-books"]
const n = 5000
const metrics = [
  { metric: "mutual_knn", k: 10, base: 0.16, lift: 0.045, direction: "higher", chance: 10 / (n - 1) },
  { metric: "cycle_knn", k: 10, base: 0.55, lift: 0.06, direction: "higher", chance: null },
  { metric: "lcs_knn", k: 10, base: 1.1, lift: 0.2, direction: "higher", chance: null },
  { metric: "edit_distance_knn", k: 10, base: 9.6, lift: -0.1, direction: "lower", chance: null },
  { metric: "cka", k: null, base: 0.42, lift: 0.02, direction: "higher", chance: null },
  { metric: "unbiased_cka", k: null, base: 0.31, lift: 0.18, direction: "higher", chance: 0 },
  { metric: "cknna", k: 10, base: 0.22, lift: 0.07, direction: "higher", chance: 0 },
  { metric: "svcca", k: 10, base: 0.47, lift: 0.015, direction: "higher", chance: null }
] as const

const pairs = views.flatMap((a, index) => views.slice(index + 1).map((b) => [a, b] as const))

const scoreRows = (random: RandomStream): ReadonlyArray<ScoreRow> =>
  ["raw", "centred"].flatMap((setting) =>
    pairs.flatMap(([a, b]) =>
      metrics.flatMap(({ metric, k, base, lift, direction, chance }) => {
        const pairRandom = makeRandom(metric, `${a}/${b}`)
        const level =
          base * (1 + 0.35 * pairRandom.gaussian()) +
          (setting === "centred" ? lift * (1 + 0.4 * pairRandom.uniform()) : 0)
        const shared = {
          setting,
          a,
          b,
          metric,
          k,
          direction,
          chance,
          common: n,
          tiesA: null,
          tiesB: null,
          note: null
        }
        return [
          {
            ...shared,
            subsample: "all",
            value: level,
            n,
            nullMean: chance ?? base * 0.02,
            nullSd: base * 0.003,
            nullP: 1 / 21,
            nullPermutations: 20
          },
          ...Array.from({ length: 10 }, (_, subsample) => ({
            ...shared,
            subsample: subsampleName(subsample),
            value: level * 1.4 + base * 0.03 * random.gaussian(),
            n: 1000,
            nullMean: null,
            nullSd: null,
            nullP: null,
            nullPermutations: 0
          }))
        ]
      })
    )
  )

const windowRows = (random: RandomStream): ReadonlyArray<ValueOf<typeof FrequencyWindows>[number]> =>
  pairs.flatMap(([a, b], pair) =>
    metrics
      .filter(({ metric }) => ["mutual_knn", "unbiased_cka", "svcca"].includes(metric))
      .flatMap(({ metric, k, base, lift, direction }) =>
        Array.from({ length: 10 }, (_, window) => {
          const x = 28 + 14.5 * window ** 0.97
          return {
            a,
            b,
            metric,
            k,
            window,
            firstRank: 250 * window,
            lastRank: 250 * window + 499,
            meanFrequency: 1 / x ** 2,
            x,
            value:
              (base + lift) * (1.5 + 0.1 * pair) - 0.0011 * base * x * 3 + base * 0.05 * random.gaussian(),
            direction,
            chance: metric === "mutual_knn" ? 10 / 499 : metric === "unbiased_cka" ? 0 : null
          }
        })
      )
  )

const fitRows = (
  windows: ReadonlyArray<ValueOf<typeof FrequencyWindows>[number]>
): ReadonlyArray<ValueOf<typeof FrequencyFits>[number]> => {
  const keyOf = (row: (typeof windows)[number]): string => `${row.a}/${row.b}/${row.metric}`
  return unique(windows.map(keyOf)).map((key) => {
    const rows = windows.filter((row) => keyOf(row) === key)
    const line = leastSquares(
      rows.map((row) => row.x),
      rows.map((row) => row.value!)
    )!
    const { a, b, metric, k, direction } = rows[0]!
    return {
      a,
      b,
      metric,
      k,
      windows: rows.length,
      intercept: line.intercept,
      slope: line.slope,
      rSquared: line.r2,
      noisier: direction === "higher" ? line.slope < 0 : line.slope > 0
    }
  })
}

const overlapRows = (): ReadonlyArray<ValueOf<typeof FrequencyOverlap>[number]> =>
  pairs.flatMap(([a, b], pair) =>
    Array.from({ length: 6 }, (_, band) => ({
      a,
      b,
      k: 10,
      band,
      words: band === 0 ? n : n / 5,
      meanFrequency: band === 0 ? 2e-4 : 6e-4 / 4 ** (band - 1),
      overlap: 0.12 + 0.03 * pair - 0.012 * band,
      rho: band === 0 ? 0.1 + 0.03 * pair : null,
      rhoP: band === 0 ? 1e-6 : null
    }))
  )

const table = (
  node: string,
  output: string,
  kind: Kind & { readonly columns?: { readonly [name: string]: ColumnType } },
  rows: ReadonlyArray<{ readonly [column: string]: Cell }>
): ReportTable => {
  const columns = Object.entries(kind.columns ?? {}).map(([name, type]) => ({ name, type }))
  return {
    node,
    output,
    kind: kind.name,
    columns,
    rows: rows.map((row) => columns.map(({ name }) => row[name] ?? null)),
    digest: hex(`${node}.${output}`)
  }
}

const provenance: Pick<ReportInput, "pipeline" | "description" | "run"> = {
  pipeline: "words",
  description:
    "Do word vectors from different sources embed the same words alike? Bias (centring) and noise (word frequency) in the alignment of four views of the 5,000 most frequent English words",
  run: {
    id: "2026-11-24T22-57-03-words-4f1c",
    started: "2026-11-24T22:57:03.000Z",
    seconds: 164.2,
    seed: 1,
    command: "asterism run words --seed 1 --set vocabulary.size=5000",
    versions: { asterism: "0.1.0", node: "20.20.2", effect: "4.1.0" },
    host: { platform: "linux x64", cores: "2", memory: "15.6 GB", "instruction set": "avx2" }
  }
}

/** The words-like report. */
export const wordsReport = (): ReportInput => {
  const random = makeRandom("fixture", "words")
  const scores = scoreRows(random)
  const windows = windowRows(random)
  const fits = fitRows(windows)
  const overlap = overlapRows()
  const cells = cellsOf(scores)
  const options = {
    from: "raw",
    to: "centred",
    title: "What centring changes, pair by pair",
    confidence: 0.95
  }
  const changes = pairedChanges(cells, "raw", "centred", 0.95)
  const frequencies = Array.from({ length: n }, (_, rank) => ({
    key: rank === 7 ? `rock 'n' "roll", <b>` : `word${rank}`,
    count: Math.round(1e7 / (rank + 2)),
    frequency: 0.1 / (rank + 2)
  }))
  return {
    ...provenance,
    nodes: wordsNodes(),
    figures: [
      {
        node: "heatmap",
        figure: alignmentFigure(cells, { title: "Alignment of every pair of views", change: true })
      },
      { node: "change", figure: pairedChangeFigure(changes, options) },
      { node: "frequency", figure: frequencyFigure(windows, fits, "Alignment against word frequency") },
      { node: "overlap", figure: overlapFigure(overlap, "Neighbour overlap of single words by frequency") }
    ],
    tables: [
      table("align", "scores", AlignmentScores, scores),
      table("change", "changes", PairedChanges, changes),
      table("windows", "windows", FrequencyWindows, windows),
      table("windows", "fits", FrequencyFits, fits),
      table("windows", "overlap", FrequencyOverlap, overlap),
      table("frequencies", "frequencies", Frequencies, frequencies)
    ]
  }
}
