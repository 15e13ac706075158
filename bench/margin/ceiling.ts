/**
 * The two-point ceilings of complete graphs: `node bench/run.mjs bench/margin/ceiling.ts [--out file.jsonl]`.
 *
 * For each matrix, dimension and threshold the dimension-free bound, the certified ceiling from the blocks alone and with
 * query pairs coupled to document pairs, and what a prototype (HiGHS, 40 cells a side taken at their most favourable
 * corner, not certified) gave. One JSON line a cell, appended; cells that the file has are skipped.
 */
import { completeCeiling } from "../../compute/margin/bound/ceiling/completeCeiling.ts"
import { verifyCeiling } from "../../compute/margin/bound/ceiling/ceiling.ts"
import { completeGraph } from "../../compute/margin/graphs.ts"
import { appendLine, now, option, readLines, type Measured } from "./results.ts"

/** n, k, d, threshold, degrees, the prototype's blocks alone and coupled. */
const cells: ReadonlyArray<
  readonly [number, number, number, "zero" | "global", number, number | null, number | null]
> = [
  [6, 1, 4, "zero", 10, 0.4286, null],
  [8, 1, 4, "zero", 10, 0.3675, 0.32],
  [12, 1, 4, "zero", 12, 0.304, 0.253],
  [12, 1, 5, "zero", 10, 0.3582, null],
  [12, 1, 8, "zero", 8, 0.375, 0.367],
  [24, 1, 4, "zero", 12, 0.2328, 0.195],
  [24, 1, 2, "zero", 16, 0.0761, null],
  [10, 2, 4, "zero", 14, 0.2539, 0.23],
  [12, 2, 2, "zero", 16, 0.0583, null],
  [24, 2, 5, "zero", 14, 0.2025, null],
  [20, 2, 5, "zero", 20, 0.2128, 0.2],
  [12, 1, 3, "global", 10, 0.3125, 0.295],
  [24, 1, 4, "global", 10, 0.3238, 0.3094],
  [10, 2, 4, "global", 10, 0.3164, 0.305],
  [20, 2, 5, "global", 10, 0.273, 0.2625],
  [24, 2, 5, "global", 10, 0.2625, null]
]

export interface CeilingRow extends Measured {
  readonly matrix: string
  readonly dim: number
  readonly threshold: string
  readonly degrees: number
  readonly dimensionFree: number
  readonly blocks: number | null
  readonly coupled: number | null
  readonly prototypeBlocks: number | null
  readonly prototypeCoupled: number | null
  /** Both certificates verified from themselves alone. */
  readonly certified: boolean
  readonly secondsBlocks: number
  readonly secondsCoupled: number
}

const out = option("out") ?? "docs/results/retrieval-ceiling.jsonl"
const nameOf = (row: Pick<CeilingRow, "matrix" | "dim" | "threshold">): string =>
  `${row.matrix} ${row.dim} ${row.threshold}`
const done = new Set(readLines<CeilingRow>(out).map(nameOf))

for (const [n, k, dim, threshold, degrees, prototypeBlocks, prototypeCoupled] of cells) {
  const matrix = `complete:${n},${k}`
  if (done.has(nameOf({ matrix, dim, threshold }))) continue
  const root = 2 * Math.sqrt(k * (n - k) * (n - 1))
  // arXiv 2605.23556: the closed forms for complete graphs.
  const dimensionFree = threshold === "zero" ? n / (root + n - 2 * k) : n / root
  const a = completeGraph(n, k)
  const measure = (coupled: boolean): { value: number | null; certified: boolean; seconds: number } => {
    const started = performance.now()
    const found = completeCeiling(n, k, dim, threshold, { below: dimensionFree, coupled, degrees })
    const seconds = (performance.now() - started) / 1000
    if (found === undefined) return { value: null, certified: true, seconds }
    return { value: found.upper, certified: verifyCeiling(a, found.certificate) === found.upper, seconds }
  }
  const blocks = measure(false)
  const coupled = measure(true)
  const row: CeilingRow = {
    matrix,
    dim,
    threshold,
    degrees,
    dimensionFree,
    blocks: blocks.value,
    coupled: coupled.value,
    prototypeBlocks,
    prototypeCoupled,
    certified: blocks.certified && coupled.certified,
    secondsBlocks: blocks.seconds,
    secondsCoupled: coupled.seconds,
    ...now()
  }
  appendLine(out, row)
  console.log(JSON.stringify(row))
}
