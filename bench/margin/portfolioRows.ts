/** The cells of `portfolio.ts`: what a row of its file holds, when it counts as better or worse, and their summary. */
import { table } from "../markdown.ts"
import type { Threshold } from "../../compute/margin/Relevance.ts"
import type { BoundedBy } from "../../compute/margin/bound/upperBounds.ts"
import type { Measured } from "./results.ts"

export interface OursPart extends Measured {
  /** Half gap, less its rounding bound. */
  readonly margin: number
  readonly bound: number
  readonly boundedBy: BoundedBy
  /** (bound − margin) / bound. */
  readonly gap: number
  /** Wall seconds allowed for all thresholds together, and what they took. */
  readonly time: number
  readonly seconds: number
}

export interface AdamPart extends Measured {
  /** Half gap, measured in float64. */
  readonly margin: number
  /** Wall seconds allowed for all thresholds together on two cores, and what this threshold took. */
  readonly time: number
  readonly seconds: number
  readonly restarts: number
  readonly numpy: string
}

export type Verdict = "better" | "equal" | "worse"

export interface PortfolioRow {
  readonly matrix: string
  readonly rows: number
  readonly columns: number
  readonly dim: number
  readonly threshold: Threshold
  readonly ours?: OursPart
  readonly adam?: AdamPart
  /** Present where both are. */
  readonly verdict?: Verdict
}

export const keyOf = ({ dim, matrix, threshold }: Pick<PortfolioRow, "matrix" | "dim" | "threshold">) =>
  `${matrix} ${dim} ${threshold}`

/** Better or worse by more than .5 %; where a margin is at most 0, by more than 1e-7. */
export const verdict = (ours: number, adam: number): Verdict => {
  const tolerance = Math.max(0.005 * Math.abs(adam), Math.min(ours, adam) <= 0 ? 1e-7 : 0)
  if (ours > adam + tolerance) return "better"
  return ours < adam - tolerance ? "worse" : "equal"
}

/** A row with one part put in and the verdict made again. */
export const withPart = (
  row: PortfolioRow,
  part: { readonly ours?: OursPart; readonly adam?: AdamPart }
): PortfolioRow => {
  const { verdict: _before, ...rest } = { ...row, ...part }
  return rest.ours === undefined || rest.adam === undefined
    ? rest
    : { ...rest, verdict: verdict(rest.ours.margin, rest.adam.margin) }
}

/** Complete graphs by k, then all others: `k = 1`, …, `random qrels`. */
export const groupOf = (matrix: string): string => {
  const k = /^complete:\d+,(\d+)$/.exec(matrix)?.[1]
  return k === undefined ? "random qrels" : `k = ${k}`
}

/** Rows of a file, later lines in place of earlier ones, in the order of the grid. */
export const latest = (rows: ReadonlyArray<PortfolioRow>): ReadonlyArray<PortfolioRow> => {
  const kept = new Map(rows.map((row) => [keyOf(row), row]))
  const thresholds = ["zero", "global", "row"]
  return [...kept.values()].sort(
    (x, y) =>
      groupOf(x.matrix).localeCompare(groupOf(y.matrix)) ||
      x.matrix.localeCompare(y.matrix, "en", { numeric: true }) ||
      x.dim - y.dim ||
      thresholds.indexOf(x.threshold) - thresholds.indexOf(y.threshold)
  )
}

type Compared = PortfolioRow & Required<Pick<PortfolioRow, "ours" | "adam" | "verdict">>

export const compared = (rows: ReadonlyArray<PortfolioRow>): ReadonlyArray<Compared> =>
  rows.filter((row): row is Compared => row.verdict !== undefined)

/** Ours to Adam's; where Adam's is at most 0, 1 if ours is at least as much and −∞ else: no ratio says more. */
const ratio = ({ adam, ours }: Compared): number => {
  if (adam.margin > 0) return ours.margin / adam.margin
  return ours.margin >= adam.margin - 1e-7 ? 1 : Number.NEGATIVE_INFINITY
}

const shown = (x: number): string => (Math.abs(x) < 1e-3 && x !== 0 ? x.toExponential(3) : x.toFixed(6))

/** Cells better, equal and worse by group and threshold, and the cells that are worse, worst first. */
export const summary = (all: ReadonlyArray<PortfolioRow>, most = 20): ReadonlyArray<string> => {
  const rows = compared(all)
  const groups = [...new Set(rows.map(({ matrix }) => groupOf(matrix)))]
  const count = (of: ReadonlyArray<Compared>, verdict: Verdict): string =>
    String(of.filter((row) => row.verdict === verdict).length)
  const line = (name: string, threshold: string, of: ReadonlyArray<Compared>): ReadonlyArray<string> => {
    const least = Math.min(...of.map(ratio))
    return [
      name,
      threshold,
      String(of.length),
      count(of, "better"),
      count(of, "equal"),
      count(of, "worse"),
      Number.isFinite(least) ? least.toFixed(4) : "below 0"
    ]
  }
  const byGroup = groups.flatMap((group) =>
    (["zero", "global", "row"] as const).flatMap((threshold) => {
      const of = rows.filter((row) => groupOf(row.matrix) === group && row.threshold === threshold)
      return of.length === 0 ? [] : [line(group, threshold, of)]
    })
  )
  const worse = rows.filter((row) => row.verdict === "worse").sort((x, y) => ratio(x) - ratio(y))
  return [
    ...table(
      ["matrices", "threshold", "cells", "better", "equal", "worse", "least ratio to Adam"],
      [...byGroup, line("all", "", rows)]
    ),
    "",
    ...(worse.length === 0
      ? ["No cell is worse."]
      : [
          `The ${worse.length > most ? `${most} worst of ${worse.length} cells that are` : "cells that are"} worse:`,
          "",
          ...table(
            ["matrix", "d", "threshold", "ours", "Adam", "bound", "bounded by"],
            worse
              .slice(0, most)
              .map(({ adam, dim, matrix, ours, threshold }) => [
                matrix,
                String(dim),
                threshold,
                shown(ours.margin),
                shown(adam.margin),
                shown(ours.bound),
                ours.boundedBy
              ])
          )
        ])
  ]
}
