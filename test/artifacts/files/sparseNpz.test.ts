import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { readSparse } from "../../../artifacts/files/readSparse.ts"
import { temporaryFolder } from "../fixtures.ts"
import { bytesOf, csr, floatNpy, header, intNpy, npy, textNpy, zip } from "./madeFiles.ts"

const using = Effect.fnUntraced(function* <A, E>(
  bytes: Uint8Array,
  use: (file: string) => Effect.Effect<A, E>
) {
  const file = path.join(yield* temporaryFolder, "m.npz")
  fs.writeFileSync(file, bytes)
  return yield* use(file)
}, Effect.scoped)
const refused = (bytes: Uint8Array) =>
  Effect.map(
    using(bytes, (file) => Effect.flip(readMatrix(file))),
    ({ message }) => message
  )

const shape = (rows: bigint, dims: bigint) =>
  npy(header("<i8", "(2,)"), bytesOf(BigInt64Array.of(rows, dims)))

describe("SciPy's sparse rows", () => {
  it.effect("are read with indices of 32 and 64 bits, float32 and float64, columns in any order", () =>
    Effect.gen(function* () {
      expect([...(yield* using(csr(), (file) => readMatrix(file))).data]).toEqual([0, 2, 0, 1, 0, 3])
      const wide = csr({
        indices: npy(header("<i8", "(3,)"), bytesOf(BigInt64Array.of(1n, 2n, 0n))),
        indptr: npy(header("<i8", "(3,)"), bytesOf(BigInt64Array.of(0n, 1n, 3n))),
        data: npy(header("<f8", "(3,)"), bytesOf(Float64Array.of(1e-300, 3, 1e300)))
      })
      const dense = yield* using(wide, (file) => readMatrix(file))
      expect([...dense.data]).toEqual([0, 1e-300, 0, 1e300, 0, 3])
      expect((yield* using(wide, (file) => Effect.flip(readSparse(file)))).message).toContain(
        "1e-300, which float32 does not hold"
      )
    })
  )

  it.effect("whose parts do not fit are refused, before anything of their size is made", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [string, Uint8Array]> = [
        ["Row 1 goes from entry 3 to 1", csr({ shape: shape(3n, 3n), indptr: intNpy([0, 3, 1, 3]) })],
        ["Row 0 goes from entry 0 to 2000000000", csr({ indptr: intNpy([0, 2_000_000_000, 3]) })],
        ["Row 0 starts at entry 1", csr({ indptr: intNpy([1, 1, 3]) })],
        ["Row 0 names column 3 of 3", csr({ indices: intNpy([3, 0, 2]) })],
        ["Row 1 names column -1 of 3", csr({ indices: intNpy([1, -1, 2]) })],
        ["Row 1 names column 2 twice", csr({ indices: intNpy([1, 2, 2]) })],
        ["Row 0 names column 0.5", csr({ indices: floatNpy("(3,)", [0.5, 0, 2]) })],
        ['Row 1 (key "1") holds NaN in column 2', csr({ data: floatNpy("(3,)", [2, 1, Number.NaN]) })],
        ["do not fit", csr({ shape: shape(4_000_000_000n, 3n) })],
        ["4000000000 columns and stores 3 entries", csr({ shape: shape(2n, 4_000_000_000n) })],
        [
          "would fill the memory",
          csr({ shape: shape(8n, 4_000_000n), indptr: intNpy([0, 1, 3, 3, 3, 3, 3, 3, 3]) })
        ],
        ["has the shape -2 × 3", csr({ shape: shape(-2n, 3n) })],
        ["has the shape of 3 numbers", csr({ shape: intNpy([1, 2, 3]) })],
        ["do not fit", csr({ data: floatNpy("(2,)", [2, 1]) })],
        ["no list of numbers", csr({ data: floatNpy("(3, 1)", [2, 1, 3]) })],
        ["no list of numbers", csr({ data: npy(header("<c8", "(3,)"), Buffer.alloc(24)) })]
      ]
      for (const [message, bytes] of cases) expect(yield* refused(bytes), message).toContain(message)
    })
  )

  it.effect("other formats, and none, are refused with the way out", () =>
    Effect.gen(function* () {
      for (const format of ["csc", "bsr"]) {
        const message = yield* refused(csr({ format: textNpy(format) }))
        expect(message).toContain(`stored as ${format}`)
        expect(message).toContain("tocsr()")
      }
      const bytesFormat = npy(header("|S3", "()"), Buffer.from("csr"))
      expect((yield* using(csr({ format: bytesFormat }), (file) => readMatrix(file))).dims).toBe(3)
      const coo = csr({
        format: textNpy("coo"),
        indices: undefined,
        indptr: undefined,
        row: intNpy([0]),
        col: intNpy([1])
      })
      expect(yield* refused(coo)).toContain("stored as coo")
      const dia = csr({ format: textNpy("dia"), indices: undefined, indptr: undefined, offsets: intNpy([0]) })
      expect(yield* refused(dia)).toContain("stored as dia")
      expect(yield* refused(csr({ format: undefined }))).toContain("does not say how it is stored")
      expect(yield* refused(csr({ indptr: undefined }))).toContain("has no indptr")
    })
  )

  it.effect("a dense array is read as its entries other than 0", () =>
    Effect.gen(function* () {
      const dense = zip([
        { name: "x.npy", data: floatNpy("(2, 3)", [0, 2, 0, 1, 0, 3]) },
        { name: "keys.npy", data: textNpy(["a", "b"]) }
      ])
      expect(yield* using(dense, (file) => readSparse(file))).toEqual({
        keys: ["a", "b"],
        keyed: true,
        dims: 3,
        indptr: Float64Array.of(0, 1, 3),
        indices: Uint32Array.of(1, 0, 2),
        values: Float32Array.of(2, 1, 3)
      })
    })
  )
})
