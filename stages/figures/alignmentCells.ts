/**
 * Alignment scores, gathered: one cell for each setting, metric and pair of views, with its value on all rows, its
 * values by subsample, and its null. Order is that of first appearance, so figures are the same on every run.
 */
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
  readonly n: number
  /** On all common rows, else the mean over subsamples; null where undefined. */
  readonly value: number | null
  /** The row that carries the permutation null, if any does. */
  readonly null: {
    readonly mean: number
    readonly sd: number
    readonly p: number | null
    readonly permutations: number
  } | null
  /** Values by subsample name; null where undefined. */
  readonly subsamples: ReadonlyMap<string, number | null>
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
    const permuted = members.find((row) => row.nullMean !== null && row.nullSd !== null)
    const subsamples = new Map(
      members.filter((row) => row !== whole).map((row) => [row.subsample, row.value] as const)
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
      value: whole === undefined ? mean(defined(subsamples.values())) : whole.value,
      null:
        permuted === undefined
          ? null
          : {
              mean: permuted.nullMean!,
              sd: permuted.nullSd!,
              p: permuted.nullP,
              permutations: permuted.nullPermutations
            },
      subsamples
    }
  })
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
