/** Sections of docs/results/retrieval.md on the search, each made from one file that a bench wrote; undefined where none. */
import { table } from "../markdown.ts"
import type { CodeRow } from "./codes.ts"
import type { ComparedRow } from "./compare.ts"
import type { Cell } from "./grid.ts"
import { compared, latest, summary, type PortfolioRow } from "./portfolioRows.ts"
import { dimensions, sigmoid } from "./reference.ts"
import { lines, provenance } from "./results.ts"
import type { Section } from "./sections.ts"

const short = (x: number): string => (Math.abs(x) < 1e-3 && x !== 0 ? x.toExponential(2) : x.toPrecision(4))
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`
const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)
const several = (values: ReadonlyArray<number | string>): string => [...new Set(values)].join(", ")

export const portfolio = (): Section => {
  const rows = latest(lines<PortfolioRow>("portfolio.jsonl"))
  const both = compared(rows)
  if (both.length === 0) return undefined
  return [
    "## The search beside a plain soft-min Adam",
    "",
    `\`asterism margin --time ${several(both.map(({ ours }) => ours.time))}s\` and \`adam.py\` (soft minimum, sharpness 4 or 10 to 3,000, restarts side by side; two processes of one thread, ${several(both.map(({ adam }) => adam.numpy))}) at the same wall time on two cores: ${several(both.map(({ adam }) => adam.time))} s for the three thresholds of a cell together. Cells: complete:n,k in d = 2 … 2k + 2, and 40 random qrels (\`matrices.ts\`) in d = 2 … 6. Better and worse: by more than .5 %, or 1e-7 where a margin is at most 0. Ours is less its rounding bound. \`portfolio.ts\`; every cell is in [retrieval-portfolio.jsonl](retrieval-portfolio.jsonl). ${provenance(
      both.map(({ ours }) => ours),
      "portfolio.jsonl"
    )}`,
    "",
    ...summary(rows, 40)
  ]
}

export const codes = (): Section => {
  const rows = lines<CodeRow>("codes.jsonl")
  if (rows.length === 0) return undefined
  const reached = rows.filter((row) => row.reached).length
  return [
    "## Spherical codes",
    "",
    `The global margin of complete:n,1 beside (1 − cosine) / 2 of the best known spherical code: ${reached} of ${rows.length} reached to within 1e-9. Given: the search is handed the code, built from a formula. The bound holds for margins, where queries need not equal documents: its gap says nothing of the codes. \`codes.ts\`. ${provenance(rows, "codes.jsonl")}`,
    "",
    ...table(
      [
        "d",
        "n",
        "code",
        "source",
        "(1 − cosine) / 2",
        "ours",
        "reached",
        "given",
        "proved bound",
        "bounded by",
        "gap",
        "s"
      ],
      rows.map((row) => [
        row.dim,
        row.n,
        row.name === "" ? null : row.name,
        row.source,
        row.known.toFixed(12),
        row.margin.toFixed(12),
        row.reached ? "yes" : "no",
        row.given ? "yes" : "no",
        row.bound.toFixed(6),
        row.boundedBy,
        percent(row.gap),
        row.seconds.toFixed(1)
      ])
    )
  ]
}

export const grid = (): Section => {
  const cells = [...lines<Cell>("grid.jsonl")].sort((x, y) => x.n - y.n || x.d - y.d)
  if (cells.length === 0) return undefined
  const missing = Object.keys(sigmoid).flatMap((n) =>
    dimensions
      .filter((d) => !cells.some((cell) => cell.n === Number(n) && cell.d === d))
      .map((d) => `n ${n}, d ${d}`)
  )
  const ratios = cells.filter(({ reference }) => reference > 0)
  const large = ratios.filter(({ d, n }) => n >= 100 && d >= 15)
  const least = (of: ReadonlyArray<Cell>): string =>
    of.length === 0 ? "–" : Math.min(...of.map(({ global, reference }) => global / reference)).toFixed(2)
  const lower = cells.filter(({ before, global }) => global < before.global - 1e-13).length
  const higher = cells.filter(({ before, global }) => global > 1.005 * before.global).length
  const nearer = cells.filter(({ before, upperGlobal }) => upperGlobal < before.upperGlobal - 1e-6).length
  return [
    "## The search beside the published recipe, and beside the search before",
    "",
    "Complete graphs, k = 2. Half gaps under one global threshold, float64, less their rounding bounds. Published: best sigmoid half gap of arXiv 2605.23556's code, 100,000 steps (its tables' numbers, not run here; it fixes b = 0, which at n = 20, d = 20 costs a quarter of the half gap: see the run with b trained below). Before: the search and bounds of 25 November, in retrieval-grid-before.jsonl; it used one core. Bounds are proved. `grid.ts`. " +
      provenance(cells, "grid.jsonl"),
    "",
    `${cells.length} cells, ${sum(cells.map(({ wallSeconds }) => wallSeconds)).toFixed(0)} s in all on ${several(cells.map(({ cores }) => cores))} cores (before: ${sum(cells.map(({ before }) => before.cpuSeconds)).toFixed(0)} s on one). ${lower === 0 ? "No margin is" : `${lower} margins are`} lower than before, ${higher} are higher by more than .5 %; ${nearer} bounds are lower. The least ratio to the published margin is ${least(ratios)}, with n ≥ 100 and d ≥ 15 ${least(large)}; ${cells.filter(({ d, global }) => d === 5 && global > 0).length} of ${cells.filter(({ d }) => d === 5).length} margins at d = 5 are positive beyond their rounding bound.${missing.length === 0 ? "" : ` Not measured: ${missing.join("; ")}.`}`,
    "",
    ...table(
      [
        "n",
        "d",
        "ours",
        "before",
        "published",
        "ratio",
        "ours, a threshold a query",
        "proved bound",
        "before",
        "bounded by",
        "gap",
        "before",
        "s",
        "before, CPU s"
      ],
      cells.map((cell) => [
        cell.n,
        cell.d,
        short(cell.global),
        short(cell.before.global),
        cell.reference,
        cell.reference > 0 ? (cell.global / cell.reference).toFixed(2) : null,
        short(cell.row),
        cell.upperGlobal.toFixed(4),
        cell.before.upperGlobal.toFixed(4),
        cell.boundedBy,
        percent(1 - cell.global / cell.upperGlobal),
        percent(1 - cell.before.global / cell.before.upperGlobal),
        cell.wallSeconds.toFixed(1),
        cell.before.cpuSeconds.toFixed(1)
      ])
    )
  ]
}

export const comparison = (): Section => {
  const rows = lines<ComparedRow>("compare.jsonl")
  if (rows.length === 0) return undefined
  return [
    "## Small dimensions, before and now",
    "",
    `Cells where a plain Adam once did better than the search at commit ${several(rows.map(({ before }) => before.commit))} (its margin beside, rounded down), with the same matrices' other thresholds. complete:12,1 is the 12 × 12 identity; sparse25x15 and mix5 are random qrels kept in \`matrices.ts\`. A margin of 0 is that of queries orthogonal to all documents. \`compare.ts\`. ${provenance(rows, "compare.jsonl")}`,
    "",
    ...table(
      [
        "matrix",
        "d",
        "threshold",
        "before",
        "Adam",
        "now",
        "bound before",
        "bound now",
        "bounded by",
        "gap before",
        "gap now",
        "s before",
        "s now"
      ],
      rows.map((row) => [
        row.matrix,
        row.dim,
        row.threshold,
        short(row.before.margin),
        row.adam,
        short(row.margin),
        row.before.bound.toFixed(4),
        row.bound.toFixed(4),
        row.boundedBy,
        percent(1 - row.before.margin / row.before.bound),
        percent(row.gap),
        row.before.seconds.toFixed(1),
        row.seconds.toFixed(1)
      ])
    )
  ]
}
