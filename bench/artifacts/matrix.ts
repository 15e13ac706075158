/**
 * Reading a 100,000 × 768 float32 matrix from the page cache: our reader (whole, and paged block by block) against
 * apache-arrow's own reader of the same file, in turn, each in a process of its own so that peak memory is its own.
 *
 * `node bench/run.mjs bench/artifacts/matrix.ts [--rows 100000] [--rounds 5] [--json]`
 */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { matrixCodec } from "../../artifacts/codecs/matrix.ts"
import { openMatrix } from "../../artifacts/codecs/matrixReader.ts"
import { HashingSink } from "../../artifacts/store/HashingSink.ts"
import { Embeddings } from "../../schemas/Embeddings.ts"

const dims = 768
const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

/** Reads the file once and prints `{seconds, peak, sum}`; peak is the process's maximum resident set in bytes. */
const readers: { readonly [name: string]: (file: string) => Promise<number> } = {
  "floor: read() into fresh memory": async (file) => plainRead(file, fs.statSync(file).size),
  "floor: read() into one 8 MiB buffer": async (file) => plainRead(file, 8 << 20),
  "ours, whole": async (file) => {
    const { data } = await Effect.runPromise(Effect.flatMap(openMatrix(file), ({ read }) => read))
    return data[0] + data[data.length - 1]
  },
  "ours, keys and blocks": (file) =>
    Effect.runPromise(
      Effect.flatMap(openMatrix(file), ({ blocks }) =>
        Stream.runFold(
          blocks,
          () => 0,
          (sum, { data }) => sum + data[0] + data[data.length - 1]
        )
      )
    ),
  "apache-arrow, whole": async (file) => {
    const arrow = await import("apache-arrow")
    const table = arrow.tableFromIPC(fs.readFileSync(file))
    const chunks = table.getChild("values")?.data ?? []
    const data = new Float32Array(table.numRows * dims)
    let at = 0
    for (const chunk of chunks) {
      const values = chunk.children[0].values as Float32Array
      data.set(values, at)
      at += values.length
    }
    return data[0] + data[data.length - 1]
  },
  "apache-arrow, by batch": async (file) => {
    const arrow = await import("apache-arrow")
    const handle = await fs.promises.open(file)
    const reader = await arrow.RecordBatchReader.from(handle)
    await reader.open()
    let sum = 0
    for await (const batch of reader) {
      const values = batch.getChild("values")?.data[0].children[0].values as Float32Array
      sum += values[0] + values[values.length - 1]
    }
    await handle.close()
    return sum
  }
}

/** What the operating system takes to copy the file out of the page cache. */
const plainRead = (file: string, room: number): number => {
  const handle = fs.openSync(file, "r")
  const size = fs.fstatSync(handle).size
  const bytes = new Uint8Array(new ArrayBuffer(room))
  const step = 8 << 20
  for (let at = 0; at < size; at += step)
    fs.readSync(handle, bytes, room === step ? 0 : at, Math.min(step, size - at), at)
  fs.closeSync(handle)
  return bytes[0]
}

const one = async (name: string, file: string): Promise<void> => {
  await import("apache-arrow")
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await readers[name](file)
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    JSON.stringify({ seconds, cpu: (user + system) / 1e6, peak: process.resourceUsage().maxRSS * 1024 })
  )
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]

const all = async (): Promise<void> => {
  const rows = argument("rows", 100_000)
  const rounds = argument("rounds", 5)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-bench-"))
  try {
    const sink = new HashingSink(folder)
    let state = 1
    const data = Float32Array.from({ length: rows * dims }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32 - 0.5
    })
    const keys = Array.from({ length: rows }, (_, i) => `key-${i}`)
    const built = performance.now()
    await Effect.runPromise(matrixCodec.encode(Embeddings, { keys, dims, data }, sink))
    sink.finish()
    const wrote = (performance.now() - built) / 1000
    const bytes = rows * dims * 4
    const file = sink.path
    plainRead(file, 8 << 20)
    const results: Record<
      string,
      { readonly seconds: Array<number>; readonly cpu: Array<number>; readonly peak: Array<number> }
    > = {}
    for (let round = 0; round < rounds; round++)
      for (const name of Object.keys(readers)) {
        const printed = execFileSync(process.execPath, [process.argv[1], "--one", name, file], {
          encoding: "utf8"
        })
        const { seconds, cpu, peak } = JSON.parse(printed) as Record<"seconds" | "cpu" | "peak", number>
        const result = (results[name] ??= { seconds: [], cpu: [], peak: [] })
        result.seconds.push(seconds)
        result.cpu.push(cpu)
        result.peak.push(peak)
      }
    const table = Object.entries(results).map(([reader, { seconds, cpu, peak }]) => ({
      reader,
      "GB/s": Number((bytes / 1e9 / median(seconds)).toFixed(2)),
      seconds: Number(median(seconds).toFixed(3)),
      "CPU seconds": Number(median(cpu).toFixed(3)),
      "peak MB": Math.round(median(peak) / 1e6)
    }))
    if (process.argv.includes("--json")) console.log(JSON.stringify({ rows, dims, wrote, table }))
    else {
      console.log(
        `${rows} × ${dims} float32, ${(bytes / 1e6).toFixed(0)} MB; written and hashed at ${(bytes / 1e9 / wrote).toFixed(2)} GB/s`
      )
      console.table(table)
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

const at = process.argv.indexOf("--one")
await (at < 0 ? all() : one(process.argv[at + 1], process.argv[at + 2]))
