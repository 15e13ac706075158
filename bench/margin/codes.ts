/**
 * Whether the best known spherical codes are reached: `node bench/run.mjs bench/margin/codes.ts [--time 10] [--n 4-14]
 * [--dims 3] [--again] [--out file.jsonl]`.
 *
 * The global margin of complete:n,1 beside (1 − cosine) / 2 of the code (`knownCodes.ts`), with the bound and its gap.
 * Reached: that or more to within 1e-9. A margin above it is no better code: queries need not equal documents. --time is
 * that of one code, in wall seconds; --n and --dims choose codes. One JSON line a code in
 * docs/results/retrieval-codes.jsonl; those that the file has are skipped, or run anew with --again. Exits 1 if one that was
 * run is not reached.
 */
import type { BoundedBy } from "../../compute/margin/bound/upperBounds.ts"
import { sphericalCode } from "../../compute/margin/constructions/sphericalCodes.ts"
import { completeGraph } from "../../compute/margin/graphs.ts"
import { codeMargin, knownCodes } from "./knownCodes.ts"
import { solve } from "./ours.ts"
import { now, numbers, option, pathOf, readLines, writeLines, type Measured } from "./results.ts"

export interface CodeRow extends Measured {
  readonly n: number
  readonly dim: number
  readonly name: string
  readonly source: string
  readonly known: number
  /** Half gap, less its rounding bound. */
  readonly margin: number
  readonly reached: boolean
  /** Whether the search is handed the code itself, built from a formula. */
  readonly given: boolean
  readonly bound: number
  readonly boundedBy: BoundedBy
  readonly gap: number
  readonly time: number
  readonly seconds: number
}

const out = option("out") ?? pathOf("codes.jsonl")
const time = Number(option("time") ?? 10)
const sizes = option("n")
const dims = option("dims")
const chosen = knownCodes.filter(
  ({ dim, n }) =>
    (sizes === undefined || numbers(sizes).includes(n)) && (dims === undefined || numbers(dims).includes(dim))
)
const rows = new Map(readLines<CodeRow>(out).map((row) => [`${row.dim} ${row.n}`, row]))
let missed = false
for (const code of chosen) {
  const { dim, n } = code
  if (rows.has(`${dim} ${n}`) && !process.argv.includes("--again")) continue
  const { margins, seconds } = await solve(completeGraph(n, 1), { dim, time, thresholds: ["global"] })
  const found = margins.global
  if (found === undefined) throw new RangeError(`complete:${n},1 has no global margin.`)
  const known = codeMargin(code)
  const row: CodeRow = {
    n,
    dim,
    name: code.name,
    source: code.source,
    known,
    ...found,
    reached: found.margin >= known - 1e-9,
    given: Math.abs((sphericalCode(n, dim)?.threshold ?? 1) - code.cosine) < 1e-9,
    time,
    seconds,
    ...now()
  }
  missed ||= !row.reached
  rows.set(`${dim} ${n}`, row)
  writeLines(
    out,
    [...rows.values()].sort((x, y) => x.dim - y.dim || x.n - y.n)
  )
  console.log(
    `n ${n} d ${dim}: ${row.margin.toFixed(12)}, known ${known.toFixed(12)}, ${row.reached ? "reached" : "NOT reached"}${row.given ? " (given)" : ""}, bound ${row.bound.toFixed(6)}, gap ${(100 * row.gap).toFixed(2)} %, ${seconds.toFixed(1)} s`
  )
}
if (missed) process.exitCode = 1
