import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import type { ReadOptions } from "../../../artifacts/files/readMatrix.ts"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { temporaryFolder } from "../fixtures.ts"
import { bytesOf, safetensors } from "./madeFiles.ts"

const read = Effect.fnUntraced(function* (bytes: Uint8Array, options: ReadOptions = {}) {
  const file = path.join(yield* temporaryFolder, "m.safetensors")
  fs.writeFileSync(file, bytes)
  return yield* readMatrix(file, options)
}, Effect.scoped)
const refused = (bytes: Uint8Array, options: ReadOptions = {}) =>
  Effect.map(Effect.flip(read(bytes, options)), ({ message }) => message)

const entry = (dtype: string, shape: ReadonlyArray<number>, start: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [start, end]
})

/** 1, 2, 3, 0 in each type; half floats by their bits. */
const types: ReadonlyArray<readonly [dtype: string, data: ArrayBufferView]> = [
  ["F64", Float64Array.of(1, 2, 3, 0)],
  ["F32", Float32Array.of(1, 2, 3, 0)],
  ["F16", Uint16Array.of(0x3c00, 0x4000, 0x4200, 0)],
  ["BF16", Uint16Array.of(0x3f80, 0x4000, 0x4040, 0)],
  ["I64", BigInt64Array.of(1n, 2n, 3n, 0n)],
  ["I32", Int32Array.of(1, 2, 3, 0)],
  ["I16", Int16Array.of(1, 2, 3, 0)],
  ["I8", Int8Array.of(1, 2, 3, 0)],
  ["U64", BigUint64Array.of(1n, 2n, 3n, 0n)],
  ["U32", Uint32Array.of(1, 2, 3, 0)],
  ["U16", Uint16Array.of(1, 2, 3, 0)],
  ["U8", Uint8Array.of(1, 2, 3, 0)]
]

describe("safetensors", () => {
  it.effect.each(types)("%s: read, and refused where shape and bytes differ", ([dtype, array]) =>
    Effect.gen(function* () {
      const data = bytesOf(array)
      const length = data.length
      expect([...(yield* read(safetensors({ w: entry(dtype, [2, 2], 0, length) }, data))).data]).toEqual([
        1, 2, 3, 0
      ])
      expect(yield* refused(safetensors({ w: entry(dtype, [2, 1], 0, length) }, data))).toContain(
        "has shape [2, 1]"
      )
      expect(yield* refused(safetensors({ w: entry(dtype, [2, 3], 0, length) }, data))).toContain(
        "has shape [2, 3]"
      )
    })
  )

  it.effect("booleans come with a note, 8-bit floats and unknown types are refused", () =>
    Effect.gen(function* () {
      const booleans = yield* read(safetensors({ w: entry("BOOL", [1, 2], 0, 2) }, Buffer.from([0, 1])))
      expect([...booleans.data]).toEqual([0, 1])
      expect(booleans.notes).toHaveLength(1)
      expect(yield* refused(safetensors({ w: entry("BOOL", [1, 2], 0, 2) }, Buffer.from([0, 2])))).toContain(
        "Row 0, column 1 of tensor 'w' holds the byte 2"
      )
      expect(yield* refused(safetensors({ w: entry("F8_E4M3", [1, 2], 0, 2) }, Buffer.alloc(2)))).toContain(
        "has the type F8_E4M3"
      )
      expect(yield* refused(safetensors({ w: entry("F9", [1, 2], 0, 2) }, Buffer.alloc(2)))).toContain(
        "unknown type F9"
      )
      const far = bytesOf(BigUint64Array.of(0n, 2n ** 60n))
      expect(yield* refused(safetensors({ w: entry("U64", [1, 2], 0, 16) }, far))).toContain(
        "column 1 of tensor 'w'"
      )
    })
  )

  it.effect("a header that is not the format's is refused", () =>
    Effect.gen(function* () {
      const data = Buffer.alloc(16)
      const one = JSON.stringify(entry("F32", [2, 2], 0, 16))
      const cases: ReadonlyArray<readonly [string, Uint8Array]> = [
        ["names w twice", safetensors(`{"w":${one},"w":${one}}`, data)],
        ["names w twice", safetensors(`{"w":${one},"\\u0077" :${one}}`, data)],
        ["names dtype twice", safetensors(`{"w":{"dtype":"F16",${one.slice(1)}}`, data)],
        [
          "share bytes",
          safetensors({ v: entry("F32", [2, 2], 0, 16), w: entry("F32", [2, 1], 8, 16) }, data)
        ],
        ["8 bytes before tensor w", safetensors({ w: entry("F32", [2, 1], 8, 16) }, data)],
        ["8 bytes behind the last", safetensors({ w: entry("F32", [2, 1], 0, 8) }, data)],
        ["outside the file", safetensors({ w: entry("F32", [2, 4], 0, 32) }, data)],
        ["not described", safetensors({ w: entry("F32", [2, -2], 0, 16) }, data)],
        ["not described", safetensors({ w: entry("F32", [2, 2], 0.5, 16) }, data)],
        ["not a JSON object", safetensors(`[${one}]`, data)],
        ["not a JSON object", safetensors(` {"w":${one}}`, data)],
        ["not a JSON object", safetensors(`{"w":${one}}x`, data)],
        ["metadata", safetensors(`{"__metadata__":{"a":1},"w":${one}}`, data)],
        ["does not fit the file", Buffer.concat([Buffer.alloc(7), Buffer.from([0xff]), data])],
        ["too few for a header", Buffer.alloc(5)]
      ]
      for (const [message, bytes] of cases) expect(yield* refused(bytes), message).toContain(message)
      const latin = safetensors(`{"w":${one},"v":${one}}`, data)
      latin[8 + 2] = 0xe9
      expect(yield* refused(latin)).toContain("not a JSON object")
    })
  )

  it.effect("of several tensors one is chosen, and only its bytes are read", () =>
    Effect.gen(function* () {
      const header = {
        a: entry("F32", [1, 2], 0, 8),
        b: entry("I8", [4, 2], 8, 16),
        c: entry("I8", [0], 16, 16)
      }
      const bytes = safetensors(header, Buffer.concat([bytesOf(Float32Array.of(7, 8)), Buffer.alloc(8, 1)]))
      expect(yield* refused(bytes)).toContain("a (1 × 2), b (4 × 2)")
      expect([...(yield* read(bytes, { array: "a" })).data]).toEqual([7, 8])
      expect((yield* read(bytes, { array: "b" })).keys).toHaveLength(4)
      expect(yield* refused(bytes, { array: "c" })).toContain("has 1 dimension (0)")
      expect(yield* refused(bytes, { array: "d" })).toContain("no tensor 'd'")
    })
  )
})
