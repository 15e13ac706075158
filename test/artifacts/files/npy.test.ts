import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { temporaryFolder } from "../fixtures.ts"
import { bytesOf, floatNpy, header, npy } from "./madeFiles.ts"

const read = Effect.fnUntraced(function* (bytes: Uint8Array) {
  const file = path.join(yield* temporaryFolder, "m.npy")
  fs.writeFileSync(file, bytes)
  return yield* readMatrix(file)
}, Effect.scoped)
const refused = (bytes: Uint8Array) => Effect.map(Effect.flip(read(bytes)), ({ message }) => message)

/** Six numbers of each type, written by a DataView; half floats by their bits (IEEE 754). */
const types: ReadonlyArray<
  readonly [
    descr: string,
    size: number,
    put: (view: DataView, at: number, little: boolean, value: number) => void
  ]
> = [
  [
    "f2",
    2,
    (view, at, little, value) =>
      view.setUint16(at, [0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500][value]!, little)
  ],
  ["f4", 4, (view, at, little, value) => view.setFloat32(at, value, little)],
  ["f8", 8, (view, at, little, value) => view.setFloat64(at, value, little)],
  ["i1", 1, (view, at, _, value) => view.setInt8(at, value)],
  ["u1", 1, (view, at, _, value) => view.setUint8(at, value)],
  ["i2", 2, (view, at, little, value) => view.setInt16(at, value, little)],
  ["u2", 2, (view, at, little, value) => view.setUint16(at, value, little)],
  ["i4", 4, (view, at, little, value) => view.setInt32(at, value, little)],
  ["u4", 4, (view, at, little, value) => view.setUint32(at, value, little)],
  ["i8", 8, (view, at, little, value) => view.setBigInt64(at, BigInt(value), little)],
  ["u8", 8, (view, at, little, value) => view.setBigUint64(at, BigInt(value), little)]
]

describe("npy", () => {
  it.effect.each(types)(
    "%s: read in both byte orders, and refused with a byte more or fewer",
    ([type, size, put]) =>
      Effect.gen(function* () {
        for (const order of ["<", ">"]) {
          const data = new Uint8Array(6 * size)
          for (let i = 0; i < 6; i++) put(new DataView(data.buffer), i * size, order === "<", i)
          const head = header(`${order}${type}`, "(2, 3)")
          expect([...(yield* read(npy(head, data))).data]).toEqual([0, 1, 2, 3, 4, 5])
          const turned = header(`${order}${type}`, "(2, 3)", "True")
          expect([...(yield* read(npy(turned, data))).data]).toEqual([0, 2, 4, 1, 3, 5])
          expect(yield* refused(npy(head, data.subarray(1)))).toContain("cut short")
          expect(yield* refused(npy(head, Buffer.concat([data, Buffer.alloc(1)])))).toContain(
            "1 are left over"
          )
        }
      })
  )

  it.effect("versions 1 to 3 are read, others refused", () =>
    Effect.gen(function* () {
      const data = bytesOf(Float32Array.of(1, 2))
      const versions = [
        [1, 0],
        [2, 0],
        [3, 0]
      ] as const
      for (const version of versions) {
        expect([...(yield* read(npy(header("<f4", "(1, 2)"), data, version))).data]).toEqual([1, 2])
      }
      for (const version of [
        [1, 1],
        [4, 0],
        [0, 0]
      ] as const) {
        expect(yield* refused(npy(header("<f4", "(1, 2)"), data, version))).toContain(
          `the version ${version.join(".")}`
        )
      }
    })
  )

  it.effect("a header that lies or that numpy does not write is refused", () =>
    Effect.gen(function* () {
      const data = bytesOf(Float32Array.of(1, 2))
      const lies: ReadonlyArray<readonly [string, string]> = [
        [header("<f4", "(1000000000000, 1000000000000)"), "a shape that cannot be"],
        [header("<f4", "(-1, -2)"), "a shape that cannot be"],
        [header("<f4", "(1.0, 2)"), "a shape that cannot be"],
        [header("<f4", "(2)"), "a shape that cannot be"],
        [header("<f4", "(99999999, 9999999)"), "cut short"],
        [
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), 'shape': (2, 1), }",
          "names 'shape' twice"
        ],
        ["{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), 'more': False, }", "'more'".slice(1, -1)],
        ["{'descr': '<f4', 'shape': (1, 2), }", "cannot be read"],
        ["{'descr': '<f4', 'fortran_order': (), 'shape': (1, 2), }", "'fortran_order' is ()"],
        ["{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), } and more", "not a dictionary"]
      ]
      for (const [text, message] of lies) expect(yield* refused(npy(text, data)), text).toContain(message)
      const far = npy(header("<f4", "(1, 2)"), data, [2, 0])
      far.writeUInt32LE(0xfffffff0, 8)
      expect(yield* refused(far)).toContain("its header alone")
    })
  )

  it.effect("elements that are no numbers are refused in words", () =>
    Effect.gen(function* () {
      for (const [descr, size, message] of [
        ["<c8", 8, "the type '<c8'"],
        ["<f16", 16, "the type '<f16'"],
        ["<V2", 2, "bfloat16"],
        ["|V1", 1, "8-bit floats"],
        ["<U3", 12, "holds texts"],
        ["|S3", 3, "holds texts"],
        ["<M8[ns]", 8, "holds times"],
        ["|O", 8, "Python objects"]
      ] as const) {
        expect(yield* refused(npy(header(descr, "(1, 2)"), Buffer.alloc(2 * size)))).toContain(message)
      }
      expect(
        yield* refused(
          npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", Buffer.alloc(4))
        )
      ).toContain("records")
    })
  )

  it.effect("integers past 2^53 are refused with their row and column, in either order", () =>
    Effect.gen(function* () {
      const far = bytesOf(BigInt64Array.of(1n, 2n, 3n, 4n, -(2n ** 53n) - 1n, 6n))
      expect(yield* refused(npy(header("<i8", "(2, 3)"), far))).toContain(
        "Row 1, column 1 holds an integer past 2^53"
      )
      expect(yield* refused(npy(header("<i8", "(2, 3)", "True"), far))).toContain("Row 0, column 2 holds")
      const most = bytesOf(BigInt64Array.of(2n ** 53n - 1n, -(2n ** 53n) + 1n))
      expect([...(yield* read(npy(header("<i8", "(1, 2)"), most))).data]).toEqual([
        2 ** 53 - 1,
        -(2 ** 53) + 1
      ])
    })
  )

  it.effect("booleans are read as 0 and 1 with a note, other bytes refused", () =>
    Effect.gen(function* () {
      const matrix = yield* read(npy(header("|b1", "(2, 2)"), Buffer.from([0, 1, 1, 0])))
      expect([...matrix.data]).toEqual([0, 1, 1, 0])
      expect(matrix.notes).toEqual(["The values are booleans; they are read as 0 and 1."])
      expect(yield* refused(npy(header("|b1", "(2, 2)"), Buffer.from([0, 1, 2, 0])))).toContain(
        "Row 1, column 0 holds the byte 2"
      )
    })
  )

  it.effect("other numbers of dimensions, and what is not finite, are named", () =>
    Effect.gen(function* () {
      expect(yield* refused(floatNpy("()", [1]))).toContain("0 dimensions")
      expect(yield* refused(floatNpy("(2,)", [1, 2]))).toContain("1 dimension (2)")
      expect(yield* refused(floatNpy("(1, 2, 1)", [1, 2]))).toContain("3 dimensions (1, 2, 1)")
      expect(yield* refused(floatNpy("(2, 2)", [1, 2, 3, Infinity]))).toContain(
        'Row 1 (key "1") holds Infinity in column 1'
      )
      const small = npy(header("<f2", "(1, 2)"), Buffer.from([0, 0, 0, 0x7e]))
      expect(yield* refused(small)).toContain('Row 0 (key "0") holds NaN in column 1')
      const extreme = npy(header("<f8", "(1, 2)"), bytesOf(Float64Array.of(1e300, -1e-300)))
      expect([...(yield* read(extreme)).data]).toEqual([1e300, -1e-300])
    })
  )
})
