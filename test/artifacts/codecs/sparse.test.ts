import { describe, expect, it } from "@effect/vitest"
import * as flechette from "@uwdata/flechette"
import * as fc from "fast-check"
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { sparseCodec } from "../../../artifacts/codecs/sparse.ts"
import type { SparseRows } from "../../../schemas/Matrix.ts"
import { encode, open } from "../encoding.ts"
import { Codes, temporaryFolder } from "../fixtures.ts"

const fromRows = (dims: number, rows: ReadonlyArray<ReadonlyArray<number>>, binary: boolean): SparseRows => {
  const indices = Uint32Array.from(rows.flat())
  const indptr = new Float64Array(rows.length + 1)
  for (const [i, row] of rows.entries()) indptr[i + 1] = indptr[i] + row.length
  return {
    keys: rows.map((_, i) => `row ${i}`),
    dims,
    indptr,
    indices,
    ...(binary ? {} : { values: Float32Array.from(indices, (x) => x / 8 - 1) })
  }
}

const rowsOf = fc
  .tuple(
    fc.array(
      fc
        .uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 8 })
        .map((row) => row.toSorted((a, b) => a - b)),
      { minLength: 1, maxLength: 10 }
    ),
    fc.boolean()
  )
  .map(([rows, binary]) => fromRows(100, rows, binary))

describe("sparse codec", () => {
  it("gives back all sparse rows, whole and by block", () =>
    fc.assert(
      fc.asyncProperty(rowsOf, (rows) =>
        Effect.runPromise(
          Effect.scoped(
            Effect.gen(function* () {
              const encoded = yield* encode(sparseCodec, Codes, rows, yield* temporaryFolder)
              const reader = yield* open(sparseCodec, Codes, encoded)
              expect(reader).toMatchObject({
                rows: rows.keys.length,
                dims: 100,
                binary: rows.values === undefined
              })
              expect(yield* reader.read).toEqual(rows)
              const blocks = yield* Stream.runCollect(reader.blocks)
              expect(blocks.map(({ start, indices }) => [start, indices])).toEqual([[0, rows.indices]])
            })
          )
        )
      ),
      { numRuns: 60 }
    ))

  it.effect("has the same bytes however its rows come, past one batch, and flechette reads it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const rows = fromRows(
        1 << 20,
        Array.from({ length: 70_000 }, (_, i) => [i, i + 1, i + 5]),
        false
      )
      const whole = yield* encode(sparseCodec, Codes, rows, folder)
      const cut = 1234
      const part = (from: number, to: number) => ({
        keys: rows.keys.slice(from, to),
        indptr: Uint32Array.from(rows.indptr.slice(from, to + 1), (x) => x - rows.indptr[from]),
        indices: rows.indices.slice(rows.indptr[from], rows.indptr[to]),
        values: rows.values!.slice(rows.indptr[from], rows.indptr[to])
      })
      const blocks = Stream.fromIterable([part(0, cut), part(cut, 70_000)])
      const streamed = yield* encode(sparseCodec, Codes, { dims: rows.dims, binary: false, blocks }, folder)
      expect(streamed.digest).toBe(whole.digest)
      const reader = yield* open(sparseCodec, Codes, whole)
      const read = yield* reader.read
      expect(Buffer.from(read.indices.buffer).equals(Buffer.from(rows.indices.buffer))).toBe(true)
      expect(Buffer.from(read.indptr.buffer).equals(Buffer.from(rows.indptr.buffer))).toBe(true)
      const starts = (yield* Stream.runCollect(reader.blocks)).map(({ start }) => start)
      expect(starts).toEqual([0, 65_536])
      const table = flechette.tableFromIPC(fs.readFileSync(whole.path))
      expect(table.schema.metadata?.get("dims")).toBe("1048576")
      for (const row of [0, 65_535, 65_536, 69_999]) {
        expect(Array.from(table.getChild("indices")?.at(row) as Uint32Array)).toEqual([row, row + 1, row + 5])
        expect(table.getChild("key")?.at(row)).toBe(`row ${row}`)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("refuses rows that are not sparse rows, and names them", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const good = fromRows(10, [[1, 2], [], [3, 9]], false)
      const refusal = (value: SparseRows) =>
        Effect.map(Effect.flip(encode(sparseCodec, Codes, value, folder)), (error) => error.message)
      expect(yield* refusal({ ...good, indices: good.indices.with(3, 10) })).toContain(
        'Row 2 (key "row 2") has an entry in column 10.'
      )
      expect(yield* refusal({ ...good, indices: good.indices.with(1, 1) })).toContain(
        'Row 0 (key "row 0") has columns'
      )
      expect(yield* refusal({ ...good, values: good.values!.with(2, Number.NaN) })).toContain(
        'Row 2 (key "row 2") holds NaN in column 3.'
      )
      expect(yield* refusal({ ...good, indptr: Float64Array.of(0, 2, 2, 3) })).toContain("4 row starts")
      expect(yield* refusal({ ...good, indptr: Float64Array.of(0, 3, 2, 4) })).toContain(
        "ends before it starts"
      )
      expect(yield* refusal({ ...good, keys: ["a", "b", "a"] })).toContain(
        'Rows 0 and 2 have the same key "a".'
      )
      expect(yield* refusal(fromRows(10, [], true))).toContain("There are no sparse rows.")
      expect(fs.readdirSync(folder)).toEqual([])
    }).pipe(Effect.scoped)
  )
})
