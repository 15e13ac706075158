/**
 * Alignment scores, gathered: one cell for each setting, metric and pair of views, with its value on all rows, its
 * values by subsample, and the null of that value. Order is that of first appearance, so figures are the same on every run.
 */
import { meanOf, type Draws } from "../../compute/statistics/subsampling.ts"
import type { Measured } from "../../compute/statistics/pairedChange.ts"
import type { AlignmentScores } from "../../schemas/AlignmentScores.ts"
import type { ValueOf } from "../../schemas/Kind.ts"
import { metricLabel } from "./metricLabel.ts"

export type ScoreRow = ValueOf<typeof AlignmentScores>[number]

export interface AlignmentCell {
  readonly setting: string
  readonly a: string
  readonly b: string
  readonly metric: string
  readonly k: number | null
  /** The metric's name for readers, unique for metric and k. */
  readonly label: string
  readonly lowerIsBetter: boolean
  readonly chance: number | null
  /** How many rows `value` is over: all common rows, or those of a subsample. */
  readonly n: number
  /** Whether `value` is on all common rows; else it is the mean over subsamples. */
  readonly whole: boolean
  /** Null where undefined. */
  readonly value: number | null
  /** The permutation null of `value`, where it is on all common rows: a mean of subsamples has none. */
  readonly null: {
    readonly mean: number
    readonly sd: number
    readonly p: number | null
    readonly permutations: number
  } | null
  /** Values by subsample, where they are defined. */
  readonly draws: Draws
}

export const mean = (values: ReadonlyArray<number>): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

/** Standard deviation with ddof 1; null for fewer than two values. */
export const deviation = (values: ReadonlyArray<number>): number | null => {
  if (values.length < 2) return null
  const centre = mean(values)!
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

export const defined = (values: Iterable<number | null>): ReadonlyArray<number> =>
  [...values].filter((value) => value !== null)

/** Gathers the rows of a scores table. */
export const cellsOf = (rows: ReadonlyArray<ScoreRow>): ReadonlyArray<AlignmentCell> => {
  const gathered = new Map<string, Array<ScoreRow>>()
  for (const row of rows) {
    const key = JSON.stringify([row.setting, row.metric, row.k, row.a, row.b])
    const known = gathered.get(key)
    if (known === undefined) gathered.set(key, [row])
    else known.push(row)
  }
  return [...gathered.values()].map((members) => {
    const whole = members.find((row) => row.subsample === "all")
    const first = whole ?? members[0]!
    const draws = members.filter((row) => row !== whole)
    const values = new Map(
      draws.flatMap((row) => (row.value === null ? [] : [[row.subsample, row.value] as const]))
    )
    return {
      setting: first.setting,
      a: first.a,
      b: first.b,
      metric: first.metric,
      k: first.k,
      label: metricLabel(first.metric, first.k),
      lowerIsBetter: first.direction === "lower",
      chance: first.chance,
      n: first.n,
      whole: whole !== undefined,
      value: whole !== undefined ? whole.value : values.size === 0 ? null : meanOf(values.values()),
      null:
        whole === undefined || whole.nullMean === null || whole.nullSd === null
          ? null
          : {
              mean: whole.nullMean,
              sd: whole.nullSd,
              p: whole.nullP,
              permutations: whole.nullPermutations
            },
      draws: { values, rows: draws[0]?.n ?? null, common: first.common }
    }
  })
}

/** What a change is computed from. */
export const measured = (cell: AlignmentCell): Measured => ({
  all: cell.whole ? cell.value : null,
  draws: cell.draws
})

/** The chance level that all these cells have in common; null where it depends on the pair, as CKA's does. */
export const sharedChance = (cells: ReadonlyArray<{ readonly chance: number | null }>): number | null => {
  const levels = cells.map(({ chance }) => chance).filter((chance) => chance !== null)
  const first = levels[0]
  return first !== undefined && levels.every((level) => Math.abs(level - first) <= 1e-9 * Math.abs(first))
    ? first
    : null
}

/** Keeps the metrics asked for, in that order: by name (`cka`), or by name and size (`mutual_knn@100`). `all` keeps all. */
export const selectMetrics = <T extends { readonly metric: string; readonly k: number | null }>(
  items: ReadonlyArray<T>,
  wanted: ReadonlyArray<string>
): ReadonlyArray<T> =>
  wanted.includes("all")
    ? items
    : wanted.flatMap((name) =>
        items.filter((item) => item.metric === name || `${item.metric}@${item.k}` === name)
      )

export const unique = <T>(values: Iterable<T>): ReadonlyArray<T> => [...new Set(values)]
