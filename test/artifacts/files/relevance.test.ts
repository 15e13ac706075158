import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { writeParquet } from "../../../artifacts/codecs/parquet/write.ts"
import { readKeys } from "../../../artifacts/files/keys.ts"
import type { ReadOptions } from "../../../artifacts/files/readMatrix.ts"
import { readRelevance } from "../../../artifacts/files/readRelevance.ts"
import { forEachLine } from "../../../artifacts/files/textLines.ts"
import { temporaryFolder } from "../fixtures.ts"

const read = Effect.fnUntraced(function* (
  content: string | Uint8Array,
  name = "q.tsv",
  options: ReadOptions = {}
) {
  const file = path.join(yield* temporaryFolder, name)
  fs.writeFileSync(file, content)
  return yield* readRelevance(file, options)
})
const refused = (content: string | Uint8Array, name?: string, options?: ReadOptions) =>
  Effect.map(Effect.flip(read(content, name, options)), ({ what, where }) => `${where}: ${what}`)
const two = { queries: ["q1", "q2"], documents: ["d1", "d2"], relevant: [[0], [1]], notes: [] }

describe("judgements", () => {
  it.effect("are the same in every form, with blank lines, byte order marks and any line ends", () =>
    Effect.gen(function* () {
      const json = [1, 2].map((i) => `{"query-id":"q${i}","corpus-id":"d${i}","score":${i}}`)
      const forms: ReadonlyArray<readonly [name: string, lines: ReadonlyArray<string>]> = [
        ["q.trec", ["q1 0 d1 1", "q2\t0  d2\t2"]],
        ["q.qrels", ["q1\t0\td1\t1", "q2 0 d2 1"]],
        ["q.tsv", ["q1\td1\t1", "q2\td2\t1"]],
        ["q.tsv", ["query-id\tcorpus-id\tscore", "q1\td1\t1", "q2\td2\t1.5"]],
        ["q.tsv", ["Relevance\tdocno\ttopic", "1\td1\tq1", "1\td2\tq2"]],
        ["q.csv", ["doc_id,score,query_id", 'd1,"1",q1', "d2,3,q2"]],
        ["q.jsonl", json]
      ]
      for (const [name, lines] of forms)
        for (const end of ["\n", "\r\n", "\r"])
          for (const text of [
            lines.join(end),
            `\uFEFF${lines.join(end)}${end}`,
            `${end}${lines.join(end + end)}${end}`
          ])
            expect(yield* read(text, name), JSON.stringify(text)).toEqual(two)
    }).pipe(Effect.scoped)
  )

  it.effect("keep every digit of whole numbers as ids, and letters as they are", () =>
    Effect.gen(function* () {
      const lines = ["1234567890123456789", "1234567890123456790"].map(
        (id, i) => `{"query-id":"q${i + 1}","corpus-id":${id},"score":1}`
      )
      expect((yield* read(lines.join("\n"), "q.jsonl")).documents).toEqual([
        "1234567890123456789",
        "1234567890123456790"
      ])
      const odd = yield* read(
        '{"_x":[{"query-id":"no"},"}"],"query":"a text","score":1,"query-id":"\\u00e9\\"","corpus-id":"__proto__","__proto__":{"a":1}}',
        "q.jsonl"
      )
      expect([odd.queries, odd.documents]).toEqual([['é"'], ["__proto__"]])
      expect((yield* read("007\td 1\t1\n7\td 1\t1\n")).queries).toEqual(["007", "7"])
    }).pipe(Effect.scoped)
  )

  it.effect("without a number for a score are refused at their line; negative ones are counted", () =>
    Effect.gen(function* () {
      for (const score of ["null", "true", '"high"', '""', "[1]", "{}"])
        expect(
          yield* refused(
            `{"query-id":"q","corpus-id":"d","score":1}\n{"query-id":"q","corpus-id":"e","score":${score}}`,
            "q.jsonl"
          ),
          score
        ).toMatch(/line 2: The score/)
      for (const score of ["NaN", "Infinity"])
        expect(yield* refused(`{"query-id":"q","corpus-id":"d","score":${score}}`, "q.jsonl")).toContain(
          "JSON has not"
        )
      for (const score of ["nan", "inf", "x", "0x1", "1,5", "1_0"])
        expect(yield* refused(`q\td\t1\nq\te\t${score}`), score).toMatch(/line 2: The score/)
      expect(yield* refused('{"query-id":"q","corpus-id":"d","score":1e999}', "q.jsonl")).toContain(
        "past the range"
      )
      expect((yield* read("q 0 d -1\nq 0 e 1\nq 0 f -2\n")).notes).toEqual([
        "2 scores are negative (the first in line 1): not relevant, as 0."
      ])
      expect((yield* read('{"query-id":"q","corpus-id":"d"}', "q.jsonl")).notes.join()).toContain("no scores")
      expect(
        yield* refused(
          '{"query-id":"q","corpus-id":"d","score":1}\n{"query-id":"q","corpus-id":"e"}',
          "q.jsonl"
        )
      ).toContain("line 2: The judgement has no score")
    }).pipe(Effect.scoped)
  )

  it.effect("that are made twice, change their form or are no objects are refused at their line", () =>
    Effect.gen(function* () {
      expect(yield* refused("q 0 d 1\nq 0 e 1\nq 0 d 0\n")).toMatch(/line 3: .*judged twice, first in line 1/)
      expect(yield* refused("q\td\t1\nq\t0\te\t1\n")).toContain(
        "line 2: The line has 4 fields, and the first one 3"
      )
      expect(yield* refused("q d\n")).toContain("line 1: The line has 2 fields")
      // A tab that is lost is not looked for among the spaces of an id.
      for (const damaged of ["1\t0\tdoc one\t1\n2\t0doc two\t1\n", "1\t0\tdoc one\t1\n2\t0\tdoc 1\n"])
        expect(yield* refused(damaged)).toContain("line 2: The line has 3 fields, and the first one 4")
      expect(yield* refused("q Q0 d 1 0.5 run\n")).toContain("6 fields")
      expect(yield* refused("query-id\tcorpus-id\tx\nq\td\t1\n")).toContain("named as a score")
      expect(yield* refused('{"query-id":"q","query-id":"r","corpus-id":"d"}', "q.jsonl")).toContain(
        "occurs twice"
      )
      expect(yield* refused('[\n{"query-id":"q"}\n]', "q.jsonl")).toContain(
        "line 1: The line is not a JSON object"
      )
      expect(yield* refused('[{"query-id":"q"}]', "q.jsonl")).toContain("JSON array")
      for (const id of ["1.5", "null", '""', "true", "1e3"])
        expect(yield* refused(`{"query-id":${id},"corpus-id":"d"}`, "q.jsonl"), id).toContain(
          "The query id is"
        )
      expect(yield* refused(Buffer.from("q1 0 d1 1\n\xe9 0 d1 1\n", "latin1"))).toContain(
        "Line 2 holds bytes"
      )
      expect(yield* refused(Buffer.from("q1 0 d1 1\n", "utf16le"))).toContain("NUL byte")
    }).pipe(Effect.scoped)
  )

  it.effect("in Parquet follow the same rules, by row", () =>
    Effect.gen(function* () {
      const parquet = (score: ReadonlyArray<number | null>) =>
        Effect.map(
          Effect.promise(() =>
            writeParquet(
              [
                { name: "query-id", type: "utf8", cells: ["q1", "q2"] },
                { name: "corpus-id", type: "utf8", cells: ["d1", "d2"] },
                { name: "score", type: "float64?", cells: score }
              ],
              2
            )
          ),
          (parts) => new Uint8Array(Buffer.concat(parts))
        )
      expect(yield* read(yield* parquet([1, 2]), "q.parquet")).toEqual(two)
      expect(yield* refused(yield* parquet([1, null]), "q.parquet")).toContain("row 1: The score is missing")
      expect(yield* refused("PAR1 and then nothing", "q.parquet")).toContain(
        "it does not end with PAR1: it was cut short."
      )
    }).pipe(Effect.scoped)
  )

  it.effect("of a folder name the ids of its corpus and queries, of whatever digits", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const write = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text)
      write(
        "corpus.jsonl",
        '\uFEFF{"_id":1234567890123456789,"text":"a\\nb"}\n\n{"_id":"d2","text":"}\\""}\n'
      )
      write("queries.jsonl", '{"_id":"q1","text":"x"}')
      write("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\t1234567890123456789\t1\n")
      expect(yield* readRelevance(folder)).toMatchObject({
        documents: ["1234567890123456789", "d2"],
        relevant: [[0]]
      })
      write("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\t1234567890123456790\t1\n")
      expect((yield* Effect.flip(readRelevance(folder))).what).toContain("no document '1234567890123456790'")
      write("corpus.jsonl", '{"_id":"d2"}\n{"_id":"d2"}\n')
      expect((yield* Effect.flip(readRelevance(folder))).what).toContain("occurs twice")
    }).pipe(Effect.scoped)
  )
})

describe("a matrix as relevance", () => {
  it.effect("takes the options of matrices, counts negative values and refuses NaN", () =>
    Effect.gen(function* () {
      expect(yield* read("key,a,b\nx,1.0,0\ny,-1,0.5\n", "m.csv")).toEqual({
        queries: ["x", "y"],
        documents: ["0", "1"],
        relevant: [[0], [1]],
        notes: ["1 value is negative: not relevant, as 0."]
      })
      expect((yield* read("key,a,b\nx,1,0\ny,0,1\n", "m.csv", { columns: ["b"] })).relevant).toEqual([
        [],
        [0]
      ])
      expect(yield* refused("key,a\nx,1\ny,nan\n", "m.csv")).toContain("holds NaN")
      expect(yield* refused("q\td\t1\n", "q.tsv", { keys: "keys.txt" })).toContain("--keys does not apply")
    }).pipe(Effect.scoped)
  )
})

describe("lines and keys", () => {
  it.effect("are split at LF, CRLF and CR wherever a block ends, and numbered", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = path.join(folder, "lines.txt")
      const lines = Array.from(
        { length: 90_000 },
        (_, i) => `${i % 11 === 0 ? "" : "é𝒸"}${"x".repeat(i % 83)}${i % 7}`
      )
      for (const end of ["\n", "\r\n", "\r"]) {
        fs.writeFileSync(file, lines.join(end))
        let count = 0
        forEachLine(file, (text, line) => {
          if (text !== lines[line - 1] || line !== ++count) expect.fail(`line ${line}: ${text}`)
        })
        expect(count).toBe(lines.length)
      }
      expect(fs.statSync(file).size).toBeGreaterThan(4 << 20)
    }).pipe(Effect.scoped)
  )

  it.effect("keys may be empty, and lose a byte order mark but nothing else", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "keys.txt")
      for (const [text, keys] of [
        ["a\nb", ["a", "b"]],
        ["a\nb\n", ["a", "b"]],
        ["\uFEFFa\r\n\r\n b \r\n", ["a", "", " b "]],
        ["\n", [""]],
        ["007\n1e5\n", ["007", "1e5"]]
      ] as const) {
        fs.writeFileSync(file, text)
        expect(readKeys(file)).toEqual(keys)
      }
      fs.writeFileSync(file, Buffer.from("a\n\xe9\n", "latin1"))
      expect(() => readKeys(file)).toThrow("Line 2 holds bytes that are not UTF-8")
    }).pipe(Effect.scoped)
  )
})
