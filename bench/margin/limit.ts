/**
 * LIMIT-small's least dimension with perfect top-2 retrieval: `node bench/run.mjs bench/margin/limit.ts --limit folder
 * [--store dir]`. Runs the `limit` pipeline on the folder (cached cells are not run again), finds the least dimension
 * of its solver nodes with every query ranked right, exports those embeddings as npy and lets numpy count recall@2.
 * Writes docs/results/retrieval-limit.json.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { csvParse } from "d3-dsv"
import { now, option, pathOf, type Measured } from "./results.ts"

export interface LimitRow {
  readonly method: string
  readonly d: number
  /** Half gap with one threshold a query, and the bound on it. */
  readonly row: number
  readonly upperRow: number
  readonly rankedRight: number
}

export interface LimitResult extends Partial<Measured> {
  readonly rows: ReadonlyArray<LimitRow>
  readonly critical: ReadonlyArray<{
    readonly d: number
    readonly n: number | null
    readonly published: number
  }>
  readonly least: { readonly d: number; readonly queries: string; readonly documents: string }
  /** What numpy found in the exported embeddings of the least dimension. */
  readonly numpy: {
    readonly shape: ReadonlyArray<number>
    readonly dtype: string
    readonly recallAt2: number
  }
  readonly seconds: number
}

const folder = option("limit")
if (folder === undefined)
  throw new Error("usage: limit.ts --limit <folder with corpus, queries and qrels.jsonl>")
const store = option("store") ?? ".asterism"
const asterism = (...args: ReadonlyArray<string>): string =>
  execFileSync(
    process.execPath,
    [fileURLToPath(new URL("../../bin/asterism.mjs", import.meta.url)), ...args, "--store", store],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 2 ** 28 }
  )

const settings = [`limit.folder=${folder}`, "limit.critical=[4,5,10]"]
asterism("run", "limit", ...settings.flatMap((setting) => ["--set", setting]))
const { runs } = JSON.parse(asterism("runs", "--json")) as {
  readonly runs: ReadonlyArray<{ readonly id: string; readonly pipeline: string }>
}
const run = JSON.parse(
  asterism("show", runs.findLast(({ pipeline }) => pipeline === "limit")!.id, "--json")
) as {
  readonly seconds: number
  readonly nodes: {
    readonly [node: string]: { readonly outputs: { readonly [name: string]: { readonly digest: string } } }
  }
}
const scratch = mkdtempSync(join(tmpdir(), "limit-"))
const exported = (node: string, output: string, extension: string): string => {
  const file = join(scratch, `${node.replaceAll("/", "-")}-${output}.${extension}`)
  asterism("export", run.nodes[node].outputs[output].digest, "--to", file)
  return file
}
const table = (node: string, output: string) => csvParse(readFileSync(exported(node, output, "csv"), "utf8"))

const rows = table("margins", "margins")
  .filter(({ threshold }) => threshold === "row")
  .map(({ dims, margin, method, rankedRight, upperBound }) => ({
    method,
    d: Number(dims),
    row: Number(margin),
    upperRow: Number(upperBound),
    rankedRight: Number(rankedRight)
  }))
const solved = rows.filter(({ method, rankedRight }) => method.startsWith("solver") && rankedRight === 1)
const d = Math.min(...solved.map((row) => row.d))
const node = `solver/d${d}`
const points = table("critical-documents", "series")
const fit = points.filter(({ series }) => series === "published fit")
const python = execFileSync(
  "python3",
  [
    fileURLToPath(new URL("./limit.py", import.meta.url)),
    exported(node, "queries", "npy"),
    exported(node, "documents", "npy"),
    exported("relevance", "keys", "csv"),
    join(folder, "qrels.jsonl")
  ],
  { encoding: "utf8" }
)
const result: LimitResult = {
  rows,
  critical: points
    .filter(({ series }) => series === "critical n")
    .map(({ x, y }) => ({
      d: Number(x),
      n: y === "" ? null : Number(y),
      published: Number(fit.find((point) => point.x === x)!.y)
    })),
  least: {
    d,
    queries: run.nodes[node].outputs.queries.digest,
    documents: run.nodes[node].outputs.documents.digest
  },
  numpy: JSON.parse(python) as LimitResult["numpy"],
  seconds: run.seconds,
  ...now()
}
writeFileSync(pathOf("limit.json"), `${JSON.stringify(result, undefined, 1)}\n`)
console.log(JSON.stringify({ least: result.least, numpy: result.numpy, critical: result.critical }))
