/**
 * The 60 cells of the published table (complete graphs, k = 2, n = 20 … 240, d = 5, 15, 20, 25, 30) with the direct
 * solver, global threshold: `node bench/run.mjs bench/margin/grid.ts [--out file.jsonl] [--n 20,40]`.
 *
 * One JSON line a cell, appended as it is done; cells that the file already has are skipped. Each dimension starts from
 * the one before, zero-padded. Margins are re-measured in float64 from the stored rows and reported less their rounding
 * bound; CPU seconds are this process's own, of the solver alone: the dimension-free optimum that five cells share
 * takes less than a second (bounds.ts).
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import { dimensionFree } from "../../compute/margin/bound/dimensionFree.ts"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import { completeGraph } from "../../compute/margin/graphs.ts"
import { margins } from "../../compute/margin/margins.ts"
import { packingBounds } from "../../compute/margin/packing.ts"
import { solveDimension } from "../../compute/margin/solve/solveDimension.ts"
import { dimensions, sigmoid } from "./reference.ts"
import { option } from "./results.ts"

export interface Cell {
  readonly n: number
  readonly d: number
  readonly global: number
  readonly zero: number
  readonly row: number
  readonly relativeBias: number
  readonly upperGlobal: number
  readonly reference: number
  readonly start: string
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

const out = option("out") ?? "docs/results/retrieval-grid.jsonl"
const sizes = option("n")?.split(",").map(Number) ?? Object.keys(sigmoid).map(Number)
const done = new Set(
  existsSync(out)
    ? readFileSync(out, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Cell)
        .map(({ n, d }) => `${n} ${d}`)
    : []
)

for (const n of sizes) {
  const a = completeGraph(n, 2)
  const free = dimensionFree(a, "global")
  const warm: Array<EmbeddingPair> = []
  for (const [at, d] of dimensions.entries()) {
    if (done.has(`${n} ${d}`)) continue
    const wall = performance.now()
    const cpu = process.cpuUsage()
    const solved = await solveDimension(a, "global", {
      dims: d,
      seed: `grid ${n} ${d}`,
      ...(free.embeddings === undefined ? {} : { dimensionFree: free.embeddings }),
      warm
    })
    const spent = process.cpuUsage(cpu)
    warm.splice(0, warm.length, solved)
    const measured = margins(a, solved.queries, solved.documents, d)
    const cell: Cell = {
      n,
      d,
      global: measured.global! - measured.roundingBound,
      zero: measured.zero - measured.roundingBound,
      row: measured.row! - measured.roundingBound,
      relativeBias: measured.relativeBias!,
      upperGlobal: Math.min(free.upper!, packingBounds(a, d).shared),
      reference: sigmoid[n][at],
      start: solved.start,
      cpuSeconds: (spent.user + spent.system) / 1e6,
      wallSeconds: (performance.now() - wall) / 1000
    }
    appendFileSync(out, `${JSON.stringify(cell)}\n`)
    console.log(
      `n ${n} d ${d}: ${cell.global.toPrecision(5)} (reference ${cell.reference}, ratio ${(cell.global / cell.reference).toFixed(2)}), bound ${cell.upperGlobal.toFixed(4)}, ${cell.cpuSeconds.toFixed(1)} s CPU, from ${cell.start}`
    )
  }
}
