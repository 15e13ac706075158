/**
 * Reading a matrix of 20,000 × 100 from CSV and TSV in the page cache: our reader against d3-dsv's parser with `Number`
 * on every cell (what this project did before), in turn, each in a process of its own so that peak memory is its own.
 * Cells are float32 as JavaScript writes them, or six digits behind the point.
 *
 * `node bench/run.mjs bench/artifacts/text.ts [--rows 20000] [--rounds 5] [--json]`
 */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { dsvFormat } from "d3-dsv"
import * as Effect from "effect/Effect"
import { readMatrix } from "../../artifacts/files/readMatrix.ts"

const dims = 100
const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

const readers: { readonly [name: string]: (file: string) => Promise<number> } = {
  ours: (file) =>
    Effect.runPromise(Effect.map(readMatrix(file), ({ data }) => data[0] + data[data.length - 1])),
  "d3-dsv": async (file) => {
    const rows = dsvFormat(file.endsWith(".tsv") ? "\t" : ",").parseRows(fs.readFileSync(file, "utf8"))
    const data = new Float64Array((rows.length - 1) * dims)
    for (let i = 1; i < rows.length; i++)
      for (let j = 0; j < dims; j++) {
        const value = Number(rows[i][j + 1])
        if (!Number.isFinite(value)) throw new Error(`line ${i + 1}`)
        data[(i - 1) * dims + j] = value
      }
    return data[0] + data[data.length - 1]
  }
}

const one = async (name: string, file: string): Promise<void> => {
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const sum = await readers[name](file)
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    JSON.stringify({ seconds, cpu: (user + system) / 1e6, peak: process.resourceUsage().maxRSS * 1024, sum })
  )
}

const write = (file: string, rows: number, cell: (value: number) => string): void => {
  const separator = file.endsWith(".tsv") ? "\t" : ","
  const handle = fs.openSync(file, "w")
  let state = 1
  let text = `${["key", ...Array.from({ length: dims }, (_, j) => `d${j}`)].join(separator)}\n`
  for (let i = 0; i < rows; i++) {
    text += `key-${i}`
    for (let j = 0; j < dims; j++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      text += separator + cell(state / 2 ** 30 - 2)
    }
    text += "\n"
    if (text.length < 1 << 20) continue
    fs.writeSync(handle, text)
    text = ""
  }
  fs.writeSync(handle, text)
  fs.closeSync(handle)
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]

const all = (): void => {
  const rows = argument("rows", 20_000)
  const rounds = argument("rounds", 5)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-bench-"))
  try {
    const table = []
    for (const [name, cell] of [
      ["float32.csv", (value: number) => String(Math.fround(value))],
      ["float32.tsv", (value: number) => String(Math.fround(value))],
      ["six-digits.csv", (value: number) => value.toFixed(6)]
    ] as const) {
      const file = path.join(folder, name)
      write(file, rows, cell)
      const bytes = fs.statSync(file).size
      const results: {
        [reader: string]: Array<{ seconds: number; cpu: number; peak: number; sum: number }>
      } = {}
      for (let round = 0; round < rounds; round++)
        for (const reader of Object.keys(readers)) {
          const printed = execFileSync(process.execPath, [process.argv[1], "--one", reader, file], {
            encoding: "utf8"
          })
          ;(results[reader] ??= []).push(JSON.parse(printed))
        }
      if (results.ours[0].sum !== results["d3-dsv"][0].sum) throw new Error("the readers differ")
      for (const [reader, runs] of Object.entries(results)) {
        const seconds = median(runs.map((run) => run.seconds))
        table.push({
          file: name,
          reader,
          "MB/s": Math.round(bytes / 1e6 / seconds),
          seconds: Number(seconds.toFixed(3)),
          "CPU seconds": Number(median(runs.map((run) => run.cpu)).toFixed(3)),
          "peak MB": Math.round(median(runs.map((run) => run.peak)) / 1e6)
        })
      }
      fs.rmSync(file)
    }
    if (process.argv.includes("--json")) console.log(JSON.stringify({ rows, dims, table }))
    else console.table(table)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

const at = process.argv.indexOf("--one")
if (at < 0) all()
else await one(process.argv[at + 1], process.argv[at + 2])
