/**
 * Cells where a plain Adam was found to be better than the search before this one, and two more at small d: `node
 * bench/run.mjs bench/margin/compare.ts [--time 10] [--again] [--out file.jsonl]`.
 *
 * All three thresholds; margin, bound and gap before (docs/results/retrieval-compare-before.jsonl: what `asterism margin
 * --time 60s` of commit 31c3375 printed) and now. --time is that of a matrix and dimension, all thresholds together. One
 * JSON line a cell in docs/results/retrieval-compare.jsonl; those that the file has are skipped, or run anew with --again.
 * Exits 1 if a margin in the file is lower than before or than Adam's, or a bound higher by more than .2 %.
 */
import type { BoundedBy } from "../../compute/margin/bound/upperBounds.ts"
import type { Threshold } from "../../compute/margin/Relevance.ts"
import { matrix } from "./matrices.ts"
import { solve } from "./ours.ts"
import { lines, now, option, pathOf, readLines, writeLines, type Measured } from "./results.ts"

export interface Printed extends Measured {
  readonly matrix: string
  readonly dim: number
  readonly threshold: Threshold
  readonly margin: number
  readonly bound: number
  readonly boundedBy: BoundedBy
  readonly seconds: number
}

export interface ComparedRow extends Printed {
  readonly gap: number
  readonly time: number
  readonly before: Printed
  /** What Adam found, where it was better than before; rounded down. */
  readonly adam: number | null
}

/** Matrix, dimension, threshold and Adam's margin. */
const adam: ReadonlyArray<readonly [string, number, Threshold, number]> = [
  ["complete:6,1", 4, "zero", 0.333],
  ["complete:8,1", 4, "zero", 0.226],
  ["complete:10,1", 4, "zero", 0.175],
  ["complete:12,1", 4, "zero", 0.1602],
  ["complete:24,1", 4, "zero", 0.074],
  ["complete:12,1", 5, "zero", 0.23],
  ["complete:12,1", 8, "zero", 0.3331],
  ["complete:12,1", 12, "zero", 0.3747],
  ["complete:24,1", 2, "zero", 0],
  ["complete:16,2", 2, "zero", 0],
  ["complete:6,3", 2, "zero", 0],
  ["sparse25x15", 2, "zero", 0],
  ["complete:24,1", 4, "global", 0.25],
  ["complete:10,2", 4, "global", 0.0263],
  ["complete:24,2", 5, "global", 0.0095],
  ["sparse25x15", 4, "global", 0.1734],
  ["mix5", 4, "global", 0.1643],
  ["mix5", 5, "global", 0.2483]
]

const keyOf = ({ dim, matrix, threshold }: Pick<Printed, "matrix" | "dim" | "threshold">): string =>
  `${matrix} ${dim} ${threshold}`

/**
 * What should not be: a margin lower than before (beyond rounding) or than Adam's (the 24-cell to 1e-9), or a bound higher
 * than before by more than the .2 % that a dual may be loose.
 */
const failing = ({ adam, before, bound, margin }: ComparedRow): boolean =>
  margin < before.margin - 1e-13 || (adam !== null && margin < adam - 1e-9) || bound > 1.002 * before.bound

const out = option("out") ?? pathOf("compare.jsonl")
const time = Number(option("time") ?? 10)
const earlier = lines<Printed>("compare-before.jsonl")
const rows = new Map(readLines<ComparedRow>(out).map((row) => [keyOf(row), row]))
const cells = new Map(earlier.map((row) => [`${row.matrix} ${row.dim}`, row]))
for (const { dim, matrix: name } of cells.values()) {
  const of = earlier.filter((row) => row.matrix === name && row.dim === dim)
  if (of.every((row) => rows.has(keyOf(row))) && !process.argv.includes("--again")) continue
  const { margins, seconds } = await solve(matrix(name), { dim, time })
  for (const before of of) {
    const found = margins[before.threshold]
    if (found === undefined) continue
    const row: ComparedRow = {
      matrix: name,
      dim,
      threshold: before.threshold,
      ...found,
      seconds,
      time,
      ...now(),
      before,
      adam: adam.find(([m, d, t]) => m === name && d === dim && t === before.threshold)?.[3] ?? null
    }
    rows.set(keyOf(row), row)
    console.log(
      `${keyOf(row)}: ${row.margin.toPrecision(6)}, before ${before.margin.toPrecision(6)}, Adam ${row.adam ?? "–"}, bound ${row.bound.toFixed(4)} (${row.boundedBy}), before ${before.bound.toFixed(4)}${failing(row) ? " WORSE" : ""}`
    )
  }
  writeLines(
    out,
    earlier.flatMap((row) => rows.get(keyOf(row)) ?? [])
  )
}
const low = [...rows.values()].filter(failing)
console.log(`${rows.size} cells, ${low.length} worse than before or than Adam`)
if (low.length > 0) process.exitCode = 1
