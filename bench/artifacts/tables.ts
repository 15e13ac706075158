/**
 * Parquet writers for tables of scores: loading the library, the first small table, and a large one; CPU time, since
 * that is what a node costs. Each case runs in a process of its own, in turn; every file is counted by DuckDB.
 *
 * `node bench/run.mjs bench/artifacts/tables.ts [--rows 50000] [--rounds 5] [--json] [--parquet-wasm <folder of the package>]`
 * DuckDB is a dev dependency; parquet-wasm is no dependency and is named by its folder, or left out.
 */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import { readParquet } from "../../artifacts/codecs/parquet/read.ts"
import { tableCodec } from "../../artifacts/codecs/table.ts"
import { HashingSink } from "../../artifacts/store/HashingSink.ts"
import * as Kind from "../../schemas/Kind.ts"

const argument = (name: string, otherwise: string): string => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : process.argv[at + 1]
}

const Scores = Kind.table("Scores", {
  description: "Scores.",
  columns: { a: "utf8", b: "utf8", metric: "utf8", value: "float64?", n: "int32", chance: "float64?" }
})
type ScoreRow = Kind.ValueOf<typeof Scores>[number]

const rowsOf = (count: number): ReadonlyArray<ScoreRow> =>
  Array.from({ length: count }, (_, i) => ({
    a: `view-${i % 30}`,
    b: `view-${(i * 7) % 30}`,
    metric: ["mutual_knn", "cka", "svcca"][i % 3],
    value: i % 50 === 0 ? null : Math.sin(i),
    n: 1000,
    chance: 0.01
  }))

type Write = (rows: ReadonlyArray<ScoreRow>, file: string) => Promise<void>

/** Loads the library and returns how to write with it. */
const writers: { readonly [name: string]: () => Promise<Write> } = {
  "hyparquet-writer + zstd-wasm (ours)": async () => async (rows, file) => {
    const sink = new HashingSink(path.dirname(file))
    await Effect.runPromise(tableCodec.encode(Scores, rows, sink))
    sink.finish()
    fs.renameSync(sink.path, file)
  },
  "parquet-wasm": async () => {
    const arrow = await import("apache-arrow")
    const wasm = (await import(
      pathToFileURL(path.join(argument("parquet-wasm", ""), "node", "parquet_wasm.js")).href
    )) as ParquetWasm
    return async (rows, file) => {
      const columns = Object.keys(Scores.columns ?? {}) as Array<keyof ScoreRow>
      const table = new arrow.Table(
        Object.fromEntries(
          columns.map((name) => {
            const utf8 = typeof rows[0][name] === "string"
            const type = utf8 ? new arrow.Utf8() : name === "n" ? new arrow.Int32() : new arrow.Float64()
            return [
              name,
              arrow.vectorFromArray(
                rows.map((row) => row[name]),
                type
              )
            ] as const
          })
        )
      )
      const properties = new wasm.WriterPropertiesBuilder().setCompression(wasm.Compression.ZSTD).build()
      const moved = wasm.Table.fromIPCStream(arrow.tableToIPC(table, "stream"))
      fs.writeFileSync(file, wasm.writeParquet(moved, properties))
    }
  },
  DuckDB: async () => {
    const duckdb = await import("@duckdb/node-api")
    const connection = await (await duckdb.DuckDBInstance.create(":memory:")).connect()
    return async (rows, file) => {
      await connection.run(
        "create or replace table t (a varchar, b varchar, metric varchar, value double, n integer, chance double)"
      )
      const appender = await connection.createAppender("t")
      for (const row of rows) {
        appender.appendVarchar(row.a)
        appender.appendVarchar(row.b)
        appender.appendVarchar(row.metric)
        if (row.value === null) appender.appendNull()
        else appender.appendDouble(row.value)
        appender.appendInteger(row.n)
        appender.appendDouble(row.chance as number)
        appender.endRow()
      }
      appender.closeSync()
      await connection.run(`copy t to '${file}' (format parquet, compression zstd)`)
    }
  }
}

interface ParquetWasm {
  readonly Table: { readonly fromIPCStream: (bytes: Uint8Array) => unknown }
  readonly Compression: { readonly ZSTD: number }
  readonly WriterPropertiesBuilder: new () => {
    readonly setCompression: (compression: number) => { readonly build: () => unknown }
  }
  readonly writeParquet: (table: unknown, properties: unknown) => Uint8Array
}

const cpuMillis = async (act: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const one = async (name: string, folder: string): Promise<void> => {
  const small = rowsOf(100)
  const large = rowsOf(Number(argument("rows", "50000")))
  const file = path.join(folder, "large.parquet")
  let write: Write | undefined
  const first = await cpuMillis(async () => {
    write = await writers[name]()
    await write(small, path.join(folder, "small.parquet"))
  })
  const second = await cpuMillis(() => (write as Write)(small, path.join(folder, "small.parquet")))
  const whole = await cpuMillis(() => (write as Write)(large, file))
  const read = await cpuMillis(() => readParquet(file))
  console.log(JSON.stringify({ first, second, whole, read, bytes: fs.statSync(file).size }))
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]

const countRows = async (file: string): Promise<number> => {
  const duckdb = await import("@duckdb/node-api")
  const connection = await (await duckdb.DuckDBInstance.create(":memory:")).connect()
  const result = await connection.runAndReadAll(`select count(*)::integer from '${file}'`)
  return Number(result.getRows()[0][0])
}

const all = async (): Promise<void> => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "asterism-bench-"))
  try {
    const names = Object.keys(writers).filter(
      (name) => name !== "parquet-wasm" || argument("parquet-wasm", "") !== ""
    )
    const rounds = Number(argument("rounds", "5"))
    const results = new Map(names.map((name) => [name, [] as Array<Record<string, number>>]))
    for (let round = 0; round < rounds; round++)
      for (const name of names) {
        const command = [
          process.argv[1],
          "--one",
          name,
          "--folder",
          folder,
          "--rows",
          argument("rows", "50000")
        ]
        command.push("--parquet-wasm", argument("parquet-wasm", ""))
        const printed = execFileSync(process.execPath, command, { encoding: "utf8" })
        results.get(name)?.push(JSON.parse(printed) as Record<string, number>)
        const counted = await countRows(path.join(folder, "large.parquet"))
        if (counted !== Number(argument("rows", "50000"))) throw new Error(`${name} wrote ${counted} rows`)
      }
    const table = [...results].map(([writer, runs]) => {
      const of = (name: string) => Math.round(median(runs.map((run) => run[name])))
      return {
        writer,
        "load + 100 rows, ms": of("first"),
        "100 rows again, ms": of("second"),
        [`${argument("rows", "50000")} rows, ms`]: of("whole"),
        "read them, ms": of("read"),
        bytes: of("bytes")
      }
    })
    if (process.argv.includes("--json")) console.log(JSON.stringify({ table }))
    else console.table(table)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv.includes("--one")) await one(argument("one", ""), argument("folder", ""))
else await all()
