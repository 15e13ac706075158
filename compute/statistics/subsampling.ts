/**
 * Intervals for the mean θ̄ of a statistic over m subsamples of n rows each, out of N common rows.
 *
 * Two questions, two intervals. **Populations**: the N rows are themselves a draw (independent, alike distributed) from all
 * the words, images, … there could be, and the target is the expectation of θ on n such rows. **Choice of rows**: the N rows
 * are given, and the target is the mean over every subsample of n of them; that says nothing of other corpora.
 *
 * **Variance of one subsample.** Subsamples come in pairs without a common row (`3a` and `3b`, so n ≤ N/2). The two values of
 * a pair are independent, hence V = Var θ is estimated by v = mean of (θ_a − θ_b)²/2 without bias, whatever the statistic:
 * smooth (CKA) or local (neighbours). Pairs are drawn apart, and contrasts of different pairs are close to uncorrelated: P
 * pairs give P degrees of freedom. The sd over overlapping subsamples misses what these share, E s² = V − C with C the
 * covariance of two of them: that is why a bootstrap over them is too narrow.
 *
 * **Populations.** With q the share of ordered pairs of subsamples that are neither the same nor of one pair,
 *
 *   Var θ̄ = V/m + q C,   0 ≤ C ≤ V n/N   (Hoeffding, Annals of Mathematical Statistics 19, 1948, theorem 5.2).
 *
 * C = V n/N for linear statistics; in simulations it was .8 to 1 times that for CKA and .4 to .6 times for neighbours.
 * Subsamples of different pairs give w = mean of (θ_s − θ_t)²/2 with E w = V − C, so v − w estimates C, but poorly from few
 * pairs and with a skew that makes intervals too short. C is taken a quarter of the way from its upper bound to that
 * estimate: θ̄ ± t_P √(v/m + q C̃), C̃ = ¾ v n/N + ¼ clamp(v − w, 0, v n/N). In simulations of eight metrics intervals covered
 * 84 to 95 % with the estimate alone, 90 to 99 % halfway, and with this 94 to 97 % of differences of 0 in mutual kNN and
 * unbiased CKA (up to 99 % in the other neighbour scores); with the bound alone mutual kNN was at 97 to 99 %.
 *
 * **Choice of rows.** Given the rows, the means of the P pairs are independent and alike distributed about the target:
 * θ̄ ± t_{P−1} · sd(pair means)/√P.
 *
 * **Differences.** Two settings on the same subsamples are compared by their differences: the same formulas hold, and what
 * the settings have in common cancels. Where the draws do not correspond, the variances of both sides add (Welch, Biometrika
 * 34, 1947): too wide where the corpora share rows, for what they share would cancel.
 *
 * **All rows** have no interval here. To carry V from n to N one must know how fast it falls: as 1/N for CKA (covers 95 %),
 * faster for neighbours at fixed k, whose level falls with N, and hardly at all for neighbours by inner product among rows
 * of very different lengths, where a few long rows are everybody's neighbours (V n/N covered 70 %).
 *
 * No interval either: without a pair, where all differences are equal (no spread to measure), or N unknown. Subsamples
 * under other names are taken as overlapping draws: the delete-d jackknife, V = s² N/(N − n) and C = V n/N. How often these
 * intervals cover: bench/coverage, docs/results/intervals.md. Cost O(m²).
 */
import { studentQuantile } from "./studentT.ts"

export interface Interval {
  readonly low: number
  readonly high: number
  /** Degrees of freedom of Student's t. */
  readonly df: number
}

/** The name of subsample s = 0, 1, …: `0a`, `0b`, `1a`, …; `0a` and `0b` have no row in common. */
export const subsampleName = (s: number): string => `${s >> 1}${s % 2 === 0 ? "a" : "b"}`

/** A variance with the degrees of freedom it was estimated with. */
export interface Variance {
  readonly variance: number
  readonly df: number
}

/** What subsamples tell of a statistic: `rows` rows each, out of `common` (null where that is not known). */
export interface Draws {
  /** Values by the subsample's name. */
  readonly values: ReadonlyMap<string, number>
  readonly rows: number | null
  readonly common: number | null
}

export const meanOf = (values: Iterable<number>): number => {
  let [sum, count] = [0, 0]
  for (const value of values) {
    sum += value
    count += 1
  }
  return sum / count
}

/** Values by pair: two where both are there. Undefined where the names are not those of pairs. */
const pairsOf = (values: Draws["values"]): ReadonlyArray<ReadonlyArray<number>> | undefined => {
  const pairs = new Map<string, Array<number>>()
  for (const [name, value] of values) {
    const pair = /^(\d+)[ab]$/.exec(name)?.[1]
    if (pair === undefined) return undefined
    const known = pairs.get(pair)
    if (known === undefined) pairs.set(pair, [value])
    else known.push(value)
  }
  return [...pairs.values()]
}

const squaresAbout = (values: ReadonlyArray<number>, centre: number): number =>
  values.reduce((sum, value) => sum + (value - centre) ** 2, 0)

/** Half the mean square of the differences between subsamples of different pairs; undefined for one pair. */
const acrossPairs = (pairs: ReadonlyArray<ReadonlyArray<number>>): number | undefined => {
  let [sum, count] = [0, 0]
  for (const [p, pair] of pairs.entries())
    for (const other of pairs.slice(0, p))
      for (const a of pair)
        for (const b of other) {
          sum += (a - b) ** 2 / 2
          count += 1
        }
  return count === 0 ? undefined : sum / count
}

/** The variance of the mean of these subsamples over populations. Null where it cannot be told. */
export const meanVariance = ({ common, rows, values }: Draws): Variance | null => {
  const m = values.size
  if (m < 2 || common === null || rows === null || common <= rows) return null
  const fraction = rows / common
  const pairs = pairsOf(values)
  if (pairs === undefined) {
    const all = [...values.values()]
    const squares = squaresAbout(all, meanOf(all)) / (m - 1)
    return { variance: squares * (1 / m + rows / (common - rows)), df: m - 1 }
  }
  const whole = pairs.filter((pair) => pair.length === 2)
  if (whole.length === 0) return null
  const one = meanOf(whole.map(([a, b]) => (a! - b!) ** 2 / 2))
  const across = acrossPairs(pairs)
  const most = one * fraction
  const estimate = across === undefined ? most : Math.min(Math.max(one - across, 0), most)
  const q = 1 - 1 / m - (2 * whole.length) / (m * m)
  return { variance: one / m + q * (0.75 * most + 0.25 * estimate), df: whole.length }
}

/** The variance of a sum of independent estimates, with Welch's degrees of freedom. */
export const added = (first: Variance, second: Variance): Variance => {
  const variance = first.variance + second.variance
  const df = variance ** 2 / (first.variance ** 2 / first.df + second.variance ** 2 / second.df)
  return { variance, df: variance === 0 ? Math.min(first.df, second.df) : df }
}

/** centre ± t · √variance; null where there is no spread beyond rounding of numbers as large as `scale`. */
export const studentInterval = (
  centre: number,
  estimate: Variance | null,
  confidence: number,
  scale: number
): Interval | null => {
  if (estimate === null || !(Math.sqrt(estimate.variance) > 1e-12 * scale)) return null
  const half = studentQuantile(confidence, estimate.df) * Math.sqrt(estimate.variance)
  return { low: centre - half, high: centre + half, df: estimate.df }
}

/** The interval of independent values for their expectation: mean ± t · sd/√m. Seeds, or pairs of subsamples. */
export const meanInterval = (
  values: ReadonlyArray<number>,
  confidence: number,
  scale: number
): Interval | null => {
  if (values.length < 2) return null
  const centre = meanOf(values)
  const df = values.length - 1
  return studentInterval(
    centre,
    { variance: squaresAbout(values, centre) / (df * values.length), df },
    confidence,
    scale
  )
}

/** The interval for the mean over every subsample of the same rows: by pairs, or by subsamples that were drawn apart. */
export const choiceInterval = (
  values: Draws["values"],
  confidence: number,
  scale: number
): Interval | null => {
  const groups = pairsOf(values) ?? [...values.values()].map((value) => [value])
  if (groups.length < 2) return null
  // Groups weigh as many subsamples as they hold, so that the centre is the mean of all.
  const m = values.size
  const centre = meanOf(values.values())
  const squares = groups.reduce((sum, group) => sum + ((group.length / m) * (meanOf(group) - centre)) ** 2, 0)
  const df = groups.length - 1
  return studentInterval(centre, { variance: (squares * groups.length) / df, df }, confidence, scale)
}
