/** The parts of the results page: each says what must come back, whether it did, and shows the numbers behind it. */
import type { FeatureMatches } from "../../schemas/FeatureMatches.ts"
import type { FrequencyFits } from "../../schemas/FrequencyFits.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import type { PairedChanges } from "../../schemas/PairedChanges.ts"
import type { Recovery } from "../../schemas/Recovery.ts"

/** One run: a seed and a bias length β. Only the bias part differs between the runs of one seed. */
export interface Point {
  readonly seed: string
  readonly bias: number
  readonly recovered: ReadonlyArray<{ readonly model: string; readonly rows: ValueOf<typeof Recovery> }>
  readonly changes: ValueOf<typeof PairedChanges>
  readonly fits: ValueOf<typeof FrequencyFits>
  readonly matches: ValueOf<typeof FeatureMatches>
}

export interface Section {
  readonly title: string
  readonly checks: ReadonlyArray<{
    readonly what: string
    readonly measured: string
    readonly holds: boolean
  }>
  readonly head: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

const number = (value: number): string => value.toPrecision(3).replace("-", "−")
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, x) => sum + x, 0) / values.length
/** What is undefined is no number, and holds nothing. */
const known = (value: number | null): number => value ?? Number.NaN

const grouped = <A, K>(
  items: ReadonlyArray<A>,
  keyOf: (item: A) => K
): ReadonlyArray<[K, ReadonlyArray<A>]> =>
  [...new Set(items.map(keyOf))].map((key) => [key, items.filter((item) => keyOf(item) === key)])

/** One run a seed: what does not depend on the bias. */
const bySeed = (points: ReadonlyArray<Point>): ReadonlyArray<Point> =>
  grouped(points, ({ seed }) => seed).map(([, [first]]) => first!)

export const attributes = (points: ReadonlyArray<Point>): Section => {
  const models = bySeed(points).flatMap(({ seed, recovered }) =>
    recovered.map(({ model, rows }) => {
      const cosines = rows.map((row) => row.cosine).sort((a, b) => a - b)
      const share = rows.filter((row) => row.found).length / rows.length
      const chance = Math.max(...rows.map((row) => row.chance))
      return { seed, model, share, median: cosines[cosines.length >> 1]!, least: cosines[0]!, chance }
    })
  )
  const least = Math.min(...models.map(({ share }) => share))
  return {
    title: "Signal: attributes found",
    checks: [
      {
        what: "≥ 90 % of the attributes have a feature with an absolute cosine > 0.9, without noise",
        measured: `at least ${percent(least)} in each of ${models.length} models`,
        holds: least >= 0.9
      }
    ],
    head: ["seed", "model", "found", "median cosine", "least", "largest with as many random directions"],
    rows: models.map(({ seed, model, share, median, least, chance }) => [
      seed,
      model,
      percent(share),
      ...[median, least, chance].map(number)
    ])
  }
}

export const bias = (points: ReadonlyArray<Point>): Section => {
  const pairs = points.flatMap((point) =>
    point.changes
      .filter(({ metric, over }) => metric === "mutual_knn" && over === "subsamples")
      .map(({ change, low }) => ({ bias: point.bias, change: known(change), low: known(low) }))
  )
  const biased = pairs.filter((pair) => pair.bias > 0)
  const unbiased = pairs.filter((pair) => pair.bias === 0)
  const largest = Math.max(...unbiased.map(({ change }) => Math.abs(change)))
  return {
    title: "Bias: mutual kNN (k = 10), centred − raw",
    checks: [
      {
        what: "β > 0: centring raises mutual kNN in every pair",
        measured: `in ${biased.filter(({ change }) => change > 0).length} of ${biased.length}, by at least ${number(Math.min(...biased.map(({ change }) => change)))}`,
        holds: biased.every(({ change }) => change > 0)
      },
      {
        what: "β = 0: centring changes mutual kNN by less than 0.01",
        measured: `by at most ${number(largest)} in ${unbiased.length} pairs`,
        holds: largest < 0.01
      }
    ],
    head: [
      "β",
      "pairs",
      "mean change",
      "least",
      "least lower end of the intervals (95 %, difference between populations)"
    ],
    rows: grouped(pairs, (pair) => pair.bias).map(([length, own]) => [
      ...[length, own.length].map(String),
      number(mean(own.map(({ change }) => change))),
      number(Math.min(...own.map(({ change }) => change))),
      number(Math.min(...own.map(({ low }) => low)))
    ])
  }
}

export const noise = (points: ReadonlyArray<Point>): Section => {
  const fits = bySeed(points).flatMap((point) =>
    point.fits.map(({ metric, slope, rSquared }) => ({ metric, slope: known(slope), r2: known(rSquared) }))
  )
  const knn = fits.filter(({ metric }) => metric === "mutual_knn")
  return {
    title: "Noise: alignment in windows of falling frequency against f^(−1/2)",
    checks: [
      {
        what: "mutual kNN falls with f^(−1/2), R² > 0.8",
        measured: `${knn.filter(({ slope }) => slope < 0).length} of ${knn.length} slopes negative, R² at least ${number(Math.min(...knn.map(({ r2 }) => r2)))}`,
        holds: knn.every(({ slope, r2 }) => slope < 0 && r2 > 0.8)
      }
    ],
    head: ["metric", "fits", "slopes below 0", "mean slope", "least R²"],
    rows: grouped(fits, ({ metric }) => metric).map(([metric, own]) => [
      metric,
      ...[own.length, own.filter(({ slope }) => slope < 0).length].map(String),
      number(mean(own.map(({ slope }) => slope))),
      number(Math.min(...own.map(({ r2 }) => r2)))
    ])
  }
}

export const matching = (points: ReadonlyArray<Point>): Section => {
  const pairs = bySeed(points).flatMap(({ matches }) => matches)
  const ratio = Math.min(
    ...pairs.filter(({ values }) => values === "binary").map(({ ratio }) => known(ratio))
  )
  return {
    title: "Signal: features matched one to one",
    checks: [
      {
        what: "matched binary correlation ≥ 5 × that of permuted rows",
        measured: `at least ${number(ratio)} ×`,
        holds: ratio >= 5
      }
    ],
    head: ["values", "pairs", "mean correlation", "mean bound", "least ratio to permuted rows"],
    rows: grouped(pairs, ({ values }) => values).map(([values, own]) => [
      values,
      String(own.length),
      number(mean(own.map(({ correlation }) => known(correlation)))),
      number(mean(own.map(({ bound }) => known(bound)))),
      number(Math.min(...own.map(({ ratio }) => known(ratio))))
    ])
  }
}
