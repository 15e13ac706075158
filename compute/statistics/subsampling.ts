/**
 * Intervals for a statistic that was computed on all N common rows and on m subsamples of n rows.
 *
 * Two questions, two intervals. **Populations**: the N rows are themselves a draw (independent, alike distributed) from all
 * the words, images, … there could be, and the target is the expectation of the statistic over such draws. **Choice of
 * rows**: the N rows are given, and the target is the mean over every subsample of n of them. The second says nothing of
 * other corpora.
 *
 * **Variance of one subsample.** Subsamples come in pairs without a common row (`3a` and `3b`, so n ≤ N/2). The two values
 * of a pair are independent, hence V = Var θ_n is estimated by (θ_a − θ_b)²/2 without bias, whatever the statistic: smooth
 * (CKA) or local (neighbours). Pairs are drawn apart from each other, and contrasts of different pairs are close to
 * uncorrelated: the mean over P pairs has P degrees of freedom. (The sd s over overlapping subsamples, as of a bootstrap
 * over them, misses what they share: E s² = V − C, C the covariance of two overlapping ones. For a linear statistic
 * C = V n/N and V = s² N/(N − n), the delete-d jackknife; for neighbours C is about half that, and the jackknife too wide.)
 *
 * **All rows.** The variance of a √N-consistent statistic falls as 1/N (subsampling: Politis & Romano, Annals of Statistics
 * 22, 1994; Politis, Romano & Wolf, "Subsampling", 1999, section 2.2):
 *
 *   Var θ_N = V · (n/N) · g(θ_N)/g(θ_n),   interval θ_N ± t_P · √(Var θ_N).
 *
 * g is the variance function of a statistic whose level changes with the number of rows at fixed k: θ is then a mean of
 * shares of neighbours, whose variance goes as g(θ) = θ(1 − θ) (varianceFunction.ts); g = 1 elsewhere.
 *
 * **Mean of subsamples.** Where only subsamples were scored, with q the share of ordered pairs of subsamples that are not the
 * same and not of one pair: Var θ̄ = V/m + q C, and C ≤ V n/N for every statistic (Hoeffding, Annals of Mathematical
 * Statistics 19, 1948, theorem 5.2). The bound is used, with P degrees of freedom: exact for linear statistics, wider else.
 *
 * **Choice of rows.** Given the rows, the means of the P pairs are independent and alike distributed, with the target as
 * their expectation: θ̄ ± t_{P−1} · sd(pair means)/√P.
 *
 * **Differences.** Two settings on the same subsamples are compared by their differences: the same formulas hold, and what
 * the settings have in common cancels. On rows that differ in part they are too wide rather than too narrow; on draws that do
 * not correspond the variances of both sides add (Welch, Biometrika 34, 1947, degrees of freedom).
 *
 * No interval: without a complete pair, where all differences are equal (no spread to measure), or N unknown. Values of
 * subsamples under other names are taken as overlapping draws, by the jackknife's V. How often these intervals cover:
 * bench/coverage, docs/results/intervals.md. Cost O(m).
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

/** V: the variance of the statistic on one subsample, over populations. Null where it cannot be told. */
export const subsampleVariance = ({ values, rows, common }: Draws): Variance | null => {
  const pairs = pairsOf(values)
  if (pairs !== undefined) {
    const whole = pairs.filter((pair) => pair.length === 2)
    if (whole.length === 0) return null
    return { variance: meanOf(whole.map(([a, b]) => (a! - b!) ** 2 / 2)), df: whole.length }
  }
  const all = [...values.values()]
  if (all.length < 2 || rows === null || common === null || common <= rows) return null
  const squares = squaresAbout(all, meanOf(all)) / (all.length - 1)
  return { variance: (squares * common) / (common - rows), df: all.length - 1 }
}

/** The variance of a sum of independent estimates, with Welch's degrees of freedom. */
export const added = (first: Variance, second: Variance): Variance => {
  const variance = first.variance + second.variance
  const df = variance ** 2 / (first.variance ** 2 / first.df + second.variance ** 2 / second.df)
  return { variance, df: variance === 0 ? Math.min(first.df, second.df) : df }
}

/** Var of the mean of these subsamples, from V: V/m + q V n/N. Null where n or N is not known. */
export const meanVariance = (draws: Draws, { variance, df }: Variance): Variance | null => {
  const { common, rows } = draws
  if (common === null || rows === null) return null
  const m = draws.values.size
  const together = (pairsOf(draws.values) ?? []).filter((pair) => pair.length === 2).length
  const q = 1 - 1 / m - (2 * together) / (m * m)
  return { variance: variance * (1 / m + (q * rows) / common), df }
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
