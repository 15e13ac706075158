/** The results page of the synthetic study, from the tables of its runs. */
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

const number = (value: number): string => value.toPrecision(3).replace("-", "−")
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, x) => sum + x, 0) / values.length

const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => [
  `| ${head.join(" | ")} |`,
  `|${head.map(() => "---").join("|")}|`,
  ...rows.map((row) => `| ${row.join(" | ")} |`),
  ""
]

const yes = (holds: boolean): string => (holds ? "yes" : "**no**")

export const page = (points: ReadonlyArray<Point>, options: { readonly made: string }): string => {
  const seeds = [...new Set(points.map(({ seed }) => seed))]
  const ofSeed = seeds.map((seed) => points.find((point) => point.seed === seed)!)
  const recovered = ofSeed.flatMap(({ seed, recovered }) =>
    recovered.map(({ model, rows }) => {
      const cosines = rows.map((row) => row.cosine).sort((a, b) => a - b)
      return {
        seed,
        model,
        share: rows.filter((row) => row.found).length / rows.length,
        median: cosines[cosines.length >> 1]!,
        least: cosines[0]!,
        chance: Math.max(...rows.map((row) => row.chance))
      }
    })
  )
  const knn = points.flatMap(({ seed, bias, changes }) =>
    changes
      .filter(({ metric, change }) => metric === "mutual_knn" && change !== null)
      .map((change) => ({
        seed,
        bias,
        pair: `${change.a} × ${change.b}`,
        change: change.change!,
        low: change.low!
      }))
  )
  const fits = ofSeed.flatMap(({ seed, fits }) =>
    fits
      .filter(({ slope }) => slope !== null)
      .map((fit) => ({ seed, ...fit, slope: fit.slope!, rSquared: fit.rSquared! }))
  )
  const knnFits = fits.filter(({ metric }) => metric === "mutual_knn")
  const ratios = ofSeed.flatMap(({ seed, matches }) =>
    matches
      .filter(({ ratio }) => ratio !== null)
      .map(({ a, b, values, correlation, bound, ratio }) => ({
        seed,
        pair: `${a} × ${b}`,
        values,
        correlation,
        bound,
        ratio: ratio!
      }))
  )
  const biased = knn.filter(({ bias }) => bias > 0)
  const unbiased = knn.filter(({ bias }) => bias === 0)
  const leastShare = Math.min(...recovered.map(({ share }) => share))
  const binary = ratios.filter(({ values }) => values === "binary")
  const leastFit = Math.min(...knnFits.map(({ rSquared }) => rSquared))
  return [
    "# The synthetic world: results",
    "",
    options.made,
    "",
    "2,000 objects with 8 of 512 attributes each, three models in 256 dimensions with directions of their own. Every model of every seed is drawn anew; the settings are those of `pipelines/synthetic.ts`, which says how they were chosen.",
    "",
    ...table(
      ["what must come back", "measured", "holds"],
      [
        [
          "≥ 90 % of the attributes with |cos| > 0.9, no noise",
          `least ${percent(leastShare)} of ${recovered.length} models`,
          yes(leastShare >= 0.9)
        ],
        [
          "β > 0: centring raises mutual kNN in every pair",
          `${biased.filter(({ change }) => change > 0).length} of ${biased.length}, least ${number(Math.min(...biased.map(({ change }) => change)))}`,
          yes(biased.every(({ change }) => change > 0))
        ],
        [
          "β = 0: centring changes mutual kNN by less than 0.01",
          `largest ${number(Math.max(...unbiased.map(({ change }) => Math.abs(change))))} of ${unbiased.length} pairs`,
          yes(unbiased.every(({ change }) => Math.abs(change) < 0.01))
        ],
        [
          "mutual kNN falls with f^(−1/2), R² > 0.8",
          `${knnFits.filter(({ slope }) => slope < 0).length} of ${knnFits.length} slopes negative, least R² ${number(leastFit)}`,
          yes(knnFits.every(({ slope, rSquared }) => slope < 0 && rSquared > 0.8))
        ],
        [
          "matched binary correlation ≥ 5 × that of permuted rows",
          `least ratio ${number(Math.min(...binary.map(({ ratio }) => ratio)))}`,
          yes(binary.every(({ ratio }) => ratio >= 5))
        ]
      ]
    ),
    "## Signal: attributes found",
    "",
    ...table(
      ["seed", "model", "found", "median abs. cos", "least", "largest of as many random directions"],
      recovered.map(({ seed, model, share, median, least, chance }) => [
        seed,
        model,
        percent(share),
        number(median),
        number(least),
        number(chance)
      ])
    ),
    "## Bias: mutual kNN (k = 10), centred − raw",
    "",
    ...table(
      ["β", "pairs", "mean change", "least", "least lower end of the 95 % interval"],
      [...new Set(knn.map(({ bias }) => bias))].map((bias) => {
        const own = knn.filter((row) => row.bias === bias)
        return [
          String(bias),
          String(own.length),
          number(mean(own.map(({ change }) => change))),
          number(Math.min(...own.map(({ change }) => change))),
          number(Math.min(...own.map(({ low }) => low)))
        ]
      })
    ),
    "## Noise: alignment in windows of falling frequency against f^(−1/2)",
    "",
    ...table(
      ["metric", "fits", "slopes below 0", "mean slope", "least R²"],
      [...new Set(fits.map(({ metric }) => metric))].map((metric) => {
        const own = fits.filter((row) => row.metric === metric)
        return [
          metric,
          String(own.length),
          String(own.filter(({ slope }) => slope < 0).length),
          number(mean(own.map(({ slope }) => slope))),
          number(Math.min(...own.map(({ rSquared }) => rSquared)))
        ]
      })
    ),
    "## Signal: features matched one to one",
    "",
    ...table(
      ["values", "pairs", "mean correlation", "mean bound", "least ratio to permuted rows"],
      [...new Set(ratios.map(({ values }) => values))].map((values) => {
        const own = ratios.filter((row) => row.values === values)
        return [
          values,
          String(own.length),
          number(mean(own.map(({ correlation }) => correlation ?? Number.NaN))),
          number(mean(own.map(({ bound }) => bound ?? Number.NaN))),
          number(Math.min(...own.map(({ ratio }) => ratio)))
        ]
      })
    )
  ].join("\n")
}
