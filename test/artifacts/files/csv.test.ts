import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { writeCsv } from "../../../artifacts/files/writeCsv.ts"
import type { InputError } from "../../../schemas/errors.ts"
import { temporaryFolder } from "../fixtures.ts"

const written = Effect.fnUntraced(function* (name: string, content: string | Uint8Array) {
  const file = path.join(yield* temporaryFolder, name)
  fs.writeFileSync(file, content)
  return file
})
const read = (content: string | Uint8Array, name = "m.csv", columns?: ReadonlyArray<string>) =>
  Effect.map(
    Effect.flatMap(written(name, content), (file) =>
      readMatrix(file, columns === undefined ? {} : { columns })
    ),
    ({ data, dims, keyed, keys, notes }) => ({ keys: keyed ? keys : null, dims, data: [...data], notes })
  )
const refused = (content: string | Uint8Array, name = "m.csv") =>
  Effect.map(Effect.flip(read(content, name)), (error: InputError) => `${error.what} ${error.next ?? ""}`)

describe("columns of csv and tsv", () => {
  it.effect("are typed by all of their cells: a key may look like a number, wherever it stands", () =>
    Effect.gen(function* () {
      expect(yield* read("d0,word,d1\n1.5,007,2\n3,the,4\n5,1e5,6.5\n")).toMatchObject({
        keys: ["007", "the", "1e5"],
        data: [1.5, 2, 3, 4, 5, 6.5]
      })
      expect(yield* read("key,d0\n007,1.5\n1e5,2\n1.0,3\n")).toMatchObject({ keys: ["007", "1e5", "1.0"] })
      expect(yield* read("word,d0\nnan,1.5\ntrue,2\n-,3\nNA,4\n")).toMatchObject({
        keys: ["nan", "true", "-", "NA"]
      })
      expect(yield* read("key,d0\n1234567890123456789,1.5\n1234567890123456790,2\n")).toMatchObject({
        keys: ["1234567890123456789", "1234567890123456790"]
      })
    }).pipe(Effect.scoped)
  )

  it.effect("that are ids, index levels, times or booleans are no coordinates, and are named", () =>
    Effect.gen(function* () {
      expect(yield* read("doc_id,d0,d1\n1000,0.5,1\n1001,2,0.25\n1002,3,4\n")).toEqual({
        keys: ["1000", "1001", "1002"],
        dims: 2,
        data: [0.5, 1, 2, 0.25, 3, 4],
        notes: ["Column 'doc_id' names the rows (an id or index by its name)."]
      })
      const twice = yield* read(",Unnamed: 0,d0\n0,0,0.5\n1,1,0.25\n2,2,0.125\n")
      expect(twice).toMatchObject({ keys: ["0", "1", "2"], dims: 1 })
      expect(twice.notes.join(" ")).toContain("'Unnamed: 0' is no coordinate")
      const levels = yield* read(",,d0\n0,0,0.5\n0,1,0.25\n1,0,0.125\n")
      expect(levels).toMatchObject({ keys: null, dims: 1, data: [0.5, 0.25, 0.125] })
      expect(levels.notes.join(" ")).toContain("are no coordinates")
      const many = yield* read(
        "word,day,seen,empty,n,d0\na,2020-01-01,true,,7,0.5\nb,2020-01-02,false,,8,0.25\nc,2020-01-03,true,,9,1\n"
      )
      expect(many).toMatchObject({ keys: ["a", "b", "c"], dims: 1, data: [0.5, 0.25, 1] })
      for (const name of ["day", "seen", "empty", "n"]) expect(many.notes.join(" ")).toContain(`'${name}'`)
      expect(yield* read("day,d0\n2020-01-02,0.5\n2020-01-01,1\n")).toMatchObject({
        keys: ["2020-01-02", "2020-01-01"],
        dims: 1
      })
    }).pipe(Effect.scoped)
  )

  it.effect("of whole numbers beside decimal ones are kept and named, unless they count the rows", () =>
    Effect.gen(function* () {
      const kept = yield* read("key,a,b\nx,3,0.5\ny,1,1\nz,2,2\n")
      expect(kept).toMatchObject({ dims: 2, data: [3, 0.5, 1, 1, 2, 2] })
      expect(kept.notes.join(" ")).toContain(
        "Column 'a' holds whole numbers only and is taken for a coordinate"
      )
      expect(yield* read("key,d0,d1\nx,1,0.5\ny,2,1\nz,3,2\n")).toMatchObject({ dims: 2 })
      expect(yield* read("key,n,d1\nx,1,0.5\ny,2,1\nz,3,2\n")).toMatchObject({ dims: 1 })
      expect(yield* read("key,n,d1\nx,1,0.5\ny,2,1\nz,3,2\n", "m.csv", ["d1", "n"])).toMatchObject({
        data: [0.5, 1, 1, 2, 2, 3]
      })
      expect(yield* read("key,a,b\nx,1,1\ny,2,1\nz,3,1\n")).toMatchObject({ dims: 2, notes: [] })
    }).pipe(Effect.scoped)
  )

  it.effect("with one bad cell among numbers are refused at that cell, never left out", () =>
    Effect.gen(function* () {
      for (const [cell, holds] of [
        ["two", "'two'"],
        ["", "nothing"],
        ["NaN", "NaN"],
        ["-inf", "'-inf'"],
        ["NA", "'NA'"],
        ["0x1F", "hexadecimal"],
        ["1_000", "underscores"],
        ['"1,000"', "thousands"],
        ['"0,5"', "decimal comma"],
        ["1d5", "Fortran"],
        ["5%", "percentage"],
        ["1e999", "past the range"],
        ["true", "'true'"],
        ["2020-01-01", "'2020-01-01'"]
      ] as const) {
        const what = yield* refused(`key,d0,d1\na,1,2.5\nb,2,2\nc,3,1.5\nd,4,${cell}\ne,5,1\n`)
        expect(what, cell).toContain("Line 5, column 'd1' holds")
        expect(what, cell).toContain(holds)
      }
      expect(yield* refused("d0,d1\n1,2.5\n2,2\nx,1.5\n4,1\n")).toContain("Line 4, column 'd0' holds 'x'")
      expect(yield* refused("key,n\na,9007199254740993\nb,1\n")).toContain("does not hold exactly")
      expect(yield* read("key,n\na,9007199254740994\nb,1\n")).toMatchObject({ data: [9007199254740994, 1] })
      expect(yield* refused('key,d0,d1\na,"0,5","1,5"\nb,"2,5","3,5"\n')).toContain("decimal comma")
    }).pipe(Effect.scoped)
  )
})

describe("lines of csv and tsv", () => {
  it.effect("a first line of numbers is a row, and refused; counted names are names", () =>
    Effect.gen(function* () {
      for (const text of ["a,0.5,1\nb,2,3\n", "0.5,1\n2,3\n", "a,3,1,0\nb,1,2,2\n"])
        expect(yield* refused(text)).toContain("The first line holds numbers")
      for (const text of [
        ",0,1\na,5,6\nb,7,8\n",
        "0,1\n5,6\n7,8\n",
        "key,3,7,12\na,5,6,7\nb,1,2,3\n",
        "x,1,2\nb,3,4\n"
      ])
        expect((yield* read(text)).data.length).toBeGreaterThan(1)
    }).pipe(Effect.scoped)
  )

  it.effect("end with LF, CRLF or CR, or the file; empty ones are passed over", () =>
    Effect.gen(function* () {
      const rows = ["", "key,d0", "", "a,1.5", "", "b,2"]
      for (const end of ["\n", "\r\n", "\r"])
        for (const last of ["", end, end + end])
          expect(yield* read(rows.join(end) + last)).toMatchObject({ keys: ["a", "b"], data: [1.5, 2] })
      expect(yield* read("\uFEFFkey,d0\na,1.5\n")).toMatchObject({ keys: ["a"] })
      expect(yield* refused("key,d0\r\n\r\na,1\r\nb\r\n")).toContain("Line 4 has 1 cells")
      expect(yield* refused("key,d0\na,1\n,\n")).toContain("Line 3, column 'd0' holds nothing")
    }).pipe(Effect.scoped)
  )

  it.effect("quotes follow RFC 4180 in csv", () =>
    Effect.gen(function* () {
      expect(yield* read('key,d0\n"a,\nb",1.5\n"say ""x""","2"\n5" nail,3\n"",4\n')).toMatchObject({
        keys: ["a,\nb", 'say "x"', '5" nail', ""],
        data: [1.5, 2, 3, 4]
      })
      expect(yield* refused('key,d0\na,1\n"b,2\nc,3\n')).toContain(
        "The quote that opens in column 1 of the row on line 3"
      )
      expect(yield* refused('key,d0\na,1\n"b"c,2\n')).toContain(
        "Line 3: column 1 goes on behind its closing quote"
      )
      expect(yield* refused('key,d0\n"a\r\nb",1\nc,x,2\n')).toContain("Line 4 has 3 cells")
    }).pipe(Effect.scoped)
  )

  it.effect("quotes are ordinary characters in tsv, and a note says where they look like more", () =>
    Effect.gen(function* () {
      expect(yield* read('word\td0\nthe\t1.5\n"\t2\n\'\t3\n"a\t4\n', "m.tsv")).toMatchObject({
        keys: ["the", '"', "'", '"a'],
        notes: []
      })
      const quoted = yield* read('word\td0\n"the"\t1.5\n', "m.tsv")
      expect(quoted.keys).toEqual(['"the"'])
      expect(quoted.notes.join(" ")).toContain("Quotes in a tsv file are ordinary characters")
    }).pipe(Effect.scoped)
  )

  it.effect("with other separators, equal names or one cell are refused with advice", () =>
    Effect.gen(function* () {
      expect(yield* refused("key;d0\na;0,5\n")).toContain("separated by semicolons")
      expect(yield* refused("key\td0\na\t5\n")).toContain("name the file .tsv")
      expect(yield* refused("key,d0\na,5\n", "m.tsv")).toContain("name the file .csv")
      expect(yield* refused("key d0\na 5\n")).toContain("Every line holds one cell")
      expect(yield* refused("key,x,x\na,1,2\n")).toContain("Columns 2 and 3 have the same name 'x'")
    }).pipe(Effect.scoped)
  )
})

describe("text that is not UTF-8", () => {
  it.effect("is refused with its line, and what to do", () =>
    Effect.gen(function* () {
      const latin = Buffer.from("key,d0\na,1\n\xe9t\xe9,2\n", "latin1")
      expect(yield* refused(latin)).toContain("Line 3 holds bytes that are not UTF-8 (0xE9 after 0 bytes)")
      expect(yield* refused(Buffer.from("\uFEFFkey,d0\na,1\n", "utf16le"))).toContain("UTF-16")
      expect(yield* refused(Buffer.from("key,d0\na,1\n", "utf16le"))).toContain("NUL byte")
      expect(yield* refused(Buffer.from([0xff, 0xfe, 0, 0, 97, 0, 0, 0]))).toContain("UTF-32")
      expect(yield* refused("key,d0\na\0,1\n")).toContain("Line 2 holds a NUL byte")
      expect(yield* refused(Buffer.from("key,d0\n\xed\xa0\x80,1\n", "latin1"))).toContain("not UTF-8")
      expect(yield* refused(Buffer.from([0x1f, 0x8b, 8, 0, 0]))).toContain("gzip")
    }).pipe(Effect.scoped)
  )
})

describe("files larger than a block", () => {
  it.effect("are read as small ones, wherever a block ends", () =>
    Effect.gen(function* () {
      // Keys with quotes, line breaks and letters of two to four bytes; 5 MB, so that blocks end in every kind of place.
      const rows = 40_000
      const key = (i: number) => `${'é𝒸"\r\n,x'.slice(0, 1 + (i % 9))}-${i}-${"y".repeat(i % 151)}`
      const folder = yield* temporaryFolder
      const file = path.join(folder, "m.csv")
      writeCsv(
        file,
        ["key", "d0", "d1"],
        Array.from({ length: rows }, (_, i) => [key(i).toWellFormed(), i / 7, -i * 1e-7])
      )
      expect(fs.statSync(file).size).toBeGreaterThan(4 << 20)
      const matrix = yield* readMatrix(file)
      expect(matrix.keys.length).toBe(rows)
      expect(matrix.keys.every((one, i) => one === key(i).toWellFormed())).toBe(true)
      expect(matrix.data.every((x, i) => x === (i % 2 === 0 ? i / 2 / 7 : (-(i - 1) / 2) * 1e-7))).toBe(true)
    }).pipe(Effect.scoped)
  )

  it.effect("a row that never ends is refused, not held", () =>
    Effect.gen(function* () {
      const file = yield* written("m.csv", "key,d0\n")
      const handle = fs.openSync(file, "a")
      fs.writeSync(handle, '"')
      for (let i = 0; i < 33; i++) fs.writeSync(handle, Buffer.alloc(1 << 21, 97))
      fs.closeSync(handle)
      expect((yield* Effect.flip(readMatrix(file))).what).toContain("line 2 is longer than 64 MiB")
    }).pipe(Effect.scoped)
  )
})

describe("csv and tsv that we write", () => {
  it.effect("hold what they can and refuse the rest", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const tsv = path.join(folder, "m.tsv")
      writeCsv(tsv, ["key", "d0"], [['"', 1.5]])
      expect(fs.readFileSync(tsv, "utf8")).toBe('key\td0\n"\t1.5\n')
      expect(() => writeCsv(tsv, ["key", "d0"], [["a\tb", 1]])).toThrow("holds a tab or a line break")
      const csv = path.join(folder, "m.csv")
      writeCsv(csv, ["key"], [[""], ["a"]])
      expect(fs.readFileSync(csv, "utf8")).toBe('key\n""\na\n')
    }).pipe(Effect.scoped)
  )
})
