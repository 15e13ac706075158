import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import type { Bars, Curves, Heatmap } from "../../../schemas/Figure.ts"
import type { ScoreRow } from "../../../stages/figures/alignmentCells.ts"
import { alignmentHeatmap } from "../../../stages/figures/alignmentHeatmap.ts"
import { curves } from "../../../stages/figures/curves.ts"
import { frequencyOverlap } from "../../../stages/figures/frequencyOverlap.ts"
import { frequencyWindows } from "../../../stages/figures/frequencyWindows.ts"
import { metricLabel } from "../../../stages/figures/metricLabel.ts"
import { pairedChange } from "../../../stages/figures/pairedChange.ts"
import { runStage } from "../../support/runStage.ts"

const score = (
  setting: string,
  metric: string,
  subsample: string,
  value: number | null,
  rest: Partial<ScoreRow> = {}
): ScoreRow => ({
  setting,
  a: "glove",
  b: "use",
  metric,
  subsample,
  value,
  n: subsample === "all" ? 5000 : 1000,
  common: 5000,
  k: metric === "cka" ? null : 10,
  direction: metric === "edit_distance_knn" ? "lower" : "higher",
  chance: metric === "mutual_knn" ? 10 / 4999 : null,
  nullMean: null,
  nullSd: null,
  nullP: null,
  nullPermutations: 0,
  tiesA: null,
  tiesB: null,
  note: null,
  ...rest
})

const scores: ReadonlyArray<ScoreRow> = [
  score("raw", "mutual_knn", "all", 0.154, {
    nullMean: 0.002,
    nullSd: 0.0001,
    nullP: 1 / 21,
    nullPermutations: 20
  }),
  score("raw", "mutual_knn", "0a", 0.2),
  score("raw", "mutual_knn", "0b", 0.22),
  score("raw", "mutual_knn", "1a", null),
  score("centred", "mutual_knn", "all", 0.206),
  score("centred", "mutual_knn", "0a", 0.25),
  score("centred", "mutual_knn", "0b", 0.29),
  score("centred", "mutual_knn", "1a", 0.5),
  score("raw", "edit_distance_knn", "0a", 9.6),
  score("centred", "edit_distance_knn", "0a", 9.4),
  score("raw", "cka", "0a", null),
  score("centred", "cka", "0a", 0.5)
]

describe("figures/alignment-heatmap", () => {
  it.effect("shows every setting and the change, both ways round, with nulls and chance", () =>
    Effect.gen(function* () {
      const figure = (yield* runStage(alignmentHeatmap, { inputs: { scores } })).figure as Heatmap
      expect(figure.rows).toEqual(["glove", "use"])
      expect(figure.panels.map(({ group, name }) => `${group}: ${name}`).slice(0, 3)).toEqual([
        "mutual kNN (k = 10): raw",
        "mutual kNN (k = 10): centred",
        "mutual kNN (k = 10): better by, raw → centred"
      ])
      const [raw, centred, change] = figure.panels
      expect(raw!.values).toEqual([
        [null, 0.154],
        [0.154, null]
      ])
      expect(centred!.values[0]![1]).toBe(0.206)
      expect(change!.values[0]![1]).toBeCloseTo(0.052, 12)
      // A distance that falls by 0.2 is better by 0.2.
      const distance = figure.panels.find(
        ({ group, name }) => group === "edit distance kNN (k = 10)" && name.startsWith("better by")
      )
      expect(distance!.values[0]![1]).toBeCloseTo(0.2, 12)
      expect(raw!.references).toEqual([{ value: 10 / 4999, label: "chance" }])
      expect(raw!.notes![0]![1]).toBe(
        "on all 5,000 rows; null of the same rows, permuted: mean 0.00200, sd 0.000100, p = 0.0476 (20 permutations); chance 0.002; beside it 2 subsamples of 1,000 rows: mean 0.210, sd 0.0141"
      )
      // One pair: V = (0.07 − 0.05)²/2 = 0.0002, so Var = V/2, t₁ = 12.706 and the half width 0.127.
      expect(change!.notes![0]![1]).toBe(
        "0.154 → 0.206 on all 5,000 rows; as means over 2 subsamples of 1,000 rows: 0.0600 [−0.0671, 0.187] (95 %, difference between populations)"
      )
      expect(figure.finding).toBe(
        "Over 1 pair of views, mutual kNN (k = 10) averages 0.154 raw and 0.206 centred (chance 0.002)."
      )
    })
  )
  it.effect("keeps the metrics and settings asked for, in that order", () =>
    Effect.gen(function* () {
      const { figure } = yield* runStage(alignmentHeatmap, {
        inputs: { scores },
        params: { metrics: ["cka", "mutual_knn@10"], settings: ["centred"], change: false }
      })
      expect((figure as Heatmap).panels.map(({ group, name }) => [group, name])).toEqual([
        ["CKA", "centred"],
        ["mutual kNN (k = 10)", "centred"]
      ])
    })
  )
})

describe("figures/paired-change", () => {
  it.effect(
    "keeps what is of other rows in rows of its own, skips what is undefined, and turns distances round",
    () =>
      Effect.gen(function* () {
        const { changes, figure } = yield* runStage(pairedChange, { inputs: { scores } })
        const of = (metric: string, over: string) =>
          changes.find((change) => change.metric === metric && change.over === over)!
        // Subsample 1a has no raw value: differences 0.05 and 0.07, of one pair without a common row.
        const drawn = of("mutual_knn", "subsamples")
        expect(drawn).toMatchObject({ rows: 1000, subsamples: 2, confidence: 0.95, choiceLow: null })
        expect([drawn.before, drawn.after, drawn.change]).toEqual(
          [0.21, 0.27, 0.06].map((value) => expect.closeTo(value, 12))
        )
        expect(drawn.low).toBeCloseTo(0.06 - 12.7062 * 0.01, 5)
        expect(drawn.high).toBeCloseTo(0.06 + 12.7062 * 0.01, 5)
        const whole = of("mutual_knn", "all rows")
        expect(whole).toMatchObject({ rows: 5000, subsamples: 0, before: 0.154, after: 0.206, low: null })
        expect(whole.change).toBeCloseTo(0.052, 12)
        const distance = of("edit_distance_knn", "subsamples")
        expect(distance).toMatchObject({ before: 9.6, after: 9.4, direction: "lower", low: null })
        expect(distance.change).toBeCloseTo(0.2, 12)
        expect(of("cka", "subsamples")).toMatchObject({ subsamples: 0, change: null, low: null, high: null })
        expect((figure as Bars).title).toBe("From raw to centred, pair by pair")
        expect((figure as Bars).interval).toBe("95 %, difference between populations")
        expect((figure as Bars).finding).toBe(
          "From raw to centred, mutual kNN (k = 10) gets better by 0.0600 on average over subsamples of 1,000 rows: better in 1 of 1 pairs, in 0 with the whole interval between populations above 0, in 0 with the whole interval below it."
        )
      })
  )
  it.effect("changes every row by after − before, within its interval", () =>
    Effect.gen(function* () {
      const { changes } = yield* runStage(pairedChange, { inputs: { scores } })
      for (const { after, before, change, direction, high, low } of changes) {
        if (before === null || after === null) continue
        expect(change).toBeCloseTo((direction === "lower" ? -1 : 1) * (after - before), 12)
        if (low !== null) expect(low <= change! && change! <= high!).toBe(true)
      }
    })
  )
  it.effect("names the settings there are where one is missing", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        runStage(pairedChange, { inputs: { scores }, params: { to: "sparse" } })
      )
      expect(String((error as Error).message)).toMatch(/no setting named sparse.*one of raw, centred/)
    })
  )
})

const window = (index: number, value: number) => ({
  a: "glove",
  b: "use",
  metric: "mutual_knn",
  k: 10,
  window: index,
  firstRank: 250 * index,
  lastRank: 250 * index + 499,
  meanFrequency: 1e-4 / (index + 1),
  x: 100 * Math.sqrt(index + 1),
  value,
  direction: "higher",
  chance: 10 / 499
})

const band = (index: number, rho: number | null) => ({
  a: "glove",
  b: "use",
  k: 10,
  band: index,
  words: index === 0 ? 5000 : 1000,
  meanFrequency: 0.01 / (index + 1),
  overlap: 0.2 - 0.01 * index,
  rho,
  rhoP: null
})

describe("figures against frequency", () => {
  it.effect("join windows with their fit and mark chance", () =>
    Effect.gen(function* () {
      const figure = (yield* runStage(frequencyWindows, {
        inputs: {
          windows: [window(0, 0.3), window(1, 0.25)],
          fits: [
            {
              a: "glove",
              b: "use",
              metric: "mutual_knn",
              k: 10,
              windows: 2,
              intercept: 0.4,
              slope: -0.001,
              rSquared: 0.9,
              noisier: true
            }
          ]
        }
      })).figure as Curves
      expect(figure.series).toHaveLength(1)
      expect(figure.series[0]).toMatchObject({
        name: "glove × use",
        panel: "mutual kNN (k = 10)",
        y: [0.3, 0.25],
        fit: { slope: -0.001, intercept: 0.4, r2: 0.9 }
      })
      expect(figure.references).toEqual([
        { axis: "y", value: 10 / 499, label: "chance", panel: "mutual kNN (k = 10)" }
      ])
      expect(figure.finding).toBe(
        "As words get rarer mutual kNN (k = 10) gets worse in 1 of 1 pairs (mean R² of the fits 0.900)."
      )
    })
  )
  it.effect("give ρ by pair and the bands as points", () =>
    Effect.gen(function* () {
      const figure = (yield* runStage(frequencyOverlap, {
        inputs: { overlap: [band(0, 0.21), ...[1, 2, 3, 4, 5].map((index) => band(index, null))] }
      })).figure as Curves
      expect(figure.series[0]!.name).toBe("glove × use, ρ = 0.210")
      expect(figure.series[0]!.y).toHaveLength(5)
      expect(figure.facts).toContainEqual({ name: "chance", value: 0.002 })
    })
  )
})

const point = (series: string, x: number, y: number) => ({ series, x, y, low: null, high: null })

describe("figures/curves", () => {
  it.effect("draws any series, sorted, in panels, with a fit in logarithms on logarithmic axes", () =>
    Effect.gen(function* () {
      const figure = (yield* runStage(curves, {
        inputs: {
          series: [
            point("d = 4/found", 100, 0.01),
            point("d = 4/found", 10, 0.1),
            point("d = 4/bound", 10, 0.2)
          ]
        },
        params: {
          title: "Margin",
          caption: "Against n.",
          x: { name: "n", log: true },
          y: { name: "margin", log: true },
          panels: true,
          fit: true,
          muted: ["bound"]
        }
      })).figure as Curves
      const [found, bound] = figure.series
      expect(found).toMatchObject({ name: "found", panel: "d = 4", x: [10, 100], y: [0.1, 0.01] })
      // y = 1 / x: slope −1 and intercept 0 in log10.
      expect(found!.fit!.slope).toBeCloseTo(-1, 12)
      expect(found!.fit!.intercept).toBeCloseTo(0, 12)
      expect(bound).toMatchObject({ muted: true })
      expect(bound!.fit).toBeUndefined()
      expect(found!.low).toBeUndefined()
    })
  )
})

it("metrics are named as readers know them", () => {
  expect(
    [
      ["mutual_knn", 10],
      ["unbiased_cka", null],
      ["cknna", 10],
      ["svcca", 10],
      ["lcs_knn", 100]
    ].map(([metric, k]) => metricLabel(metric as string, k as number | null))
  ).toEqual(["mutual kNN (k = 10)", "unbiased CKA", "CKNNA (k = 10)", "SVCCA (q = 10)", "LCS kNN (k = 100)"])
})
