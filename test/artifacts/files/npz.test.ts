import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as zlib from "node:zlib"
import * as Effect from "effect/Effect"
import type { ReadOptions } from "../../../artifacts/files/readMatrix.ts"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { writeMatrix } from "../../../artifacts/files/writeMatrix.ts"
import { temporaryFolder } from "../fixtures.ts"
import { bytesOf, floatNpy, header, type Made, npy, textNpy, zip } from "./madeFiles.ts"
import { absent, python } from "./python.ts"

const read = Effect.fnUntraced(function* (bytes: Uint8Array, options: ReadOptions = {}) {
  const file = path.join(yield* temporaryFolder, "m.npz")
  fs.writeFileSync(file, bytes)
  return yield* readMatrix(file, options)
}, Effect.scoped)
const refused = (bytes: Uint8Array, options: ReadOptions = {}) =>
  Effect.map(Effect.flip(read(bytes, options)), ({ message }) => message)

const numbers = [1, 2, 3, 4, 5, 6]
const array = floatNpy("(3, 2)", numbers)
const x: Made = { name: "x.npy", data: array }
const keys: Made = { name: "keys.npy", data: textNpy(["a", "bé", "𝒸"]) }

describe("npz", () => {
  it.effect("is read stored, deflated, with sizes behind the data and with sizes of 64 bits", () =>
    Effect.gen(function* () {
      for (const how of [
        {},
        { deflate: true },
        { later: true },
        { later: true, deflate: true },
        { wide: true }
      ]) {
        const matrix = yield* read(
          zip([
            { ...x, ...how },
            { ...keys, ...how }
          ])
        )
        expect({ how, data: [...matrix.data], keys: matrix.keys }).toEqual({
          how,
          data: numbers,
          keys: ["a", "bé", "𝒸"]
        })
      }
      for (const end of ["wide", "both"] as const) {
        const whole = zip([x, keys], undefined, end)
        expect([...(yield* read(whole)).data]).toEqual(numbers)
        expect(yield* refused(zip([x, keys], Buffer.alloc(40), end))).toContain("does not name")
        whole[whole.length - 22 - 20 - 1]! ^= 1
        expect(yield* refused(whole)).toContain("This is not an npz file")
      }
    })
  )

  it.effect("no flipped bit gives other values", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = path.join(folder, "m.npz")
      let kept = 0
      for (const deflate of [false, true]) {
        const whole = zip([
          { ...x, deflate },
          { ...keys, deflate }
        ])
        for (let at = 0; at < whole.length; at++) {
          const bytes = Buffer.from(whole)
          bytes[at]! ^= 1 << ((at * 5) % 8)
          fs.writeFileSync(file, bytes)
          const result = yield* Effect.exit(readMatrix(file))
          if (result._tag !== "Success") continue
          kept++
          expect([at, result.value.keys, [...result.value.data]]).toEqual([at, ["a", "bé", "𝒸"], numbers])
        }
      }
      // Dates and versions may change.
      expect(kept).toBeLessThan(100)
    }).pipe(Effect.scoped)
  )

  it.effect("an archive that is not what its directory says is refused in our words", () =>
    Effect.gen(function* () {
      const whole = zip([x])
      const cases: ReadonlyArray<readonly [string, Uint8Array]> = [
        ["no zip ends where the file ends", Buffer.concat([whole, Buffer.alloc(3)])],
        ["bytes before or between its parts", Buffer.concat([Buffer.alloc(3), whole])],
        ["bytes that its directory does not name", zip([x], Buffer.alloc(40))],
        ["no zip ends where the file ends", whole.subarray(0, -1)],
        ["do not agree", zip([{ ...x, local: { name: "y.npy" } }])],
        ["do not agree", zip([{ ...x, local: { size: 12 } }])],
        ["do not agree", zip([{ ...x, local: { crc: 7 } }])],
        ["do not agree", zip([{ ...x, local: { flags: 2 } }])],
        ["two arrays named 'x'", zip([x, x])],
        ["two arrays named 'x'", zip([x, { ...x, name: "x" }])],
        ["CRC-32", zip([{ ...x, crc: 7 }])],
        ["its two sizes differ", zip([{ ...x, size: array.length + 8 }])],
        ["does not unpack", zip([{ ...x, deflate: true, packed: Buffer.alloc(30, 7) }])],
        ["holds no array of numbers", zip([{ ...x, flags: 1 }])],
        ["holds no array of numbers", zip([])]
      ]
      for (const [message, bytes] of cases) expect(yield* refused(bytes)).toContain(message)
      expect(yield* refused(zip([{ ...x, flags: 1 }]), { array: "x" })).toContain("encrypted")
      expect(yield* refused(zip([{ ...x, method: 14 }]), { array: "x" })).toContain("LZMA")
    })
  )

  it.effect("unpacks no more than the header asks for", () =>
    Effect.gen(function* () {
      const zeros = zlib.deflateRawSync(Buffer.alloc(1 << 20))
      const bomb: Made = { ...x, deflate: true, packed: zeros, size: 2 ** 30 }
      expect(yield* refused(zip([bomb]), { array: "x" })).toContain("would unpack to 1073741824 bytes")
      const more = zlib.deflateRawSync(Buffer.concat([array, Buffer.alloc(1 << 20)]))
      expect(yield* refused(zip([{ ...x, deflate: true, packed: more }]))).toContain(
        "more bytes than it says"
      )
      const behind = Buffer.concat([zlib.deflateRawSync(array), Buffer.alloc(9)])
      expect(yield* refused(zip([{ ...x, deflate: true, packed: behind }]))).toContain("bytes behind its end")
      const short = zlib.deflateRawSync(array.subarray(0, -4))
      expect(yield* refused(zip([{ ...x, deflate: true, packed: short }]))).toContain("cut short")
      // What is not wanted is not unpacked: it may hold anything.
      const beside = { ...x, name: "beside.npy", deflate: true, packed: zeros, size: 2 ** 30 }
      expect([...(yield* read(zip([x, beside]), { array: "x" })).data]).toEqual(numbers)
      expect(yield* refused(zip([{ ...x, data: Buffer.concat([array, Buffer.alloc(4)]) }]))).toContain(
        "left over"
      )
    })
  )

  it.effect("holds the same where an array is unpacked in a stream", () =>
    Effect.gen(function* () {
      const values = Array.from({ length: 300_000 }, (_, i) => Math.fround(Math.sin(i)))
      const large = floatNpy("(150000, 2)", values)
      const made: Made = { name: "x.npy", data: large, deflate: true }
      expect((yield* read(zip([made]))).data).toEqual(Float32Array.from(values))
      const deflated = zlib.deflateRawSync(large)
      const bad: ReadonlyArray<readonly [string, Made]> = [
        ["CRC-32", { ...made, crc: 7 }],
        [
          "more bytes than it says",
          { ...made, packed: zlib.deflateRawSync(Buffer.concat([large, Buffer.alloc(9)])) }
        ],
        ["bytes behind its end", { ...made, packed: Buffer.concat([deflated, Buffer.alloc(9)]) }],
        ["cut short", { ...made, packed: zlib.deflateRawSync(large.subarray(0, -9)) }],
        ["does not unpack", { ...made, packed: deflated.subarray(0, -9) }]
      ]
      for (const [message, member] of bad) expect(yield* refused(zip([member])), message).toContain(message)
    })
  )

  it.effect("says which arrays there are, and takes texts for keys only where that is clear", () =>
    Effect.gen(function* () {
      const two = zip([x, { ...x, name: "y.npy" }])
      const message = yield* refused(two)
      expect(message).toContain("2 arrays of numbers")
      expect(message).toContain("x (3 × 2), y (3 × 2)")
      expect(yield* refused(two, { array: "z" })).toContain("no array 'z'")
      const words: Made = { name: "words.npy", data: textNpy(["p", "q", "r"]) }
      expect((yield* read(zip([x, keys, words]))).keys).toEqual(["a", "bé", "𝒸"])
      const others = yield* read(zip([x, words, { ...words, name: "tags.npy" }]))
      expect(others.keyed).toBe(false)
      expect(others.notes).toEqual([
        "The arrays 'words', 'tags' each hold a text for every row: none is taken for keys."
      ])
      const short = yield* read(zip([x, { name: "keys.npy", data: textNpy(["p", "q"]) }]))
      expect(short.notes[0]).toContain("not as many as the 3 rows")
      const objects = npy(header("|O", "(3,)"), Buffer.alloc(20))
      expect((yield* read(zip([x, { name: "keys.npy", data: objects }]))).notes[0]).toContain(
        "Python objects"
      )
      const broken = npy(header("<U1", "(3,)"), bytesOf(Uint32Array.of(97, 0xd800, 98)))
      expect(yield* refused(zip([x, { name: "keys.npy", data: broken }]))).toContain("Text 1 is not Unicode")
      const latin = npy(header("|S1", "(3,)"), Buffer.from([97, 0xe9, 98]))
      expect(yield* refused(zip([x, { name: "keys.npy", data: latin }]))).toContain("Text 1 is not UTF-8")
    })
  )

  it.effect("a file of keys does not replace keys of its own", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "keys.txt")
      fs.writeFileSync(file, "p\nq\nr\n")
      expect((yield* read(zip([x]), { keys: file })).keys).toEqual(["p", "q", "r"])
      expect(yield* refused(zip([x, keys]), { keys: file })).toContain("has keys of its own")
      expect((yield* read(zip([x, keys]), { keysIfNone: file })).keys).toEqual(["a", "bé", "𝒸"])
    }).pipe(Effect.scoped)
  )

  it.effect("is written with more keys than a call has arguments, and read by numpy", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = path.join(folder, "big.npz")
      const rows = 130_000
      const written = {
        keys: Array.from({ length: rows }, (_, i) => `é${i}`),
        dims: 1,
        data: Float64Array.from({ length: rows }, (_, i) => i / 7)
      }
      yield* writeMatrix(file, written)
      const back = yield* readMatrix(file)
      expect(back.keys.at(-1)).toBe("é129999")
      expect(back.data).toEqual(written.data)
      const error = yield* Effect.flip(
        writeMatrix(file, { keys: ["a\0"], dims: 1, data: Float32Array.of(1) })
      )
      expect(error.message).toContain("zero byte")
      if (absent !== undefined) return
      expect(
        python(
          folder,
          `z = np.load("big.npz"); print(json.dumps([z["values"].sum(), str(z["keys"][129999])]))`
        )
      ).toEqual(
        [written.data.reduce((a, b) => a + b), "é129999"].map((one) =>
          typeof one === "number" ? expect.closeTo(one, 2) : one
        )
      )
    }).pipe(Effect.scoped)
  )
})
