/**
 * Makes a run's report: gathers the run file, the figures and the tables from the store, and writes one HTML file, the run's
 * own. What it shows of the outputs is drawn once and kept by what it shows, so that a run that did nothing draws no
 * figure again.
 */
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { errnoOf, unwritable } from "../artifacts/failures.ts"
import { Store } from "../artifacts/Store.ts"
import { temporaryPath } from "../artifacts/store/durable.ts"
import { layoutOf } from "../artifacts/store/layout.ts"
import { Code } from "../engine/fingerprint/Code.ts"
import type { RunFile, RunNode } from "../engine/run/RunFile.ts"
import { commandLine } from "../engine/run/nextStep.ts"
import { loadRun } from "../engine/run/runs.ts"
import type { ReportContent, ReportNode, ReportRun, ReportTable } from "../report/input.ts"
import type { Content } from "../report/render.ts"
import { InputError } from "../schemas/errors.ts"
import type { FigureValue } from "../schemas/Figure.ts"
import { Figure } from "../schemas/Figure.ts"
import * as Kind from "../schemas/Kind.ts"
import type { ColumnType, Columns } from "../schemas/Table.ts"
import { writeWhole } from "./wholeFile.ts"

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

const gatherContent = Effect.fn("report.gatherContent")(function* (file: RunFile) {
  const store = yield* Store
  const figures: Array<{ readonly node: string; readonly figure: FigureValue }> = []
  const tables: Array<ReportTable> = []
  for (const [name, node] of Object.entries(file.nodes)) {
    for (const [output, { kind, digest }] of Object.entries(node.outputs ?? {})) {
      if (kind === Figure.name) {
        const reader = yield* store.open(Figure, digest)
        figures.push({ node: name, figure: yield* reader.read })
      } else if ((yield* store.manifest(digest)).format === "table" && !dataKinds.has(kind)) {
        tables.push(yield* tableOf(name, output, digest))
      }
    }
  }
  return { pipeline: file.pipeline, figures, tables } satisfies ReportContent
})

const gatherRun = Effect.fn("report.gatherRun")(function* (file: RunFile) {
  const nodes: Array<ReportNode> = []
  for (const [name, node] of Object.entries(file.nodes)) {
    nodes.push({
      name,
      stage: node.stage,
      description: node.description,
      status: statusOf(node),
      seconds: node.seconds ?? 0,
      fingerprint: node.fingerprint ?? "",
      params: node.params,
      inputs: node.inputs,
      outputs: yield* outputsOf(node),
      ...(node.accepted === undefined ? {} : { accepted: node.accepted })
    })
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
      // The run's, as it was recorded: the machine that draws the page may be another one.
      host: { name: file.process.host, ...file.machine }
    },
    nodes
  } satisfies ReportRun
})

/** What the content of the page depends on: the outputs, and the code that draws them. */
const contentKey = (file: RunFile, code: string): string =>
  createHash("sha256")
    .update(
      JSON.stringify([
        code,
        file.pipeline,
        Object.entries(file.nodes).map(([name, node]) => [name, node.outputs])
      ])
    )
    .digest("hex")

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/** Content drawn before, if every byte of it is still there: a line with its hash, then JSON. */
const readContent = (path: string): Content | undefined => {
  try {
    const text = readFileSync(path, "utf8")
    return text.slice(0, 64) === sha256(text.slice(65)) ? (JSON.parse(text.slice(65)) as Content) : undefined
  } catch {
    return undefined
  }
}

/** Drawn content is kept only to save time: where it cannot be, the page is made all the same. */
const keepContent = (root: string, path: string, content: Content): void => {
  const text = JSON.stringify(content)
  try {
    mkdirSync(join(root, "reports"), { recursive: true })
    writeWhole(path, `${sha256(text)}\n${text}`, temporaryPath(layoutOf(root).tmp))
  } catch {
    // A full or read-only disk is told when the page itself is written.
  }
}

const contentOf = Effect.fnUntraced(function* (file: RunFile, redraw: boolean) {
  const { root } = yield* Store
  const code = yield* (yield* Code).closure(new URL("../report/render.ts", import.meta.url).href)
  const cached = join(root, "reports", `${contentKey(file, code.hash)}.json`)
  const known = redraw ? undefined : readContent(cached)
  if (known !== undefined) return known
  const { renderContent } = yield* Effect.promise(() => import("../report/render.ts"))
  const content = renderContent(yield* gatherContent(file))
  keepContent(root, cached, content)
  return content
})

/** Writes a page to the file that the user named. */
const writeFor = (path: string, html: string): Effect.Effect<void, InputError> =>
  Effect.try({
    try: () => writeWhole(path, html),
    catch: (error) => {
      const full = ["ENOSPC", "EDQUOT"].includes(errnoOf(error) ?? "")
      return new InputError({
        what: full ? "The disk is full." : `The report cannot be written: ${(error as Error).message}.`,
        where: path,
        expected: "a file name in a folder you may write",
        next: full ? "free some space, or choose another disk with --to" : "choose another file with --to"
      })
    }
  })

/**
 * Writes the report of a run, the run's own file, and gives its path. With `onlyIfFigures`, nothing where the run has no
 * figure. With `to` it is written there instead, so that a store that may only be read can be reported on.
 */
export const reportOf = Effect.fn("reportOf")(function* (
  id: string,
  options: { readonly onlyIfFigures: boolean; readonly redraw?: boolean; readonly to?: string }
) {
  const { file, directory } = yield* loadRun(id)
  const hasFigure = Object.values(file.nodes).some((node) =>
    Object.values(node.outputs ?? {}).some((output) => output.kind === Figure.name)
  )
  if (options.onlyIfFigures && !hasFigure) return undefined
  const content = yield* contentOf(file, options.redraw ?? false)
  const { renderPage } = yield* Effect.promise(() => import("../report/render.ts"))
  const html = renderPage(yield* gatherRun(file), content)
  if (options.to !== undefined) {
    yield* writeFor(options.to, html)
    return options.to
  }
  const { root } = yield* Store
  const target = join(directory, "report.html")
  yield* Effect.try({
    try: () => writeWhole(target, html, temporaryPath(layoutOf(root).tmp)),
    catch: unwritable(target)
  })
  return target
})
