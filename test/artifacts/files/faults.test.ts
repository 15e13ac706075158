import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { readTable } from "../../../artifacts/files/readTable.ts"
import { writeMatrix } from "../../../artifacts/files/writeMatrix.ts"
import { writeTable } from "../../../artifacts/files/writeTable.ts"
import { writeParquet } from "../../../artifacts/codecs/parquet/write.ts"
import type { InputError } from "../../../schemas/errors.ts"
import { Scores, temporaryFolder } from "../fixtures.ts"

/** An npy file with any header. */
const npy = (header: string, data: Uint8Array): Uint8Array => {
  const text = Buffer.from(`${header}\n`, "latin1")
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8])
  return Buffer.concat([head, text, data])
}
const header = (descr: string, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`
const floats = (...values: ReadonlyArray<number>) => new Uint8Array(Float32Array.from(values).buffer)

/** File name, its content, and what the message must say. */
const faults: ReadonlyArray<readonly [name: string, content: string | Uint8Array, message: string]> = [
  ["empty.npy", "", "The file is empty"],
  ["text.npy", "hello, this is text", "This is not an npy file"],
  ["cut-header.npy", npy(header("<f4", "(2, 2)"), new Uint8Array(0)).subarray(0, 20), "cut short"],
  ["cut.npy", npy(header("<f4", "(2, 2)"), floats(1, 2, 3)), "cut short"],
  ["objects.npy", npy(header("|O", "(2, 2)"), floats(1, 2)), "holds Python objects"],
  ["complex.npy", npy(header("<c8", "(1, 1)"), floats(1, 2)), "has the type '<c8'"],
  [
    "records.npy",
    npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", floats(1)),
    "The elements are records"
  ],
  ["vector.npy", npy(header("<f4", "(2,)"), floats(1, 2)), "has 1 dimension"],
  ["cube.npy", npy(header("<f4", "(1, 1, 2)"), floats(1, 2)), "has 3 dimensions"],
  ["none.npy", npy(header("<f4", "(0, 2)"), floats()), "The matrix is empty"],
  ["negative.npy", npy(header("<f4", "(-1, 2)"), floats()), "a shape that cannot be"],
  [
    "nan.npy",
    npy(header("<f4", "(2, 2)"), floats(1, 2, 3, Number.NaN)),
    'Row 1 (key "1") holds NaN in column 1'
  ],
  ["infinite.npy", npy(header("<f4", "(2, 1)"), floats(Infinity, 2)), 'Row 0 (key "0") holds Infinity'],
  ["text.npz", "not a zip", "This is not an npz file"],
  ["header.csv", "key,x,y\n", "no rows below its header"],
  ["ragged.csv", "key,x,y\na,1,2\nb,3\n", "Line 3 has 2 cells and the header has 3"],
  ["word.csv", "key,x\na,1\nb,two\n", "Line 3, column 'x' holds 'two'"],
  ["gap.csv", "key,x\na,1\nb,\n", "Line 3, column 'x' holds nothing"],
  ["nan.csv", "key,x\na,1\nb,nan\n", "Line 3, column 'x' holds NaN"],
  ["twice.csv", "key,x\na,1\nb,2\na,3\n", "Rows 0 and 2 have the same key 'a'"],
  ["text.parquet", "PAR1 and then nothing", "The Parquet file cannot be read"],
  ["text.arrow", "ARROW1 and then nothing at all", "Arrow file"],
  ["text.safetensors", "too short", "This is not a safetensors file"],
  ["matrix.mat", "anything", "Files of type '.mat' are not read"],
  ["matrix", "anything", "(no extension)"]
]

const expectFault = (error: InputError, file: string, message: string) => {
  expect(error._tag).toBe("InputError")
  expect(error.what).toContain(message)
  expect(error.where).toContain(path.basename(file))
  expect(error.expected).toBeTruthy()
}

describe("a file that cannot be read", () => {
  it.effect.each(faults)(
    "%s gives one error that says what, where and what was expected",
    ([name, content, message]) =>
      Effect.gen(function* () {
        const file = path.join(yield* temporaryFolder, name)
        fs.writeFileSync(file, content)
        expectFault(yield* Effect.flip(readMatrix(file)), file, message)
      }).pipe(Effect.scoped)
  )

  it.effect("that is not there, is a folder, or has the wrong number of keys, is named as such", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      expectFault(yield* Effect.flip(readMatrix(path.join(folder, "no.npy"))), "no.npy", "does not exist")
      fs.mkdirSync(path.join(folder, "folder.npy"))
      expectFault(
        yield* Effect.flip(readMatrix(path.join(folder, "folder.npy"))),
        "folder.npy",
        "This is a folder"
      )
      const file = path.join(folder, "m.npy")
      fs.writeFileSync(file, npy(header("<f4", "(2, 1)"), floats(1, 2)))
      const keys = path.join(folder, "keys.txt")
      fs.writeFileSync(keys, "a\nb\nc\n")
      expectFault(yield* Effect.flip(readMatrix(file, { keys })), "keys.txt", "3 keys for 2 rows")
      fs.writeFileSync(keys, "a\na\n")
      expectFault(
        yield* Effect.flip(readMatrix(file, { keys })),
        "keys.txt",
        "Rows 0 and 1 have the same key 'a'"
      )
    }).pipe(Effect.scoped)
  )

  const root = process.getuid?.() === 0
  if (root) console.warn("skipped: a file that may not be read, since root may read every file")
  it.effect.skipIf(root)("that may not be read is named as such", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "secret.npy")
      fs.writeFileSync(file, "x", { mode: 0o000 })
      expectFault(yield* Effect.flip(readMatrix(file)), file, "permission denied")
    }).pipe(Effect.scoped)
  )

  it.effect("cut at any byte, is an error of ours or a matrix, never a crash", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const matrix = { keys: ["a", "b"], dims: 2, data: Float32Array.of(1, 2, 3, 4) }
      for (const extension of ["npy", "npz", "parquet"]) {
        const file = path.join(folder, `m.${extension}`)
        yield* writeMatrix(file, matrix)
        const bytes = fs.readFileSync(file)
        for (let length = bytes.length - 1; length > 0; length -= 11) {
          fs.writeFileSync(file, bytes.subarray(0, length))
          expect((yield* Effect.flip(readMatrix(file)))._tag).toBe("InputError")
        }
      }
    }).pipe(Effect.scoped)
  )
})

describe("tables", () => {
  const rows = [
    { name: "x", note: null, value: 0.1, low: null, count: -7, kept: true },
    { name: 'y, "z"', note: "ü", value: 1e300, low: 2, count: 5, kept: false }
  ]

  it.effect("come back from csv, tsv and Parquet", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const extension of ["csv", "tsv"]) {
        const file = path.join(folder, `t.${extension}`)
        yield* writeTable(file, { columns: Scores.columns!, rows })
        expect(yield* readTable(file, Scores.columns!)).toEqual(rows)
      }
      const file = path.join(folder, "t.parquet")
      const columns = Object.entries(Scores.columns!).map(([name, type]) => ({
        name,
        type,
        cells: rows.map((row) => row[name as keyof (typeof rows)[number]])
      }))
      fs.writeFileSync(file, Buffer.concat(yield* Effect.promise(() => writeParquet(columns, rows.length))))
      expect(yield* readTable(file, Scores.columns!)).toEqual(rows)
    }).pipe(Effect.scoped)
  )

  it.effect("name the cell or column that does not fit", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "t.csv")
      const refuse = Effect.fnUntraced(function* (text: string) {
        fs.writeFileSync(file, text)
        return (yield* Effect.flip(readTable(file, { key: "utf8", count: "int32", share: "float64?" }))).what
      })
      expect(yield* refuse("key,count\na,1\n")).toContain("no column 'share'")
      expect(yield* refuse("key,count,share\na,1,\nb,1.5,\n")).toBe("Line 3, column 'count' holds '1.5'.")
      expect(yield* refuse("key,count,share\na,,0.5\n")).toBe("Line 2, column 'count' holds nothing.")
      expect(yield* refuse("key,count,share\na,1\n")).toContain("Line 2 has 2 cells")
      expect(yield* refuse("key,count,share\na,1,inf\n")).toBe("Line 2, column 'share' holds 'inf'.")
    }).pipe(Effect.scoped)
  )
})
