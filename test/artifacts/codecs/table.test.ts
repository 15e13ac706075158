import { DuckDBInstance } from "@duckdb/node-api"
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { tableCodec } from "../../../artifacts/codecs/table.ts"
import type { ValueOf } from "../../../schemas/Kind.ts"
import { encode, open, truncated } from "../encoding.ts"
import { Scores, temporaryFolder } from "../fixtures.ts"

type ScoreRows = ValueOf<typeof Scores>

const text = fc.string({ unit: "grapheme", maxLength: 12 })
const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const tables: fc.Arbitrary<ScoreRows> = fc.array(
  fc.record({
    name: text,
    note: fc.option(text),
    value: finite,
    low: fc.option(finite),
    count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    kept: fc.boolean()
  }),
  { maxLength: 40 }
)

const select = (sql: string) =>
  Effect.promise(async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect()
    return (await connection.runAndReadAll(sql)).getRowsJS()
  })

const row: ScoreRows[number] = { name: "a", note: null, value: 1, low: null, count: 1, kept: true }

describe("table codec", () => {
  it("gives back every table, and equal tables have equal bytes", () =>
    fc.assert(
      fc.asyncProperty(tables, (rows) =>
        Effect.runPromise(
          Effect.scoped(
            Effect.gen(function* () {
              const folder = yield* temporaryFolder
              const encoded = yield* encode(tableCodec, Scores, rows, folder)
              const reader = yield* open(tableCodec, Scores, encoded)
              expect(reader.rows).toBe(rows.length)
              expect(yield* reader.read).toEqual({ columns: Scores.columns, rows })
              const again = yield* encode(tableCodec, Scores, structuredClone(rows), folder)
              expect(again.digest).toBe(encoded.digest)
            })
          )
        )
      ),
      { numRuns: 60 }
    ))

  it.effect("is selected from by DuckDB, with the kind's types", () =>
    Effect.gen(function* () {
      const rows: ScoreRows = Array.from({ length: 2500 }, (_, i) => ({
        name: `näme ${i}`,
        note: i % 3 === 0 ? null : `note ${i % 7}`,
        value: i / 7,
        low: i % 2 === 0 ? null : -i,
        count: i - 1250,
        kept: i % 5 === 0
      }))
      const { path } = yield* encode(tableCodec, Scores, rows, yield* temporaryFolder)
      expect(yield* select(`select * from '${path}' order by count`)).toEqual(
        rows.map((row) => Object.values(row))
      )
      expect(
        yield* select(`select column_name, column_type from (describe select * from '${path}')`)
      ).toEqual([
        ["name", "VARCHAR"],
        ["note", "VARCHAR"],
        ["value", "DOUBLE"],
        ["low", "DOUBLE"],
        ["count", "INTEGER"],
        ["kept", "BOOLEAN"]
      ])
      expect(yield* select(`select distinct compression from parquet_metadata('${path}')`)).toEqual([
        ["ZSTD"]
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("keeps an empty table empty, for DuckDB too", () =>
    Effect.gen(function* () {
      const encoded = yield* encode(tableCodec, Scores, [], yield* temporaryFolder)
      expect((yield* (yield* open(tableCodec, Scores, encoded)).read).rows).toEqual([])
      expect(yield* select(`select count(*)::integer from '${encoded.path}'`)).toEqual([[0]])
    }).pipe(Effect.scoped)
  )

  it.effect("writes NaN as null where that is allowed, and refuses it elsewhere", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const encoded = yield* encode(tableCodec, Scores, [{ ...row, low: Number.NaN }], folder)
      expect((yield* (yield* open(tableCodec, Scores, encoded)).read).rows[0]!.low).toBe(null)
      const refused = yield* Effect.flip(
        encode(tableCodec, Scores, [row, { ...row, value: Number.NaN }], folder)
      )
      expect(refused).toMatchObject({ _tag: "InputError", what: "Row 1 holds NaN in column value." })
    }).pipe(Effect.scoped)
  )

  it.effect("names the cell that does not fit its column", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const misfits: ReadonlyArray<readonly [object, string]> = [
        [{ count: 2 ** 31 }, "column count; expected a 32-bit integer"],
        [{ count: 0.5 }, "column count; expected a 32-bit integer"],
        [{ name: null }, "holds null in column name; expected well-formed text"],
        [{ kept: 1 }, "holds 1 in column kept; expected true or false"],
        [{ value: undefined }, "holds nothing in column value; expected a number"]
      ]
      for (const [misfit, message] of misfits) {
        const value = [row, { ...row, ...misfit }] as ScoreRows
        const error = yield* Effect.flip(encode(tableCodec, Scores, value, folder))
        expect(error.message).toContain("Row 1 of Scores")
        expect(error.message).toContain(message)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("says that a truncated file is damaged", () =>
    Effect.gen(function* () {
      const whole = yield* encode(tableCodec, Scores, [row], yield* temporaryFolder)
      for (const length of [0, 3, 50, fs.statSync(whole.path).size - 1]) {
        const reader = yield* open(tableCodec, Scores, truncated(whole, length))
        expect(yield* Effect.flip(reader.read)).toMatchObject({ reason: "corrupt" })
      }
    }).pipe(Effect.scoped)
  )
})
