/** The results page of the coverage bench. */
import { table } from "../markdown.ts"
import type { Counted, Study } from "./count.ts"

export interface Measured {
  readonly study: Study
  readonly counted: ReadonlyArray<Counted>
}

const percent = (share: number | null): string => (share === null ? "–" : `${(100 * share).toFixed(1)} %`)
const number = (value: number): string => value.toPrecision(2)

const worlds = {
  none: "none (difference 0)",
  noise: "15 % more noise",
  centring: "raw → centred"
} as const
const rowsAfter = { same: "the same", fewer: "four fifths of them", others: "others" } as const

/** The range of shares, as a sentence has it. */
const range = (shares: ReadonlyArray<number | null>): string => {
  const known = shares.filter((share) => share !== null)
  return `${percent(Math.min(...known))} to ${percent(Math.max(...known))}`
}

/** Rows of a subsample, which is half of all rows at most. */
const drawn = ({ common, size }: Study): number => Math.min(size, Math.floor(common / 2))

const each = (
  measured: ReadonlyArray<Measured>,
  row: (study: Study, counted: Counted) => ReadonlyArray<string>
): ReadonlyArray<ReadonlyArray<string>> =>
  measured.flatMap(({ counted, study }) => counted.map((one) => row(study, one)))

export const page = (measured: ReadonlyArray<Measured>, made: string): string => {
  const beside = measured.filter(({ study }) => study.earlier)
  const choices = measured.filter(({ study }) => study.target > 0)
  const others = measured.filter(({ study }) => !study.earlier)
  return [
    "# What the intervals cover",
    "",
    made,
    "",
    "Corpora whose population is known (bench/coverage/world.ts): rows of 10 normals of varying length, seen by two views of 24 dimensions with noise. In every trial a new corpus is drawn, scored in two settings as `alignment/align` scores it (k = 10, subsamples as it draws them), and the 95 % intervals are asked whether they hold the truth: 0 where both settings follow one law, else the mean change over all trials. The standard error of a share near 95 % is 1.3 points at 300 trials, 1.8 at 150, 2.4 at 80.",
    "",
    '**Populations**: other rows of the same kind; what `diff` and figures/paired-change print, and what "better" and "worse" follow. **Choice of rows**: the mean over every subsample of the same rows. Formulas and reasons: compute/statistics/subsampling.ts.',
    "",
    "## Before and after, difference between populations",
    "",
    `Before ${range(beside.filter(({ study }) => study.target === 0).flatMap(({ counted }) => counted.map(({ bootstrap }) => bootstrap)))}, now ${range(beside.filter(({ study }) => study.target === 0).flatMap(({ counted }) => counted.map(({ populations }) => populations)))}. Over all tables mutual kNN and CKA are at ${range(measured.filter(({ study }) => study.subsamples >= 4).flatMap(({ counted }) => counted.filter(({ metric }) => metric === "mutual_knn" || metric.endsWith("cka")).map(({ populations }) => populations)))}; the scores of neighbours are on the wide side, because what overlapping subsamples share is bounded and not known (up to ${percent(Math.max(...measured.flatMap(({ counted }) => counted.map(({ populations }) => populations ?? 0))))} for cycle, LCS and edit distance).`,
    "",
    "Before: the percentile bootstrap over ten subsamples drawn apart (of fewer than 5/4 n rows, 4/5 were drawn). Beside it Student's t with sd · √(n/(N − n) + 1/10) over the same. n is the subsample of now; half widths are means, ideal is 1.96 times the sd of the change over trials.",
    "",
    ...table(
      [
        "N",
        "n",
        "N/n",
        "metric",
        "trials",
        "before",
        "t with the jackknife's sd",
        "now",
        "half width",
        "ideal"
      ],
      each(
        beside.filter(({ study }) => study.target === 0),
        (study, one) => [
          String(study.common),
          String(drawn(study)),
          (study.common / drawn(study)).toPrecision(3),
          one.metric,
          String(study.trials),
          percent(one.bootstrap),
          percent(one.jackknife),
          percent(one.populations),
          number(one.width),
          number(one.ideal)
        ]
      )
    ),
    "",
    "## Before and after, choice of rows",
    "",
    "The target is the mean over 60 subsamples more (30 pairs for the intervals of now), which is itself not exact: an interval of 95 % covers it in about 94 %.",
    "",
    ...table(
      ["N", "n", "metric", "trials", "before", "now"],
      each(choices, (study, one) => [
        String(study.common),
        String(drawn(study)),
        one.metric,
        String(study.trials),
        percent(one.bootstrapChoice),
        percent(one.choice)
      ])
    ),
    "",
    "## Other settings, rows, numbers of subsamples, sizes",
    "",
    "4,437 and 1,000 are the sizes of the words study, 2,000 and 1,000 those of the synthetic one.",
    "",
    ...table(
      [
        "change",
        "rows after",
        "N",
        "n",
        "subsamples",
        "metric",
        "trials",
        "populations",
        "half width",
        "ideal"
      ],
      each(others, (study, one) => [
        worlds[study.world],
        rowsAfter[study.after],
        String(study.common),
        String(drawn(study)),
        String(study.subsamples),
        one.metric,
        String(study.trials),
        percent(one.populations),
        number(one.width),
        number(one.ideal)
      ])
    ),
    ""
  ].join("\n")
}
