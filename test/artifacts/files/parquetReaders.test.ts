import { describe, expect, it } from "@effect/vitest"
import { DuckDBInstance } from "@duckdb/node-api"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { readTable } from "../../../artifacts/files/readTable.ts"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { temporaryFolder } from "../fixtures.ts"

/** Runs statements in a database of its own. */
const duckdb = (...statements: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect()
    for (const statement of statements) await connection.run(statement)
  })

const rows = 3000
const table = `create table t as select 'k' || i as word, sin(i)::float as x, (i * 1.5)::double as y, (i % 5)::double as z,
  i - 1500 as n, i::bigint * 4294967297 as b, (i / 8)::decimal(9, 3) as d, [i::float, sin(i)::float, -i::float] as v,
  'prefix' || lpad((i * 7919 % 3000)::varchar, 5, '0') as long from range(${rows}) r(i)`
const each = <A>(value: (i: number) => A): Array<A> => Array.from({ length: rows }, (_, i) => value(i))

describe("Parquet that DuckDB writes", () => {
  // Version 2 has delta encodings and byte streams, in data pages of either version.
  for (const version of ["v1", "v2"])
    it.effect(`in every compression, ${version}, comes back`, () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const codecs = ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"]
        yield* duckdb(
          table,
          ...codecs.flatMap((codec) => {
            const to = (name: string, columns: string) =>
              `copy (select ${columns} from t) to '${folder}/${codec}-${name}.parquet' (format parquet, compression ${codec}, parquet_version ${version}, row_group_size 1100)`
            return [
              to("flat", "word, x, y, z"),
              to("whole", "n, b, long"),
              to("decimal", "d"),
              to("list", "word, v")
            ]
          })
        )
        for (const codec of codecs) {
          const read = (name: string) => readMatrix(path.join(folder, `${codec}-${name}.parquet`))
          const flat = yield* read("flat")
          expect(flat.keys).toEqual(each((i) => `k${i}`))
          expect(flat.data).toEqual(
            Float64Array.from(each((i) => [Math.fround(Math.sin(i)), i * 1.5, i % 5]).flat())
          )
          const whole = yield* read("whole")
          expect(whole.keys).toEqual(each((i) => `prefix${String((i * 7919) % 3000).padStart(5, "0")}`))
          expect(whole.data).toEqual(Float64Array.from(each((i) => [i - 1500, i * 4294967297]).flat()))
          expect((yield* read("decimal")).data).toEqual(Float64Array.from(each((i) => i / 8)))
          expect((yield* read("list")).data).toEqual(
            Float32Array.from(each((i) => [i, Math.sin(i), -i]).flat())
          )
        }
      }).pipe(Effect.scoped)
    )

  it.effect("with packed bytes or bytes for keys is refused or left out: bytes are no numbers", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* duckdb(
        `copy (select '\\x00\\x00\\x80\\x3F'::blob as bytes) to '${folder}/packed.parquet' (format parquet)`,
        `copy (select 'abcd'::blob as key, 1.5::double as d0) to '${folder}/keys.parquet' (format parquet)`
      )
      expect((yield* Effect.flip(readMatrix(path.join(folder, "packed.parquet")))).what).toBe(
        "No column holds coordinates: 'bytes' is binary values."
      )
      expect(yield* readMatrix(path.join(folder, "keys.parquet"))).toMatchObject({
        keyed: false,
        dims: 1,
        notes: ["Column 'key' is no coordinate (binary values) and is left out."]
      })
    }).pipe(Effect.scoped)
  )

  it.effect("as a table is read by cell, and refused where a cell has no type that tables have", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "t.parquet")
      yield* duckdb(
        `copy (select 'a' as word, null::double as low, 7::bigint as n, true as kept, now() as at, [1] as list) to '${file}' (format parquet)`
      )
      expect(yield* readTable(file, { word: "utf8", low: "float64?", n: "int32", kept: "boolean" })).toEqual([
        { word: "a", low: null, n: 7, kept: true }
      ])
      for (const [columns, what] of [
        [{ at: "utf8" }, "column 'at' is a time"],
        [{ list: "utf8" }, "column 'list' is a list"]
      ] as const)
        expect((yield* Effect.flip(readTable(file, columns))).what).toContain(what)
      fs.writeFileSync(file, fs.readFileSync(file).subarray(0, -9))
      expect((yield* Effect.flip(readTable(file, { word: "utf8" }))).what).toContain("it was cut short")
    }).pipe(Effect.scoped)
  )
})
