import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { temporaryFolder } from "../fixtures.ts"
import {
  dictionaryPage,
  eachLevel,
  floats,
  group,
  int32s,
  leaf,
  levels,
  oneColumn,
  page,
  parquetBytes,
  run,
  struct,
  varint,
  zigzag,
  type Field
} from "./parquetBytes.ts"

const attempt = (bytes: Uint8Array) =>
  Effect.gen(function* () {
    const file = path.join(yield* temporaryFolder, "x.parquet")
    fs.writeFileSync(file, bytes)
    return yield* readMatrix(file)
  }).pipe(Effect.scoped)

const fault = (bytes: Uint8Array) => Effect.map(Effect.flip(attempt(bytes)), ({ what }) => what)

const x = leaf("x", "FLOAT")
const good = page(3, floats(1, 2, 3))
const whole = oneColumn(x, "FLOAT", 3, [good])
/** A file whose only column is of such pages. */
const ofPages = (...pages: ReadonlyArray<ReturnType<typeof page>>) => oneColumn(x, "FLOAT", 3, pages)
const footerOf = (bytes: Uint8Array) => Buffer.concat([bytes, int32s(bytes.length), Buffer.from("PAR1")])

const cases: ReadonlyArray<readonly [string, Uint8Array, string]> = [
  [
    "no magic bytes before",
    Buffer.concat([Buffer.from("RIFF"), whole.subarray(4)]),
    "does not begin with PAR1"
  ],
  ["none after", whole.subarray(0, -1), "does not end with PAR1"],
  [
    "a footer longer than the file",
    Buffer.concat([whole.subarray(0, -8), int32s(1e6), Buffer.from("PAR1")]),
    "1000000 bytes long"
  ],
  [
    "an encrypted footer",
    Buffer.concat([whole.subarray(0, -4), Buffer.from("PARE")]),
    "the file is encrypted"
  ],
  [
    "encrypted columns beside a plain footer",
    oneColumn(x, "FLOAT", 3, [good], { footer: [[8, "struct", []]] }),
    "a column is encrypted"
  ],
  ["an encrypted column", oneColumn(x, "FLOAT", 3, [good], { column: [[8, "struct", []]] }), "is encrypted"],
  [
    "a column in another file",
    oneColumn(x, "FLOAT", 3, [good], { column: [[1, "binary", "other.parquet"]] }),
    "another file"
  ],
  [
    "structures without end",
    Buffer.concat([Buffer.from("PAR1"), footerOf(Buffer.alloc(60, 0x1c))]),
    "nested deeper"
  ],
  [
    "a list of 2^28 entries",
    oneColumn(x, "FLOAT", 3, [good], {
      footer: [[2, "raw", [9, Buffer.concat([Buffer.from([0xfc]), varint(2 ** 28)])]]]
    }),
    "names a length of 268435456"
  ],
  [
    "a schema that names children it has not",
    oneColumn(group("x", 3), "FLOAT", 3, [good]),
    "row group 0 has 1 columns and the schema 0"
  ],
  [
    "a schema of a million children",
    oneColumn(x, "FLOAT", 3, [good], { footer: [[2, "list", [group("root", 1e6), x]]] }),
    "more children than it has elements"
  ],
  [
    "a schema with leaves of nobody",
    oneColumn(x, "FLOAT", 3, [good], { footer: [[2, "list", [group("root", 0), x]]] }),
    "belong to nothing"
  ],
  [
    "more rows than its groups",
    oneColumn(x, "FLOAT", 2e9, [good], { groupRows: 3 }),
    "2000000000 rows and its row groups 3"
  ],
  [
    "a group of more rows than values",
    oneColumn(x, "FLOAT", 4, [good], { values: 3 }),
    "3 values in a row group of 4 rows"
  ],
  ["negative rows", oneColumn(x, "FLOAT", -3, [good]), "is -3"],
  [
    "a column past the end",
    oneColumn(x, "FLOAT", 3, [good], { chunk: [[9, "i64", 1e6]] }),
    "outside the file's data"
  ],
  [
    "a column of another type than the schema's",
    oneColumn(x, "FLOAT", 3, [good], { chunk: [[1, "i32", 5]] }),
    "of type DOUBLE and the schema says FLOAT"
  ],
  [
    "an unknown compression",
    oneColumn(x, "FLOAT", 3, [good], { chunk: [[4, "i32", 99]] }),
    "no compression that Parquet has"
  ],
  [
    "LZO",
    oneColumn(x, "FLOAT", 3, [good], { chunk: [[4, "i32", 3]] }),
    "compressed with LZO, which is not read"
  ],
  ["a page longer than its column", ofPages(page(3, floats(1, 2, 3), { stored: 1000 })), "says 1000 bytes"],
  [
    "a page that says it unpacks to 2 GiB",
    ofPages(page(3, floats(1, 2, 3), { size: 2 ** 31 - 1 })),
    "too many for this file"
  ],
  [
    "a page that unpacks to another size",
    ofPages(page(3, floats(1, 2, 3), { size: 16 })),
    "unpacks to 12 bytes and says 16"
  ],
  [
    "a page of 2·10⁹ values",
    ofPages(page(3, floats(1, 2, 3), { count: 2e9 })),
    "says 2000000000 values where its column has 3 left"
  ],
  [
    "2·10⁹ values everywhere",
    oneColumn(x, "FLOAT", 2e9, [page(3, floats(1, 2, 3), { count: 2e9 })]),
    "too many for a file"
  ],
  ["fewer pages than values", ofPages(page(2, floats(1, 2))), "ends after 2 of its 3 values"],
  ["fewer bytes than values", ofPages(page(3, floats(1, 2))), "cut short: 8 of 12 bytes"],
  [
    "an unknown encoding",
    ofPages(page(3, floats(1, 2, 3), { encoding: 77 })),
    "no encoding that Parquet has"
  ],
  [
    "an encoding of other types",
    ofPages(page(3, floats(1, 2, 3), { encoding: 5 })),
    "encoded as DELTA_BINARY_PACKED"
  ],
  [
    "a dictionary that is not there",
    ofPages(page(3, Buffer.concat([Buffer.from([1]), run(3, 0)]), { encoding: 8 })),
    "a dictionary that is not there"
  ],
  [
    "two dictionaries",
    ofPages(dictionaryPage(1, floats(1)), dictionaryPage(1, floats(2)), good),
    "two dictionaries"
  ],
  [
    "a dictionary's entry that it has not",
    ofPages(
      dictionaryPage(2, floats(1, 2)),
      page(3, Buffer.concat([Buffer.from([3]), run(2, 1), run(1, 5)]), { encoding: 8 })
    ),
    "names entry 5 of a dictionary of 2"
  ],
  [
    "dictionary numbers of 200 bits",
    ofPages(
      dictionaryPage(2, floats(1, 2)),
      page(3, Buffer.concat([Buffer.from([200]), run(3, 1)]), { encoding: 8 })
    ),
    "of 200 bits"
  ],
  [
    "a checksum of other bytes",
    ofPages(page(3, floats(1, 2, 3), { crc: 12345 })),
    "the checksum of page 0 of column 'x' does not match"
  ]
]

describe("a Parquet file with", () => {
  it.effect.each(cases)("%s is refused", ([, bytes, what]) =>
    Effect.gen(function* () {
      const said = yield* fault(bytes)
      expect(said).toContain("The Parquet file cannot be read: ")
      expect(said).toContain(what)
    })
  )

  it.effect("the right checksum is read", () =>
    Effect.gen(function* () {
      for (const bytes of [whole, ofPages(page(3, floats(1, 2, 3), { crc: "right" }))])
        expect((yield* attempt(bytes)).data).toEqual(Float32Array.of(1, 2, 3))
    })
  )

  const optional = (body: Uint8Array) => oneColumn(leaf("x", "FLOAT", 1), "FLOAT", 3, [page(3, body)])

  it.effect(
    "levels that run on, end early or are too high is refused, or read where the run is only too long",
    () =>
      Effect.gen(function* () {
        const long = levels(Buffer.concat([varint(2 ** 31), Buffer.from([1])]))
        expect((yield* attempt(optional(Buffer.concat([long, floats(1, 2, 3)])))).data).toEqual(
          Float32Array.of(1, 2, 3)
        )
        expect(yield* fault(optional(Buffer.concat([levels(run(2, 1)), floats(1, 2, 3)])))).toContain(
          "definition levels of page 0 of column 'x' end after 2 of 3"
        )
        // Runs of no values, as many as the bytes have.
        expect(yield* fault(optional(levels(Buffer.alloc(1 << 16))))).toContain("end after 0 of 3")
        expect(yield* fault(optional(Buffer.concat([int32s(1 << 30), floats(1, 2, 3)])))).toContain(
          "cut short"
        )
        expect(yield* fault(optional(Buffer.concat([levels(run(3, 2)), floats(1, 2, 3)])))).toContain(
          "hold 2, which has more than 1 bits"
        )
        expect(yield* fault(optional(Buffer.concat([eachLevel([1, 1, 1]), floats(1)])))).toContain(
          "cut short"
        )
      })
  )

  it.effect("deltas that do not add up is refused", () =>
    Effect.gen(function* () {
      const int = leaf("x", "INT32")
      const deltas = (...parts: ReadonlyArray<Uint8Array>) =>
        oneColumn(int, "INT32", 3, [page(3, Buffer.concat(parts), { encoding: 5 })])
      const header = (block: number, minis: number, count: number) =>
        Buffer.concat([varint(block), varint(minis), varint(count), zigzag(7)])
      const none = Buffer.alloc(4)
      expect((yield* attempt(deltas(header(128, 4, 3), zigzag(2), none))).data).toEqual(
        Float64Array.of(7, 9, 11)
      )
      for (const [body, what] of [
        [[header(0, 4, 3), zigzag(2), none], "blocks of 0 values"],
        [[header(128, 0, 3), zigzag(2), none], "in 0 parts"],
        [[header(2 ** 31, 2 ** 28, 3), zigzag(2), none], "blocks of 2147483648"],
        [[header(128, 4, 2), zigzag(2), none], "are 2 and should be 3"],
        [[header(128, 4, 3), zigzag(2), Buffer.from([250, 0, 0, 0])], "250 bits"],
        [[header(128, 4, 3), zigzag(2), Buffer.from([32, 0, 0, 0])], "cut short"],
        [[header(128, 4, 3)], "cut short"]
      ] as const)
        expect(yield* fault(deltas(...body)), what).toContain(what)
      // One value of three bytes, of which some are shared with a value before that there is not.
      const key = (shared: number) =>
        parquetBytes({
          schema: [leaf("word", "BYTE_ARRAY", 0, [[6, "i32", 0]]), x],
          rows: 1,
          columns: [
            {
              type: "BYTE_ARRAY",
              values: 1,
              pages: [
                page(
                  1,
                  Buffer.concat([
                    ...[shared, 3].map((length) =>
                      Buffer.concat([varint(128), varint(4), varint(1), zigzag(length)])
                    ),
                    Buffer.from("abc")
                  ]),
                  { encoding: 7 }
                )
              ]
            },
            { type: "FLOAT", values: 1, pages: [page(1, floats(1))] }
          ]
        })
      expect((yield* attempt(key(0))).keys).toEqual(["abc"])
      expect(yield* fault(key(1 << 30))).toContain("share 1073741824 bytes with a value of 0")
    })
  )

  it.effect("any byte changed, or cut anywhere, is one of ours or a matrix", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "x.parquet")
      const bytes = oneColumn(leaf("x", "FLOAT", 1), "FLOAT", 6, [
        dictionaryPage(2, floats(1, 2)),
        page(3, Buffer.concat([eachLevel([1, 1, 1]), Buffer.from([1]), run(2, 1), run(1, 0)]), {
          encoding: 8,
          crc: "right"
        }),
        page(3, Buffer.concat([eachLevel([1, 1, 1]), floats(3, 4, 5)]))
      ])
      let refused = 0
      const changed = [
        ...Array.from({ length: bytes.length }, (_, i) =>
          Buffer.from(bytes.with(i, [0, 0xff, bytes[i]! ^ (1 << (i % 8))][i % 3]!))
        ),
        ...Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length))
      ]
      for (const other of changed) {
        fs.writeFileSync(file, other)
        const exit = yield* Effect.exit(readMatrix(file))
        if (Exit.isSuccess(exit)) expect(exit.value.data.length).toBe(6)
        else {
          refused++
          const [reason] = exit.cause.reasons
          expect(reason).toMatchObject({ error: { _tag: "InputError" } })
        }
      }
      expect(refused).toBeGreaterThan(bytes.length / 2)
    }).pipe(Effect.scoped)
  )

  it.effect("header bytes past 4 kB (long statistics) is read", () =>
    Effect.gen(function* () {
      const statistics: Field = [9, "struct", [[1, "binary", Buffer.alloc(100_000)]]]
      const header = struct([...good.header, statistics])
      expect(header.length).toBeGreaterThan(100_000)
      const long = { header: [...good.header, statistics], body: good.body }
      expect((yield* attempt(ofPages(long))).data).toEqual(Float32Array.of(1, 2, 3))
    })
  )
})
