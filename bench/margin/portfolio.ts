/**
 * Our search beside a plain soft-min Adam (`adam.py`) at equal wall time on two cores, cell by cell:
 *
 *     node bench/run.mjs bench/margin/portfolio.ts --time 6 [--n 6-40] [--k 1,2,3] [--dims 2,3] [--qrels]
 *
 * --n, --k: complete:n,k; --dims: which d (default 2 … 2k + 2 each, 2 … 6 for qrels); --qrels: the 40 random qrels of
 * `matrices.ts` in place of complete graphs; --matrices: these names, separated by spaces, in place of both.
 * --time: wall seconds for all thresholds together, as in `asterism margin --time`; the baseline's two processes have the
 * same wall time, an equal part a threshold. --thresholds: default zero,global,row.
 * --only-ours, --only-baseline: one side; --again: also where the file has it; --worse: only cells that are worse, again.
 * --out: default docs/results/retrieval-portfolio.jsonl. One JSON line a cell and threshold, appended as it is done, and
 * written in order at the end; cells that the file has are skipped. --summary: prints what the file says and runs nothing.
 */
import type { Threshold } from "../../compute/margin/Relevance.ts"
import { baseline } from "./baseline.ts"
import { matrix, QRELS } from "./matrices.ts"
import { solve } from "./ours.ts"
import { keyOf, latest, summary, withPart, type PortfolioRow } from "./portfolioRows.ts"
import { appendLine, now, numbers, option, pathOf, readLines, writeLines } from "./results.ts"

const has = (name: string): boolean => process.argv.includes(`--${name}`)
const out = option("out") ?? pathOf("portfolio.jsonl")
const time = Number(option("time") ?? 6)
const thresholds = (option("thresholds") ?? "zero,global,row").split(",") as ReadonlyArray<Threshold>
const rows = new Map(latest(readLines<PortfolioRow>(out)).map((row) => [keyOf(row), row]))

interface Cell {
  readonly name: string
  readonly dim: number
}

/** Every matrix with its default dimensions, those of small matrices first. */
const cells = (): ReadonlyArray<Cell> => {
  const dims = option("dims")
  const of = (name: string, most: number): ReadonlyArray<Cell> =>
    numbers(dims ?? `2-${most}`).map((dim) => ({ name, dim }))
  const named = option("matrices")
  if (named !== undefined)
    return named
      .split(" ")
      .flatMap((name) => of(name, 2 * Number(/^complete:\d+,(\d+)$/.exec(name)?.[1] ?? 2) + 2))
  if (has("qrels"))
    return Array.from({ length: QRELS }, (_, i) => `qrels:${i}`).flatMap((name) => of(name, 6))
  return numbers(option("k") ?? "1-3").flatMap((k) =>
    numbers(option("n") ?? "6-40").flatMap((n) => of(`complete:${n},${k}`, 2 * k + 2))
  )
}

const measure = async ({ dim, name }: Cell): Promise<void> => {
  const a = matrix(name)
  const known = (threshold: Threshold): PortfolioRow =>
    rows.get(keyOf({ matrix: name, dim, threshold })) ?? {
      matrix: name,
      rows: a.rows,
      columns: a.columns,
      dim,
      threshold
    }
  const wanted = thresholds.filter((threshold) => !has("worse") || known(threshold).verdict === "worse")
  const needs = (part: "ours" | "adam"): boolean =>
    wanted.some((threshold) => has("again") || has("worse") || known(threshold)[part] === undefined)
  const keep = (threshold: Threshold, part: Parameters<typeof withPart>[1]): void => {
    const row = withPart(known(threshold), part)
    rows.set(keyOf(row), row)
  }
  const ours = !has("only-baseline") && needs("ours")
  const adam = !has("only-ours") && needs("adam")
  if (!ours && !adam) return
  if (ours) {
    const { margins, seconds } = await solve(a, { dim, time, thresholds })
    for (const threshold of thresholds) {
      const found = margins[threshold]
      if (found !== undefined) keep(threshold, { ours: { ...found, time, seconds, ...now() } })
    }
  }
  if (adam) {
    const { margins, numpy } = await baseline(a, { dim, seconds: time, thresholds })
    for (const threshold of thresholds) {
      const found = margins[threshold]
      if (found !== undefined) keep(threshold, { adam: { ...found, time, numpy, ...now() } })
    }
  }
  for (const threshold of thresholds) {
    const row = rows.get(keyOf({ matrix: name, dim, threshold }))
    if (row === undefined) continue
    appendLine(out, row)
    console.log(
      `${keyOf(row)}: ${row.ours?.margin.toPrecision(6) ?? "–"}, Adam ${row.adam?.margin.toPrecision(6) ?? "–"}, bound ${row.ours?.bound.toFixed(4) ?? "–"}, ${row.ours?.seconds.toFixed(1) ?? "–"} s ${row.verdict ?? ""}`
    )
  }
}

if (!has("summary")) {
  for (const cell of cells()) await measure(cell)
  writeLines(out, latest([...rows.values()]))
}
console.log(summary([...rows.values()]).join("\n"))
