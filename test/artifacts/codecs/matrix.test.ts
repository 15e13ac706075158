import { describe, expect, it } from "@effect/vitest"
import * as flechette from "@uwdata/flechette"
import * as arrow from "apache-arrow"
import * as fc from "fast-check"
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { batchBytes, matrixCodec } from "../../../artifacts/codecs/matrix.ts"
import type { InputError } from "../../../schemas/errors.ts"
import type { Matrix } from "../../../schemas/Matrix.ts"
import { encode, open, truncated } from "../encoding.ts"
import { temporaryFolder, Vectors } from "../fixtures.ts"

const matrixOf = (rows: number, dims: number): Matrix<Float32Array> => ({
  keys: Array.from({ length: rows }, (_, i) => `key ${i}`),
  dims,
  data: Float32Array.from({ length: rows * dims }, (_, i) => Math.sin(i))
})

const blocksOf = (matrix: Matrix, sizes: ReadonlyArray<number>) => {
  const blocks: Array<Pick<Matrix, "keys" | "data">> = []
  let row = 0
  for (let i = 0; row < matrix.keys.length; i++) {
    const end = row + sizes[i % sizes.length]
    blocks.push({
      keys: matrix.keys.slice(row, end),
      data: matrix.data.slice(row * matrix.dims, end * matrix.dims)
    })
    row = end
  }
  return { dims: matrix.dims, precision: "float32" as const, blocks: Stream.fromIterable(blocks) }
}

const matrices = fc
  .record({ dims: fc.integer({ min: 1, max: 5 }), double: fc.boolean() })
  .chain(({ dims, double }) =>
    fc.uniqueArray(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 12 }).chain((keys) =>
      fc
        .array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
          minLength: keys.length * dims,
          maxLength: keys.length * dims
        })
        .map((values): Matrix => ({
          keys,
          dims,
          data: double
            ? Float64Array.from(values)
            : Float32Array.from(values.map((x) => (Math.abs(x) < 1e38 ? x : 0)))
        }))
    )
  )

/** As toEqual, which takes seconds for millions of values. */
const sameBytes = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.compare(
    new Uint8Array(a.buffer, a.byteOffset, a.byteLength),
    new Uint8Array(b.buffer, b.byteOffset, b.byteLength)
  ) === 0

const refusal = (value: Parameters<typeof encode<typeof Vectors>>[2]) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const error = yield* Effect.flip(encode(matrixCodec, Vectors, value, folder))
    expect(error._tag).toBe("InputError")
    expect(fs.readdirSync(folder)).toEqual([])
    return error as InputError
  })

describe("matrix codec", () => {
  it("gives back every matrix, whole and by block", () =>
    fc.assert(
      fc.asyncProperty(matrices, (matrix) =>
        Effect.runPromise(
          Effect.scoped(
            Effect.gen(function* () {
              const encoded = yield* encode(matrixCodec, Vectors, matrix, yield* temporaryFolder)
              expect(encoded.facts).toEqual({
                rows: matrix.keys.length,
                dims: matrix.dims,
                layout: { precision: matrix.data instanceof Float64Array ? "float64" : "float32" }
              })
              const reader = yield* open(matrixCodec, Vectors, encoded)
              expect(yield* reader.read).toEqual(matrix)
              expect(yield* reader.keys).toEqual(matrix.keys)
              expect((yield* reader.readFloat32).data).toEqual(Float32Array.from(matrix.data))
              expect(yield* Stream.runCollect(reader.blocks)).toEqual([{ ...matrix, start: 0 }])
            })
          )
        )
      ),
      { numRuns: 60 }
    ))

  it.effect("has the same bytes however its rows come, in batches of bounded size", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      // 1,000 columns: 2,097 rows fill a batch.
      const matrix = matrixOf(5000, 1000)
      const whole = yield* encode(matrixCodec, Vectors, matrix, folder)
      for (const sizes of [[1, 700, 3000], [2097]])
        expect((yield* encode(matrixCodec, Vectors, blocksOf(matrix, sizes), folder)).digest).toBe(
          whole.digest
        )
      const reader = yield* open(matrixCodec, Vectors, whole)
      const blocks = yield* Stream.runCollect(reader.blocks)
      expect(blocks.map(({ start }) => start)).toEqual([0, 2097, 4194])
      for (const { data, keys, start } of blocks) {
        expect(data.byteLength).toBeLessThanOrEqual(batchBytes)
        expect(keys[0]).toBe(matrix.keys[start])
        expect(sameBytes(data, matrix.data.subarray(start * 1000, start * 1000 + data.length))).toBe(true)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("is read by apache-arrow and by flechette", () =>
    Effect.gen(function* () {
      const matrix = { ...matrixOf(3000, 1000), keys: Array.from({ length: 3000 }, (_, i) => `ключ ${i}`) }
      const { path } = yield* encode(matrixCodec, Vectors, matrix, yield* temporaryFolder)
      const bytes = fs.readFileSync(path)
      const table = arrow.tableFromIPC(bytes)
      expect(table.batches.length).toBe(2)
      expect(table.schema.fields.map(String)).toEqual(["key: Utf8", "values: FixedSizeList[1000]<Float32>"])
      const other = flechette.tableFromIPC(bytes)
      for (const row of [0, 1, 2096, 2097, 2999]) {
        const expected = matrix.data.slice(row * 1000, (row + 1) * 1000)
        expect(table.get(row)?.key).toBe(matrix.keys[row])
        expect(Float32Array.from(table.get(row)?.values)).toEqual(expected)
        expect(other.getChild("key")?.at(row)).toBe(matrix.keys[row])
        expect(Float32Array.from(other.getChild("values")?.at(row) as Float32Array)).toEqual(expected)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("refuses what is not a matrix, and names row and key", () =>
    Effect.gen(function* () {
      const good = matrixOf(20, 3)
      const spoiled = good.data.slice()
      spoiled[17 * 3 + 2] = Number.NaN
      expect((yield* refusal({ ...good, data: spoiled })).what).toBe(
        'Row 17 (key "key 17") holds NaN in column 2.'
      )
      spoiled[17 * 3 + 2] = Number.NEGATIVE_INFINITY
      expect((yield* refusal(blocksOf({ ...good, data: spoiled }, [7]))).what).toBe(
        'Row 17 (key "key 17") holds -Infinity in column 2.'
      )
      const twice = good.keys.with(11, "key 4")
      expect((yield* refusal({ ...good, keys: twice })).what).toBe('Rows 4 and 11 have the same key "key 4".')
      expect((yield* refusal(blocksOf({ ...good, keys: twice }, [6]))).what).toContain("Rows 4 and 11")
      expect((yield* refusal({ keys: [], dims: 3, data: new Float32Array(0) })).what).toBe(
        "The matrix has no rows."
      )
      expect((yield* refusal({ ...good, dims: 4 })).what).toBe("20 keys come with 60 values.")
      expect((yield* refusal({ keys: ["a"], dims: 0, data: new Float32Array(0) })).what).toContain(
        "0 columns"
      )
      expect((yield* refusal({ ...good, keys: good.keys.with(3, "\ud800") })).what).toContain("Row 3")
    }).pipe(Effect.scoped)
  )

  it.effect("says that a truncated or overwritten file is damaged", () =>
    Effect.gen(function* () {
      const whole = yield* encode(matrixCodec, Vectors, matrixOf(50, 4), yield* temporaryFolder)
      const size = fs.statSync(whole.path).size
      for (const length of [0, 5, 100, size >> 1, size - 1]) {
        const cut = truncated(whole, length)
        const error = yield* Effect.flip(open(matrixCodec, Vectors, cut))
        expect(error).toMatchObject({ _tag: "ArtifactError", reason: "corrupt" })
      }
      // Whatever a flipped byte of the metadata does, it is an error of ours or a matrix, never a crash.
      const bytes = fs.readFileSync(whole.path)
      for (let at = size - 700; at < size; at += 7) {
        const path = `${whole.path}.flipped`
        fs.writeFileSync(path, bytes.with(at, bytes[at] ^ 0xff))
        const exit = yield* Effect.exit(
          Effect.flatMap(open(matrixCodec, Vectors, { ...whole, path }), ({ read }) => read)
        )
        if (exit._tag === "Failure") expect(exit.cause.reasons.map((reason) => reason._tag)).toEqual(["Fail"])
      }
    }).pipe(Effect.scoped)
  )
})
