/**
 * Writes docs/results/retrieval.md from the cells that grid.ts measured: `node bench/run.mjs
 * bench/margin/table.ts`. Nothing is computed here but ratios and sums; cells that were not measured are named as missing.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import type { Cell } from "./grid.ts"
import { dimensions, sigmoid } from "./reference.ts"

const at = process.argv.indexOf("--in")
const file = at < 0 ? "docs/results/retrieval-grid.jsonl" : process.argv[at + 1]
const cells = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Cell)
const cellOf = (n: number, d: number): Cell | undefined => cells.find((cell) => cell.n === n && cell.d === d)
const missing = Object.keys(sigmoid).flatMap((n) =>
  dimensions.filter((d) => cellOf(Number(n), d) === undefined).map((d) => `n ${n}, d ${d}`)
)
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim()
const rows = [...cells]
  .sort((x, y) => x.n - y.n || x.d - y.d)
  .map(({ cpuSeconds, d, global, n, reference, row, start, upperGlobal }) => {
    const ratio = reference > 0 ? (global / reference).toFixed(2) : "–"
    return `| ${n} | ${d} | ${global.toPrecision(4)} | ${reference} | ${ratio} | ${row.toPrecision(4)} | ${upperGlobal.toFixed(4)} | ${start} | ${cpuSeconds.toFixed(1)} |`
  })
mkdirSync("docs/results", { recursive: true })
writeFileSync(
  "docs/results/retrieval.md",
  [
    "# Margins of complete graphs, k = 2: the direct solver beside the published recipe",
    "",
    `Written ${new Date().toISOString().slice(0, 10)} at commit ${commit} by \`node bench/run.mjs bench/margin/grid.ts && node bench/run.mjs bench/margin/table.ts --in grid.jsonl\`.`,
    "",
    "Half gaps under one global threshold, float64, less their rounding bounds. Published: best sigmoid half gap of arXiv 2605.23556's code, 100,000 steps. The bound is proved (dimension-free or packing, the smaller); where the gap stays large it is the bound that does not see what low dimension costs.",
    "",
    `${cells.length} cells, ${cells.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0).toFixed(0)} s of CPU in all.${missing.length === 0 ? "" : ` Not measured: ${missing.join("; ")}.`}`,
    "",
    "| n | d | ours | published | ratio | ours, one threshold a query | proved bound | start | CPU s |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
    ""
  ].join("\n")
)
