import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { sharesBytes } from "../../../artifacts/codecs/blocks.ts"
import { matrixCodec } from "../../../artifacts/codecs/matrix.ts"
import { layOut, parseHeader } from "../../../artifacts/codecs/safetensors.ts"
import { sparseCodec } from "../../../artifacts/codecs/sparse.ts"
import { readTensors } from "../../../artifacts/codecs/tensors.ts"
import { undecodable } from "../../../artifacts/failures.ts"
import type { MatrixReader, SparseReader } from "../../../schemas/Kind.ts"
import type { Matrix, SparseRows } from "../../../schemas/Matrix.ts"
import { Codes, inStore, temporaryFolder, Vectors } from "../fixtures.ts"
import { Store } from "../../../artifacts/Store.ts"

const facts = { rows: null, dims: null, layout: {} }

/** Every byte of the file, with one bit or all bits changed; what is read must fit together or be refused. */
const everyByte = Effect.fnUntraced(function* (
  bytes: Uint8Array,
  read: (file: string) => Effect.Effect<unknown, unknown>,
  fits: (value: unknown) => boolean
) {
  const file = path.join(yield* temporaryFolder, "x.arrow")
  let refused = 0
  for (let at = 0; at < bytes.length; at += 3)
    for (const mask of [1 << (at % 8), 0xff]) {
      fs.writeFileSync(file, bytes.with(at, bytes[at]! ^ mask))
      const exit = yield* Effect.exit(read(file))
      if (Exit.isSuccess(exit)) expect(fits(exit.value), `byte ${at}`).toBe(true)
      else {
        refused++
        const [error] = exit.cause.reasons.map((reason) => ("error" in reason ? reason.error : reason))
        expect(error, `byte ${at}`).toMatchObject({ reason: "corrupt" })
      }
    }
  expect(refused).toBeGreaterThan(20)
})

const written = (kind: typeof Vectors | typeof Codes, value: unknown) =>
  Effect.gen(function* () {
    const root = yield* temporaryFolder
    return yield* inStore(
      root,
      Effect.gen(function* () {
        const store = yield* Store
        const { digest } = yield* store.write(kind as never, value as never, null, [])
        return new Uint8Array(fs.readFileSync(yield* store.pathOf(digest)))
      })
    )
  })

describe("a codec given damaged bytes", () => {
  it.effect("of a matrix gives one whose parts fit, or refuses", () =>
    Effect.gen(function* () {
      const bytes = yield* written(Vectors, { keys: ["a", "b"], dims: 2, data: Float32Array.of(1, 2, 3, 4) })
      const read = (file: string) =>
        Effect.flatMap(matrixCodec.open(Vectors, file, facts), (reader) => (reader as MatrixReader).read)
      yield* everyByte(bytes, read, (value) => {
        const { keys, dims, data } = value as Matrix
        return data.length === keys.length * dims
      })
    }).pipe(Effect.scoped)
  )

  it.effect("of sparse rows gives none with a column that is not there, or refuses", () =>
    Effect.gen(function* () {
      const bytes = yield* written(Codes, {
        keys: ["a", "b"],
        dims: 9,
        indptr: Float64Array.of(0, 2, 3),
        indices: Uint32Array.of(1, 8, 0),
        values: Float32Array.of(0.5, -1, 2)
      })
      const read = (file: string) =>
        Effect.flatMap(sparseCodec.open(Codes, file, facts), (reader) => (reader as SparseReader).read)
      yield* everyByte(bytes, read, (value) => {
        const { keys, dims, indptr, indices, values } = value as SparseRows
        return (
          indptr.length === keys.length + 1 &&
          indptr[keys.length] === indices.length &&
          (values === undefined || values.length === indices.length) &&
          indices.every((column) => column < dims)
        )
      })
    }).pipe(Effect.scoped)
  )
})

describe("damage", () => {
  it("is told in our words, never the engine's", () => {
    const told = (error: unknown) => undecodable("x")(error).detail
    expect(told(new RangeError("the offsets of text 3 do not fit its column"))).toContain(
      "the offsets of text 3"
    )
    for (const length of [-1, 2 ** 53]) {
      try {
        expect(new Uint8Array(length)).toBe(undefined)
      } catch (error) {
        expect(told(error)).toBe("The artifact is damaged: its bytes do not have the form that was written.")
      }
    }
    expect(told(new TypeError("x.at is not a function"))).not.toContain("function")
    expect(told(new RangeError("start offset of Float64Array should be a multiple of 8"))).not.toContain(
      "Float64Array"
    )
  })

  it("is found where record batches name the same bytes", () => {
    const region = (offset: number, length: number) => ({ offset, length })
    expect(sharesBytes([{ buffers: [region(8, 8), region(16, 0)] }, { buffers: [region(24, 8)] }])).toBe(
      false
    )
    expect(sharesBytes([{ buffers: [region(8, 24)] }, { buffers: [region(8, 24)] }])).toBe(true)
    expect(sharesBytes([])).toBe(false)
  })
})

describe("safetensors", () => {
  const entry = (dtype: string, shape: ReadonlyArray<number>, start: number, end: number) => ({
    dtype,
    shape,
    data_offsets: [start, end]
  })

  it("refuse shapes, types and offsets that do not fit the bytes there are", () => {
    for (const [header, fault] of [
      [{ a: entry("F32", [2], 0, 4) }, "shape"],
      [{ a: entry("F16", [4], 0, 4) }, "shape"],
      [{ a: entry("BF16", [2 ** 40, 2 ** 40], 0, 8) }, "shape"],
      [{ a: entry("F32", [2], 8, 0) }, "outside"],
      [{ a: entry("F32", [4], 0, 16) }, "outside"],
      [{ a: entry("F32", [1], 0, 4), b: entry("F32", [1], 3, 7) }, "share bytes"],
      [{ a: entry("F32", [-1], 0, 4) }, "not described"],
      [{ a: null }, "not described"],
      [{ __metadata__: { a: 1 } }, "metadata"],
      [{ __metadata__: null }, "metadata"]
    ] as const)
      expect(() => parseHeader(Buffer.from(JSON.stringify(header)), 8), JSON.stringify(header)).toThrow(fault)
  })

  it.effect("keep a tensor of any name, and refuse a type named like what objects inherit", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "x.safetensors")
      const names = ["__proto__", "constructor", "toString", "a"]
      const tensors = Object.fromEntries(
        names.map((name, i) => [name, { shape: [1], data: Float32Array.of(i) }])
      )
      fs.writeFileSync(file, Buffer.concat(layOut({ tensors })))
      const read = yield* Effect.promise(() => readTensors(file))
      expect(Object.keys(read.tensors).toSorted()).toEqual(names.toSorted())
      for (const [i, name] of names.entries())
        expect(Object.getOwnPropertyDescriptor(read.tensors, name)?.value.data).toEqual(Float32Array.of(i))
      const text = Buffer.from(JSON.stringify({ a: entry("constructor", [1], 0, 4) }).padEnd(64))
      const length = Buffer.alloc(8)
      length.writeBigUInt64LE(BigInt(text.length))
      fs.writeFileSync(file, Buffer.concat([length, text, Buffer.alloc(4)]))
      const error = yield* Effect.flip(Effect.tryPromise(() => readTensors(file)))
      expect(String((error as { cause: unknown }).cause)).toContain("unknown type constructor")
    }).pipe(Effect.scoped)
  )
})
