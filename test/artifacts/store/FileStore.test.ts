import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Store } from "../../../artifacts/Store.ts"
import * as fixtures from "../fixtures.ts"

describe("FileStore", () => {
  it.effect("stores every format and reads it back", () =>
    fixtures.withStore(
      Effect.gen(function* () {
        const store = yield* Store
        const matrix = { keys: ["a", "β"], dims: 2, data: Float32Array.of(1, 2, 3, 4) }
        const written = yield* store.write(fixtures.Vectors, matrix, null, [])
        expect(written).toMatchObject({
          kind: "Vectors",
          format: "matrix",
          rows: 2,
          dims: 2,
          extension: "arrow"
        })
        expect(yield* (yield* store.open(fixtures.Vectors, written.digest)).read).toEqual(matrix)

        const codes = {
          keys: ["a", "b", "c"],
          dims: 9,
          indptr: Float64Array.of(0, 2, 2, 3),
          indices: Uint32Array.of(1, 8, 0),
          values: Float32Array.of(0.5, -1, 2)
        }
        const sparse = yield* store.write(fixtures.Codes, codes, null, [])
        expect(yield* (yield* store.open(fixtures.Codes, sparse.digest)).read).toEqual(codes)

        const rows = [
          { name: "x", note: null, value: 0.1, low: null, count: -7, kept: true },
          { name: "y", note: "ü", value: 1e300, low: 2, count: 2147483647, kept: false }
        ]
        const table = yield* store.write(fixtures.Scores, rows, null, [])
        expect((yield* (yield* store.open(fixtures.Scores, table.digest)).read).rows).toEqual(rows)

        const tensors = {
          tensors: {
            w: { shape: [2, 1], data: Float64Array.of(Math.PI, -0) },
            n: { shape: [1], data: Int32Array.of(3) }
          },
          metadata: { step: "12" }
        }
        const weights = yield* store.write(fixtures.Weights, tensors, null, [])
        expect(yield* (yield* store.open(fixtures.Weights, weights.digest)).read).toEqual(tensors)

        const summary = yield* store.write(fixtures.Summary, { score: null, name: "é" }, null, [])
        expect(fs.readFileSync(yield* store.pathOf(summary.digest), "utf8")).toBe(
          '{"name":"é","score":null}\n'
        )
        expect(yield* (yield* store.open(fixtures.Summary, summary.digest)).read).toEqual({
          name: "é",
          score: null
        })

        const page = yield* store.write(fixtures.Page, { text: "<p>" }, null, [])
        expect(page.extension).toBe("html")
        expect(yield* (yield* store.open(fixtures.Page, page.digest)).text).toBe("<p>")
        expect(fs.readdirSync(`${store.root}/tmp`)).toEqual([])
      })
    )
  )

  it.effect("finds records again in another process, with and without the index", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const root = yield* fixtures.temporaryFolder
        const record = yield* fixtures.inStore(
          root,
          Effect.gen(function* () {
            const store = yield* Store
            const { digest } = yield* store.write(fixtures.Summary, { name: "a", score: 1 }, null, [])
            const record = fixtures.recordOf(1, { out: digest })
            yield* store.writeRecord(record)
            return record
          })
        )
        const check = Effect.gen(function* () {
          const store = yield* Store
          expect(yield* store.record(record.fingerprint)).toEqual(Option.some(record))
          expect(yield* store.record(fixtures.idOf(2))).toEqual(Option.none())
          expect(yield* store.present(Object.values(record.outputs))).toBe(true)
          expect(yield* store.present([fixtures.idOf(2)])).toBe(false)
          expect(yield* store.latest("test", "node-1")).toEqual(Option.some(record))
          expect(yield* store.latest("other", "node-1", "test/stage")).toEqual(Option.some(record))
          expect(yield* store.resolve(record.fingerprint.slice(0, 6))).toEqual([
            { type: "record", id: record.fingerprint }
          ])
        })
        yield* fixtures.inStore(root, check)
        yield* fixtures.inStore(
          root,
          Effect.flatMap(Store, (store) => store.rebuildIndex)
        )
        yield* fixtures.inStore(root, check)
        fs.rmSync(`${root}/index`, { recursive: true })
        yield* fixtures.inStore(
          root,
          Effect.gen(function* () {
            const store = yield* Store
            expect(yield* store.record(record.fingerprint)).toEqual(Option.some(record))
            expect(yield* store.present(Object.values(record.outputs))).toBe(true)
          })
        )
        yield* fixtures.inStore(root, check)
      })
    )
  )
})
