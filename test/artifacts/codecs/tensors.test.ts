import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { tensorsCodec } from "../../../artifacts/codecs/tensors.ts"
import type { TensorsValue } from "../../../schemas/Kind.ts"
import { encode, open, truncated } from "../encoding.ts"
import { temporaryFolder, Weights } from "../fixtures.ts"

const types = [Float32Array, Float64Array, Int32Array, Uint32Array]

const tensor = fc
  .record({
    type: fc.constantFrom(...types),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    seed: fc.integer({ min: 1, max: 1000 })
  })
  .map(({ type, shape, seed }) => ({
    shape,
    data: new type(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + i) * 1e6)
    )
  }))

const values: fc.Arbitrary<TensorsValue> = fc.record({
  tensors: fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== "__metadata__" && name !== "__proto__"),
    tensor,
    { maxKeys: 5 }
  ),
  metadata: fc.dictionary(
    fc.string().filter((name) => name !== "__proto__"),
    fc.string(),
    { maxKeys: 3 }
  )
})

describe("tensors codec", () => {
  it("gives back all tensors and metadata, and does not depend on their order", () =>
    fc.assert(
      fc.asyncProperty(values, (value) =>
        Effect.runPromise(
          Effect.scoped(
            Effect.gen(function* () {
              const folder = yield* temporaryFolder
              const encoded = yield* encode(tensorsCodec, Weights, value, folder)
              const read = yield* (yield* open(tensorsCodec, Weights, encoded)).read
              expect({ ...read.tensors }).toEqual({ ...value.tensors })
              expect({ ...read.metadata }).toEqual({ ...value.metadata })
              const reversed = Object.fromEntries(Object.entries(value.tensors).toReversed())
              const again = yield* encode(tensorsCodec, Weights, { ...value, tensors: reversed }, folder)
              expect(again.digest).toBe(encoded.digest)
            })
          )
        )
      ),
      { numRuns: 80 }
    ))

  it.effect("lays tensors out as the safetensors format says, aligned", () =>
    Effect.gen(function* () {
      const value = {
        tensors: {
          a: { shape: [1], data: Float32Array.of(1) },
          b: { shape: [1, 1], data: Float64Array.of(2) }
        },
        metadata: { format: "pt" }
      }
      const { path } = yield* encode(tensorsCodec, Weights, value, yield* temporaryFolder)
      const bytes = fs.readFileSync(path)
      const length = Number(bytes.readBigUInt64LE(0))
      expect(length % 8).toBe(0)
      expect(JSON.parse(bytes.toString("utf8", 8, 8 + length))).toEqual({
        __metadata__: { format: "pt" },
        a: { dtype: "F32", shape: [1], data_offsets: [8, 12] },
        b: { dtype: "F64", shape: [1, 1], data_offsets: [0, 8] }
      })
      expect(bytes.readDoubleLE(8 + length)).toBe(2)
      expect(bytes.readFloatLE(8 + length + 8)).toBe(1)
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a shape that does not fit, and names damage", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const wrong = { tensors: { w: { shape: [2, 2], data: new Float32Array(3) } } }
      const error = yield* Effect.flip(encode(tensorsCodec, Weights, wrong, folder))
      expect(error.message).toContain("tensor w has shape [2, 2] and 3 values")
      const right = { tensors: { w: { shape: [3], data: new Float32Array(3) } } }
      const whole = yield* encode(tensorsCodec, Weights, right, folder)
      for (const cut of [0, 9, 30, fs.statSync(whole.path).size - 1]) {
        const reader = yield* open(tensorsCodec, Weights, truncated(whole, cut))
        expect(yield* Effect.flip(reader.read)).toMatchObject({ reason: "corrupt" })
      }
    }).pipe(Effect.scoped)
  )
})
