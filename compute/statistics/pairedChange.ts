/**
 * From one setting (or run) to another: value before, value after, their change and its intervals, each of the same rows.
 *
 * There are up to two changes for one metric, and they estimate different things: that on all common rows, and that of the
 * means over subsamples of n rows (neighbour scores depend on how many rows there are). Formulas: subsampling.ts.
 */
import {
  added,
  choiceInterval,
  meanOf,
  meanVariance,
  studentInterval,
  subsampleVariance,
  type Draws,
  type Interval,
  type Variance
} from "./subsampling.ts"

/** What was measured in one setting. */
export interface Measured {
  /** On all common rows; null where that was not done or is undefined. */
  readonly all: number | null
  readonly draws: Draws
  /** The metric's variance function (varianceFunction.ts); null where the variance does not follow the level. */
  readonly varianceAt: (value: number) => number | null
}

export interface Change {
  readonly over: "all rows" | "subsamples"
  /** How many rows each value is over, before and after; null where the table does not say. */
  readonly rows: readonly [before: number | null, after: number | null]
  /** How many subsamples both settings have: the intervals come from these. */
  readonly subsamples: number
  readonly before: number
  readonly after: number
  /** after − before. */
  readonly change: number
  /** For the difference between populations. */
  readonly populations: Interval | null
  /** For the difference of the means over every subsample of these rows; null for all rows, which nobody chose. */
  readonly choice: Interval | null
}

const smallest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : Math.min(a, b)

const common = ({ draws }: Measured): number | null => draws.common

/** g(all rows)/g(subsample), by the mean of both settings; 1 where that is not defined. */
const levelRatio = (sides: ReadonlyArray<Measured>): number => {
  const at = (side: Measured, value: number | null): number =>
    value === null ? Number.NaN : (side.varianceAt(value) ?? Number.NaN)
  const over = sides.reduce((sum, side) => sum + at(side, side.all), 0)
  const under = sides.reduce((sum, side) => sum + at(side, meanOf(side.draws.values.values())), 0)
  const ratio = over / under
  return Number.isFinite(ratio) && ratio > 0 ? ratio : 1
}

const scaled = (estimate: Variance | null, factor: number | null): Variance | null =>
  estimate === null || factor === null ? null : { variance: estimate.variance * factor, df: estimate.df }

/** V · (n/N) · g(θ_N)/g(θ_n). */
const allRowsVariance = (draws: Draws, sides: ReadonlyArray<Measured>): Variance | null =>
  draws.rows === null || draws.common === null
    ? null
    : scaled(subsampleVariance(draws), (draws.rows / draws.common) * levelRatio(sides))

/** Subsamples that both settings have, of equally many rows. */
const sharedDraws = (before: Measured, after: Measured): ReadonlyArray<string> =>
  before.draws.rows === after.draws.rows
    ? [...before.draws.values.keys()].filter((name) => after.draws.values.has(name))
    : []

const only = (draws: Draws, names: ReadonlyArray<string>): Draws => ({
  ...draws,
  values: new Map(names.map((name) => [name, draws.values.get(name)!]))
})

const both = (first: Variance | null, second: Variance | null): Variance | null =>
  first === null || second === null ? null : added(first, second)

/** The changes from `before` to `after`: all rows first, where both have them. */
export const changesBetween = (
  before: Measured,
  after: Measured,
  confidence: number
): ReadonlyArray<Change> => {
  const names = sharedDraws(before, after)
  const differences: Draws = {
    values: new Map(
      names.map((name) => [name, after.draws.values.get(name)! - before.draws.values.get(name)!])
    ),
    rows: before.draws.rows,
    common: smallest(common(before), common(after))
  }
  const changes: Array<Change> = []
  if (before.all !== null && after.all !== null) {
    const change = after.all - before.all
    const variance =
      names.length > 0
        ? allRowsVariance(differences, [before, after])
        : both(allRowsVariance(before.draws, [before]), allRowsVariance(after.draws, [after]))
    const scale = Math.max(Math.abs(before.all), Math.abs(after.all))
    changes.push({
      over: "all rows",
      rows: [common(before), common(after)],
      subsamples: names.length,
      before: before.all,
      after: after.all,
      change,
      populations: studentInterval(change, variance, confidence, scale),
      choice: null
    })
  }
  if (before.draws.values.size > 0 && after.draws.values.size > 0) {
    const paired = names.length > 0
    const earlier = paired ? only(before.draws, names) : before.draws
    const later = paired ? only(after.draws, names) : after.draws
    const [from, to] = [meanOf(earlier.values.values()), meanOf(later.values.values())]
    const varianceOf = (draws: Draws): Variance | null => {
      const one = subsampleVariance(draws)
      return one === null ? null : meanVariance(draws, one)
    }
    const variance = paired ? varianceOf(differences) : both(varianceOf(earlier), varianceOf(later))
    const scale = Math.max(Math.abs(from), Math.abs(to))
    changes.push({
      over: "subsamples",
      rows: [earlier.rows, later.rows],
      subsamples: names.length,
      before: from,
      after: to,
      change: to - from,
      populations: studentInterval(to - from, variance, confidence, scale),
      choice: paired ? choiceInterval(differences.values, confidence, scale) : null
    })
  }
  return changes
}

/**
 * The change to show where there is room for one: all rows, or the subsamples where only those have equally many rows in
 * both settings.
 */
export const leading = (changes: ReadonlyArray<Change>): Change | undefined =>
  changes.find(({ rows }) => rows[0] !== null && rows[0] === rows[1]) ?? changes[0]
