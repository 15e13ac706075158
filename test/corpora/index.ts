/**
 * Reads every Parquet, Arrow and CSV file under the folders named, as `import` does, and compares what is read with an
 * independent reader: DuckDB for Parquet and CSV (hyparquet for the Parquet that DuckDB does not read); for Arrow the JSON that lies beside a file, or else flechette. Made for
 * clones of apache/parquet-testing and apache/arrow-testing, most of whose files fuzzers found.
 *
 * `node bench/run.mjs test/corpora/index.ts <folder…> [--list] [--columns] [--only parquet]`
 * --list prints what became of each file; --only takes one format (parquet, arrow, csv). Most files are no matrix as a whole;
 * --columns reads each column alone, too, as `--columns <name>` does, and compares it.
 *
 * Files are read by a process of their own, each within 10 s and 1 GiB; it is started anew after one that broke a limit. Exit
 * code 1 if a file was read with values that differ, was refused with the internals of the engine or a library as the message,
 * ended the process, was not done in time, or ended in a stack trace. (`--reads` and `--compares` start the processes.)
 */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { compareFiles } from "./compareFiles.ts"
import { corpusFiles, formats, type CorpusFile, type Format } from "./corpusFiles.ts"
import { outcomes, type Outcome } from "./outcomes.ts"
import { readFiles } from "./readFiles.ts"
import { Worker } from "./Worker.ts"

interface Result {
  readonly file: CorpusFile
  readonly outcome: Outcome
  readonly detail: string
}

/** Phrases of the JavaScript engine and of libraries; none of ours has them. */
const internals =
  /typed array|outside the bounds|not a function|undefined|invalid array length|unexpected token|flatbuffer|memory access|call stack|allocation failed|mix bigint|convert (a )?(undefined|null|bigint)|start offset|byte length of|not iterable|^Error|TypeError|RangeError|hyparquet|apache-arrow|\bthrift\b|unexpected end of file|cannot read propert|should be a multiple|^The file cannot be read: (?!E[A-Z]+\b)/i

const readOne = async (
  reads: Worker,
  compares: Worker,
  file: CorpusFile,
  folder: string,
  columns?: ReadonlyArray<string>
): Promise<Result> => {
  const out = path.join(folder, "read.json")
  // The name says the format, as a user's would.
  const link = path.join(folder, `corpus.${file.format}`)
  fs.rmSync(out, { force: true })
  fs.rmSync(link, { force: true })
  fs.symlinkSync(file.path, link)
  const answer = await reads.ask({ path: link, out, columns })
  if (answer.kind === "over")
    return { file, outcome: answer.why === "time" ? "hang" : "end", detail: answer.detail }
  const reply = answer.reply as {
    readonly read?: string
    readonly refused?: string
    readonly defect?: string
  }
  if (reply.defect !== undefined) return { file, outcome: "stack trace", detail: reply.defect }
  if (reply.refused !== undefined)
    return { file, outcome: internals.test(reply.refused) ? "raw message" : "refused", detail: reply.refused }
  const compared = await compares.ask({ path: link, original: file.path, format: file.format, out })
  if (compared.kind === "over")
    return { file, outcome: "different", detail: `read; the other reader ended: ${compared.detail}` }
  const { different } = compared.reply as { readonly different?: string }
  return different === undefined
    ? { file, outcome: "equal", detail: reply.read! }
    : { file, outcome: "different", detail: `${reply.read}; ${different}` }
}

/** Each column of a file alone. Names that occur twice cannot be asked for. */
const readColumns = async (
  reads: Worker,
  compares: Worker,
  file: CorpusFile,
  folder: string
): Promise<ReadonlyArray<Result>> => {
  const answer = await compares.ask({
    path: file.path,
    original: file.path,
    format: file.format,
    names: true
  })
  const names =
    answer.kind === "over" ? [] : (answer.reply as { readonly names: ReadonlyArray<string> }).names
  const results: Array<Result> = []
  for (const name of new Set(names)) {
    const result = await readOne(reads, compares, file, folder, [name])
    results.push({ ...result, file: { ...file, name: `${file.name}, column ${name}` } })
  }
  return results
}

const print = (what: string, results: ReadonlyArray<Result>, list: boolean): void => {
  const count = (format: Format | undefined, outcome?: Outcome) =>
    results.filter(
      (result) =>
        (format === undefined || result.file.format === format) &&
        (outcome === undefined || result.outcome === outcome)
    ).length
  for (const { file, outcome, detail } of results)
    if (list || outcomes[outcome].fault) console.log(`${outcome}: ${file.name}\n    ${detail.slice(0, 300)}`)
  const names = Object.keys(outcomes) as ReadonlyArray<Outcome>
  console.log(`\n| | ${what} | ${names.map((name) => outcomes[name].title).join(" | ")} |`)
  console.log(`|---|---|${names.map(() => "---|").join("")}`)
  for (const format of [...formats, undefined] as const) {
    if (count(format) === 0) continue
    console.log(
      `| ${format ?? "all"} | ${count(format)} | ${names.map((name) => count(format, name)).join(" | ")} |`
    )
  }
}

const main = async (): Promise<void> => {
  const words = process.argv.slice(2)
  const only = words.includes("--only") ? words[words.indexOf("--only") + 1] : undefined
  const roots = words.filter((word) => !word.startsWith("--") && word !== only)
  if (roots.length === 0) {
    console.error("Name the folders of the corpora: npm run test:corpora -- <folder…>")
    process.exit(2)
  }
  const files = roots.flatMap(corpusFiles).filter(({ format }) => only === undefined || format === only)
  if (files.length === 0) {
    console.error(`There are no Parquet, Arrow or CSV files in ${roots.join(", ")}.`)
    process.exit(2)
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-corpora-"))
  const reads = new Worker("--reads", { seconds: 10, mebibytes: 1024 })
  const compares = new Worker("--compares", { seconds: 60, mebibytes: 4096 })
  try {
    const results: Array<Result> = []
    const singly: Array<Result> = []
    for (const file of files) {
      results.push(await readOne(reads, compares, file, folder))
      if (words.includes("--columns") && file.format !== "csv")
        singly.push(...(await readColumns(reads, compares, file, folder)))
    }
    print("files", results, words.includes("--list"))
    if (words.includes("--columns")) print("columns", singly, words.includes("--list"))
    process.exitCode = [...results, ...singly].some(({ outcome }) => outcomes[outcome].fault) ? 1 : 0
  } finally {
    reads.end()
    compares.end()
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv.includes("--reads")) await readFiles()
else if (process.argv.includes("--compares")) await compareFiles()
else await main()
