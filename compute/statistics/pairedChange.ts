/**
 * From one setting (or run) to another: value before, value after, their change and its intervals, each of the same rows.
 *
 * There are up to two changes of one metric, and they estimate different things: that of the means over subsamples of n rows,
 * with intervals, and that on all common rows, without (subsampling.ts says why). Neighbour scores depend on how many rows
 * there are, so an interval of the one says nothing of the other.
 */
import {
  added,
  choiceInterval,
  meanOf,
  meanVariance,
  studentInterval,
  type Draws,
  type Interval
} from "./subsampling.ts"

/** What was measured in one setting. */
export interface Measured {
  /** On all common rows; null where that was not done or is undefined. */
  readonly all: number | null
  readonly draws: Draws
}

export interface Change {
  readonly over: "all rows" | "subsamples"
  /** How many rows each value is over, before and after; null where the table does not say. */
  readonly rows: readonly [before: number | null, after: number | null]
  /** How many rows there are to draw from, before and after. */
  readonly common: readonly [before: number | null, after: number | null]
  /** How many subsamples both settings have: the intervals come from these. */
  readonly subsamples: number
  readonly before: number
  readonly after: number
  /** after − before. */
  readonly change: number
  /** For the difference between populations; null for all rows. */
  readonly populations: Interval | null
  /** For the difference of the means over every subsample of these rows; null for all rows. */
  readonly choice: Interval | null
}

const smallest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : Math.min(a, b)

/** Subsamples that both settings have, of equally many rows. */
const sharedNames = (before: Draws, after: Draws): ReadonlyArray<string> =>
  before.rows === after.rows ? [...before.values.keys()].filter((name) => after.values.has(name)) : []

const only = (draws: Draws, names: ReadonlyArray<string>): Draws => ({
  ...draws,
  values: new Map(names.map((name) => [name, draws.values.get(name)!]))
})

/** The change of means over subsamples; undefined where a setting has none. */
const overSubsamples = (before: Draws, after: Draws, confidence: number): Change | undefined => {
  if (before.values.size === 0 || after.values.size === 0) return undefined
  const names = sharedNames(before, after)
  const paired = names.length > 0
  const [earlier, later] = paired ? [only(before, names), only(after, names)] : [before, after]
  const [from, to] = [meanOf(earlier.values.values()), meanOf(later.values.values())]
  const scale = Math.max(Math.abs(from), Math.abs(to))
  const differences: Draws = {
    values: new Map(names.map((name) => [name, later.values.get(name)! - earlier.values.get(name)!])),
    rows: before.rows,
    common: smallest(before.common, after.common)
  }
  const [first, second] = [meanVariance(earlier), meanVariance(later)]
  const variance = paired
    ? meanVariance(differences)
    : first === null || second === null
      ? null
      : added(first, second)
  return {
    over: "subsamples",
    rows: [earlier.rows, later.rows],
    common: [before.common, after.common],
    subsamples: names.length,
    before: from,
    after: to,
    change: to - from,
    populations: studentInterval(to - from, variance, confidence, scale),
    choice: paired ? choiceInterval(differences.values, confidence, scale) : null
  }
}

/** The changes from `before` to `after`: over subsamples first, then on all rows, as far as both have them. */
export const changesBetween = (
  before: Measured,
  after: Measured,
  confidence: number
): ReadonlyArray<Change> => {
  const drawn = overSubsamples(before.draws, after.draws, confidence)
  const whole: ReadonlyArray<Change> =
    before.all === null || after.all === null
      ? []
      : [
          {
            over: "all rows",
            rows: [before.draws.common, after.draws.common],
            common: [before.draws.common, after.draws.common],
            subsamples: 0,
            before: before.all,
            after: after.all,
            change: after.all - before.all,
            populations: null,
            choice: null
          }
        ]
  return drawn === undefined ? whole : [drawn, ...whole]
}
