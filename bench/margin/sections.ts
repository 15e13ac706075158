/**
 * Sections of docs/results/retrieval.md on recipes, bounds and large or real matrices, each made from one file that a bench
 * wrote; undefined where there is none. `searchSections.ts` has those on the search.
 */
import type { BoundRow } from "./bounds.ts"
import type { TimedCell } from "./index.ts"
import type { LargeResult } from "./large.ts"
import type { LimitResult } from "./limit.ts"
import type { RecipeCell } from "./recipe.ts"
import { json, lines, provenance, type Measured } from "./results.ts"
import { table } from "../markdown.ts"

export type Section = ReadonlyArray<string> | undefined

const short = (x: number): string => x.toPrecision(4)

export const time = (): Section => {
  const measured = json<Partial<Measured> & { readonly rows: ReadonlyArray<TimedCell> }>("time.json")
  const cells = measured?.rows
  return (
    cells && [
      "## Time beside the published recipe",
      "",
      "Each on this machine, in turn. The recipe's time is that of 200 measured PyTorch steps times its 100,000. `npm run bench:margin -- --json > docs/results/retrieval-time.json`. " +
        provenance([measured], "time.json"),
      "",
      ...table(
        ["n", "d", "ours", "published", "ours, s", "recipe, s", "ratio"],
        cells.map(({ d, margin, n, published, ratio, recipeSeconds, seconds }) => [
          n,
          d,
          short(margin),
          published,
          seconds.toFixed(1),
          recipeSeconds?.toFixed(0) ?? null,
          ratio?.toFixed(0) ?? null
        ])
      )
    ]
  )
}

export const recipes = (): Section => {
  const cells = lines<RecipeCell>("recipe.jsonl")
  if (cells.length === 0) return undefined
  return [
    "## The published recipes, run by our stages",
    "",
    "Complete graphs, k = 2, 100,000 steps in float32 on onnx, seed 0 of our own stream. `best` is the greatest global half gap of 100 evaluations (what the paper's tables report), `latest` that after the last step; zero and row margin are those of the best. The cells are those that the paper's claims turn on and two cores can train: the sigmoid's margin at n = 20 and 100, the least d with a positive margin for either loss, InfoNCE's negative global margin where its row margin ranks every query right. n = 240 would take hours a cell here, as the table above says; seconds are those of a machine with other work. `recipe.ts`. " +
      provenance(cells, "recipe.jsonl"),
    "",
    ...table(
      ["loss", "n", "d", "bias", "best", "published", "latest", "zero", "row", "ranked right", "t or T", "s"],
      cells.map((cell) => [
        cell.loss,
        cell.n,
        cell.d,
        cell.loss === "infonce" ? null : cell.trainBias ? "trained" : "0",
        short(cell.global),
        cell.published,
        short(cell.latest),
        short(cell.zero),
        short(cell.row),
        `${(cell.rankedRight * 100).toFixed(1)} %`,
        short(cell.temperature),
        cell.seconds.toFixed(0)
      ])
    )
  ]
}

export const bounds = (): Section => {
  const rows = lines<BoundRow>("bounds.jsonl")
  if (rows.length === 0) return undefined
  return [
    "## Dimension-free margins and their certificates",
    "",
    "Lower: the margin of an embedding. Upper: proved by weights, checked in float64 without the solver. `bounds.ts`. " +
      provenance(rows, "bounds.jsonl"),
    "",
    ...table(
      ["matrix", "rows", "columns", "threshold", "lower", "upper", "gap", "s"],
      rows.map(({ columns, gap, lower, matrix, rows: count, seconds, threshold, upper }) => [
        matrix,
        count,
        columns,
        threshold,
        lower.toFixed(6),
        upper.toFixed(6),
        `${(gap * 100).toPrecision(2)} %`,
        seconds.toFixed(2)
      ])
    )
  ]
}

export const limit = (): Section => {
  const result = json<LimitResult>("limit.json")
  if (result === undefined) return undefined
  const { critical, least, numpy, rows } = result
  return [
    "## LIMIT-small",
    "",
    `The \`limit\` pipeline on the published qrels (1,000 × 46, k = 2). The least dimension with perfect top-2 retrieval that the solver found is **${least.d}**: its embeddings are artifacts ${least.queries.slice(0, 12)} and ${least.documents.slice(0, 12)} of the run; exported as npy, numpy counts recall@2 = ${numpy.recallAt2} in them (${numpy.shape.join(" × ")}, ${numpy.dtype}). \`limit.ts\`. ${provenance([result], "limit.json")}`,
    "",
    ...table(
      ["method", "d", "row margin", "proved bound", "queries ranked right"],
      rows.map(({ d, method, rankedRight, row, upperRow }) => [
        method,
        d,
        short(row),
        short(upperRow),
        `${(rankedRight * 100).toFixed(1)} %`
      ])
    ),
    "",
    "Critical n: the largest n up to which InfoNCE at T = 0.1 ranked every query of the complete graph right, beside the fit of arXiv 2508.21038.",
    "",
    ...table(
      ["d", "critical n", "published fit"],
      critical.map(({ d, n, published }) => [d, n, published.toFixed(1)])
    )
  ]
}

export const large = (): Section => {
  const result = json<LargeResult>("large.json")
  if (result === undefined) return undefined
  const { cpuSeconds, matrix, peakMebibytes, record } = result
  return [
    "## k = 3, n = 120",
    "",
    `\`asterism margin ${matrix} --dim ${record.dim}\` (${record.rows.toLocaleString("en")} × ${record.cols}): margin ${short(record.margin)}, global ${short(record.marginShifted!)}, row ${short(record.marginRow!)}; proved bounds ${short(record.upperBound)}, ${short(record.upperBoundShifted!)}, ${short(record.upperBoundRow!)}. Peak resident memory ${peakMebibytes.toFixed(0)} MiB, ${record.seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of CPU.${record.marginShifted! < 1e-6 ? " The margins are the moment curve's: the time given was over before an annealing was; a longer --time goes further." : ""} \`large.ts\`. ${provenance([result], "large.json")}`
  ]
}
