/**
 * The 60 cells of the published table (complete graphs, k = 2, n = 20 … 240, d = 5, 15, 20, 25, 30), global threshold:
 * `node bench/run.mjs bench/margin/grid.ts [--time 60] [--n 20,40] [--dims 5] [--again] [--lower] [--out file.jsonl]`.
 *
 * One JSON line a cell in docs/results/retrieval-grid.jsonl, appended as it is done; cells that the file has are skipped,
 * or run again with --again (--lower: only those below the margin of before), where the better margin is kept. --time is
 * that of one cell, in wall seconds on all cores. Each dimension starts from the one before, zero-padded. Margins are
 * re-measured in float64 from the rows and reported less their rounding bound. Beside each is the margin that the search
 * before this one found (docs/results/retrieval-grid-before.jsonl): exits 1 if one in the file is lower.
 */
import { availableParallelism } from "node:os"
import type { BoundedBy } from "../../compute/margin/bound/upperBounds.ts"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import { completeGraph } from "../../compute/margin/graphs.ts"
import { margins } from "../../compute/margin/margins.ts"
import { solve } from "./ours.ts"
import { dimensions, sigmoid } from "./reference.ts"
import {
  appendLine,
  lines,
  now,
  numbers,
  option,
  pathOf,
  readLines,
  writeLines,
  type Measured
} from "./results.ts"

/** A line of retrieval-grid-before.jsonl. */
export interface EarlierCell {
  readonly n: number
  readonly d: number
  readonly global: number
  readonly upperGlobal: number
  readonly cpuSeconds: number
}

export interface Cell extends Measured {
  readonly n: number
  readonly d: number
  readonly global: number
  readonly zero: number
  readonly row: number
  readonly relativeBias: number
  readonly upperGlobal: number
  readonly boundedBy: BoundedBy
  readonly reference: number
  readonly before: EarlierCell
  readonly time: number
  readonly cores: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** Whether the margin fell: nothing that a rounding bound explains. */
const lower = ({ before, global }: Pick<Cell, "before" | "global">): boolean => global < before.global - 1e-13

const out = option("out") ?? pathOf("grid.jsonl")
const time = Number(option("time") ?? 60)
const sizes = numbers(option("n") ?? Object.keys(sigmoid).join(","))
const dims = numbers(option("dims") ?? dimensions.join(","))
const again = process.argv.includes("--again")
const cells = new Map(readLines<Cell>(out).map((cell) => [`${cell.n} ${cell.d}`, cell]))
const earlier = new Map(lines<EarlierCell>("grid-before.jsonl").map((cell) => [`${cell.n} ${cell.d}`, cell]))

const measure = async (
  n: number,
  d: number,
  warm: ReadonlyArray<EmbeddingPair>
): Promise<EmbeddingPair | undefined> => {
  const a = completeGraph(n, 2)
  const cpu = process.cpuUsage()
  const solved = await solve(a, { dim: d, time, thresholds: ["global"], warm })
  const spent = process.cpuUsage(cpu)
  const pair = solved.embeddings.global
  const found = solved.margins.global
  const before = earlier.get(`${n} ${d}`)
  if (pair === undefined || found === undefined || before === undefined)
    throw new RangeError(`n ${n} d ${d}: no margin, or none before.`)
  const measured = margins(a, pair.queries, pair.documents, d)
  const cell: Cell = {
    n,
    d,
    global: measured.global! - measured.roundingBound,
    zero: measured.zero - measured.roundingBound,
    row: measured.row! - measured.roundingBound,
    relativeBias: measured.relativeBias!,
    upperGlobal: found.bound,
    boundedBy: found.boundedBy,
    reference: sigmoid[n][dimensions.indexOf(d as 5)],
    before: {
      n,
      d,
      global: before.global,
      upperGlobal: before.upperGlobal,
      cpuSeconds: before.cpuSeconds
    },
    time,
    cores: availableParallelism(),
    cpuSeconds: (spent.user + spent.system) / 1e6,
    wallSeconds: solved.seconds,
    ...now()
  }
  const kept = cells.get(`${n} ${d}`)
  if (kept === undefined || cell.global > kept.global) {
    cells.set(`${n} ${d}`, cell)
    appendLine(out, cell)
  }
  console.log(
    `n ${n} d ${d}: ${cell.global.toPrecision(6)}, before ${before.global.toPrecision(6)}${lower(cell) ? " LOWER" : ""}, bound ${cell.upperGlobal.toFixed(4)} (${cell.boundedBy}), before ${before.upperGlobal.toFixed(4)}, ${cell.wallSeconds.toFixed(1)} s`
  )
  return pair
}

for (const n of sizes) {
  let warm: ReadonlyArray<EmbeddingPair> = []
  for (const d of dims) {
    const known = cells.get(`${n} ${d}`)
    const wanted = known === undefined || again || (process.argv.includes("--lower") && lower(known))
    if (!wanted) continue
    const pair = await measure(n, d, warm)
    if (pair !== undefined) warm = [pair]
  }
}
const all = [...cells.values()].sort((x, y) => x.n - y.n || x.d - y.d)
writeLines(out, all)
const fallen = all.filter(lower)
console.log(`${all.length} cells, ${fallen.length} lower than before`)
if (fallen.length > 0) process.exitCode = 1
