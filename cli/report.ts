/**
 * Makes a run's report: gathers the run file, the figures and the tables from the store, and writes one HTML file. The
 * page is cached by what it shows, so that a run that did nothing does not draw it again.
 */
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus, hostname, totalmem } from "node:os"
import { join } from "node:path"
import { Store } from "../artifacts/Store.ts"
import { Code } from "../engine/fingerprint/Code.ts"
import type { RunFile, RunNode } from "../engine/run/RunFile.ts"
import { commandLine } from "../engine/run/nextStep.ts"
import { loadRun } from "../engine/run/runs.ts"
import type { ReportInput, ReportNode, ReportTable } from "../report/input.ts"
import type { FigureValue } from "../schemas/Figure.ts"
import { Figure } from "../schemas/Figure.ts"
import { bytes } from "./output.ts"
import * as Kind from "../schemas/Kind.ts"
import type { ColumnType, Columns } from "../schemas/Table.ts"

/** Rows of one table that the page carries; the rest stays in the store and the page says so. */
const mostRows = 20_000

const statusOf = ({ accepted, status }: RunNode): ReportNode["status"] => {
  if (accepted !== undefined) return "accepted"
  switch (status) {
    case "ran":
    case "cached":
    case "resumed":
    case "failed":
      return status
    case "cut-off":
      return "cached"
    default:
      return "skipped"
  }
}

const outputsOf = Effect.fnUntraced(function* (node: RunNode) {
  const store = yield* Store
  const outputs: { [output: string]: ReportNode["outputs"][string] } = {}
  for (const [output, { kind, digest }] of Object.entries(node.outputs ?? {})) {
    const manifest = yield* store.manifest(digest)
    outputs[output] = { kind, digest, rows: manifest.rows, dims: manifest.dims }
  }
  return outputs
})

const tableOf = Effect.fnUntraced(function* (node: string, output: string, digest: string) {
  const store = yield* Store
  const manifest = yield* store.manifest(digest)
  const columns = manifest.layout as Columns
  const reader = yield* store.open(Kind.table(manifest.kind, { description: "", columns }), digest)
  const { rows } = yield* reader.read
  const names = Object.keys(columns)
  return {
    node,
    output,
    kind: manifest.kind,
    columns: names.map((name) => ({ name, type: columns[name] as ColumnType })),
    rows: rows.slice(0, mostRows).map((row) => names.map((name) => row[name] ?? null)),
    total: rows.length,
    digest
  } satisfies ReportTable
})

/** Kinds whose rows are data sets, not results: named in the page, not carried by it. */
const dataKinds = new Set(["Corpus", "Frequencies"])

const gather = Effect.fn("report.gather")(function* (file: RunFile) {
  const store = yield* Store
  const nodes: Array<ReportNode> = []
  const figures: Array<{ readonly node: string; readonly figure: FigureValue }> = []
  const tables: Array<ReportTable> = []
  for (const [name, node] of Object.entries(file.nodes)) {
    const outputs = yield* outputsOf(node)
    nodes.push({
      name,
      stage: node.stage,
      description: node.description,
      status: statusOf(node),
      seconds: node.seconds ?? 0,
      fingerprint: node.fingerprint ?? "",
      params: node.params,
      inputs: node.inputs,
      outputs,
      ...(node.accepted === undefined ? {} : { accepted: node.accepted })
    })
    for (const [output, { kind, digest }] of Object.entries(outputs)) {
      if (kind === Figure.name) {
        const reader = yield* store.open(Figure, digest)
        figures.push({ node: name, figure: yield* reader.read })
      } else if ((yield* store.manifest(digest)).format === "table" && !dataKinds.has(kind)) {
        tables.push(yield* tableOf(name, output, digest))
      }
    }
  }
  return {
    pipeline: file.pipeline,
    description: file.description,
    run: {
      id: file.id,
      started: file.started,
      seconds: file.seconds ?? 0,
      seed: file.seed,
      command: commandLine(file.command),
      versions: file.versions,
      host: {
        name: hostname(),
        platform: `${process.platform} ${process.arch}`,
        cores: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
        memory: bytes(totalmem())
      }
    },
    nodes,
    figures,
    tables
  } satisfies ReportInput
})

/** What the page shows, apart from the run's own id and times, and the code that draws it. */
const contentKey = (file: RunFile, code: string): string =>
  createHash("sha256")
    .update(
      JSON.stringify([
        code,
        file.pipeline,
        file.seed,
        Object.entries(file.nodes).map(([name, node]) => [
          name,
          node.fingerprint,
          node.outputs,
          node.accepted
        ])
      ])
    )
    .digest("hex")

/** Writes the file beside its final name first, so that nobody opens half a page. */
const writeWhole = (path: string, text: string): void => {
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, text)
  renameSync(temporary, path)
}

const place = (from: string, to: string): void => {
  rmSync(to, { force: true })
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

/**
 * The report of a run; its path. With `onlyIfFigures`, nothing where the run has no figure; otherwise a page is always
 * written. A page for the same content is reused.
 */
export const reportOf = Effect.fn("reportOf")(function* (
  id: string,
  options: { readonly onlyIfFigures: boolean; readonly redraw?: boolean }
) {
  const { file, directory } = yield* loadRun(id)
  const hasFigure = Object.values(file.nodes).some((node) =>
    Object.values(node.outputs ?? {}).some((output) => output.kind === Figure.name)
  )
  if (options.onlyIfFigures && !hasFigure) return undefined
  const store = yield* Store
  const code = yield* (yield* Code).closure(new URL("../report/render.ts", import.meta.url).href)
  const target = join(directory, "report.html")
  const cached = join(store.root, "reports", `${contentKey(file, code.hash)}.html`)
  if (options.redraw === true || !existsSync(cached)) {
    const input = yield* gather(file)
    const { renderReport } = yield* Effect.promise(() => import("../report/render.ts"))
    mkdirSync(join(store.root, "reports"), { recursive: true })
    writeWhole(cached, renderReport(input))
  }
  place(cached, target)
  return target
})
