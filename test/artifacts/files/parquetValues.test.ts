import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { temporaryFolder } from "../fixtures.ts"
import {
  dictionaryPage,
  doubles,
  eachLevel,
  floats,
  group,
  int32s,
  int64s,
  leaf,
  listOf,
  oneColumn,
  page,
  parquetBytes,
  run,
  texts,
  type Field
} from "./parquetBytes.ts"

const read = (bytes: Uint8Array, columns?: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const file = path.join(yield* temporaryFolder, "x.parquet")
    fs.writeFileSync(file, bytes)
    return yield* readMatrix(file, columns === undefined ? {} : { columns })
  }).pipe(Effect.scoped)

const values = (bytes: Uint8Array) => Effect.map(read(bytes), ({ data }) => data)
const fault = (bytes: Uint8Array, columns?: ReadonlyArray<string>) =>
  Effect.map(Effect.flip(read(bytes, columns)), ({ what }) => what)

const logical = (field: number, fields: ReadonlyArray<Field> = []): ReadonlyArray<Field> => [
  [10, "struct", [[field, "struct", fields]]]
]
const converted = (number: number): ReadonlyArray<Field> => [[6, "i32", number]]

/** A list column: repetition and definition levels, then the values. */
const lists = (
  type: "FLOAT" | "DOUBLE" | "INT32" | "INT64",
  rows: number,
  repetition: ReadonlyArray<number>,
  definition: ReadonlyArray<number>,
  body: Uint8Array,
  fields: ReadonlyArray<Field> = []
) =>
  parquetBytes(
    {
      schema: listOf("v", type, fields),
      rows,
      columns: [
        {
          type,
          values: repetition.length,
          pages: [
            page(repetition.length, Buffer.concat([eachLevel(repetition), eachLevel(definition), body]))
          ]
        }
      ]
    },
    1
  )

describe("numbers of Parquet", () => {
  it.effect("of every width are read as they are, in single precision where the file has no more", () =>
    Effect.gen(function* () {
      const float = oneColumn(leaf("x", "FLOAT"), "FLOAT", 2, [page(2, floats(0.1, -2))])
      expect(yield* values(float)).toEqual(Float32Array.of(0.1, -2))
      const double = oneColumn(leaf("x", "DOUBLE"), "DOUBLE", 2, [page(2, doubles(0.1, -1e300))])
      expect(yield* values(double)).toEqual(Float64Array.of(0.1, -1e300))
      // 1, -2, the smallest number above 0, the largest: IEEE 754 binary16.
      const halves = Buffer.from([0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b])
      const half = [[2, "i32", 2], ...logical(15)] as ReadonlyArray<Field>
      expect(yield* values(oneColumn(leaf("x", "FIXED", 0, half), "FIXED", 4, [page(4, halves)]))).toEqual(
        Float32Array.of(1, -2, 2 ** -24, 65504)
      )
      const unsigned = oneColumn(leaf("x", "INT32", 0, converted(13)), "INT32", 1, [page(1, int32s(-1))])
      expect(yield* values(unsigned)).toEqual(Float64Array.of(4294967295))
      const long = oneColumn(leaf("x", "INT64"), "INT64", 2, [page(2, int64s(-5n, 2n ** 53n - 1n))])
      expect(yield* values(long)).toEqual(Float64Array.of(-5, 2 ** 53 - 1))
    })
  )

  it.effect("past what a double holds are refused with their row", () =>
    Effect.gen(function* () {
      const long = oneColumn(leaf("x", "INT64"), "INT64", 2, [page(2, int64s(1n, 2n ** 53n + 1n))])
      expect(yield* fault(long)).toBe(
        "Row 1 of column 'x' holds 9007199254740993, which no double holds exactly."
      )
      const unsigned = oneColumn(leaf("x", "INT64", 0, converted(14)), "INT64", 1, [page(1, int64s(-1n))])
      expect(yield* fault(unsigned)).toContain("18446744073709551615")
      expect(yield* fault(lists("INT64", 1, [0, 1], [3, 3], int64s(1n, 2n ** 60n)))).toBe(
        "Row 0 of column 'v', place 1 of its list holds 1152921504606846976, which no double holds exactly."
      )
    })
  )

  it.effect("that are decimals are the nearest doubles, and said to be", () =>
    Effect.gen(function* () {
      const decimal = (precision: number, scale: number) =>
        logical(5, [
          [1, "i32", scale],
          [2, "i32", precision]
        ])
      const int = yield* read(
        oneColumn(leaf("x", "INT32", 0, decimal(9, 2)), "INT32", 2, [page(2, int32s(-1, 123456789))])
      )
      expect(int.data).toEqual(Float64Array.of(-0.01, 1234567.89))
      expect(int.notes).toEqual([
        "Decimal columns ('x') are read as the nearest numbers of double precision."
      ])
      const bytes = oneColumn(leaf("x", "BYTE_ARRAY", 0, decimal(4, 3)), "BYTE_ARRAY", 2, [
        page(2, texts(Buffer.from([0xff, 0x38]), Buffer.from([0x01])))
      ])
      expect(yield* values(bytes)).toEqual(Float64Array.of(-0.2, 0.001))
      const wide = oneColumn(leaf("x", "INT64", 0, decimal(18, 2)), "INT64", 1, [page(1, int64s(1n))])
      expect(yield* fault(wide)).toContain("No column holds coordinates: 'x'")
      const over = oneColumn(leaf("x", "INT32", 0, decimal(2, 0)), "INT32", 1, [page(1, int32s(100))])
      expect(yield* fault(over)).toContain("more than its 2 digits")
    })
  )

  it.effect("that are null are refused with row and column", () =>
    Effect.gen(function* () {
      const optional = oneColumn(leaf("x", "FLOAT", 1), "FLOAT", 3, [
        page(3, Buffer.concat([eachLevel([1, 0, 1]), floats(1, 3)]))
      ])
      expect(yield* fault(optional)).toBe("Row 1 of column 'x' is null.")
      const none = oneColumn(leaf("x", "FLOAT", 1), "FLOAT", 2, [
        page(2, Buffer.concat([eachLevel([1, 1]), floats(1, 3)]))
      ])
      expect(yield* values(none)).toEqual(Float32Array.of(1, 3))
    })
  )
})

describe("lists of Parquet", () => {
  it.effect("are rows, in the three-level form, the two-level one and as a repeated field", () =>
    Effect.gen(function* () {
      const levels = [
        [0, 1, 0, 1],
        [3, 3, 3, 3]
      ] as const
      expect(yield* values(lists("FLOAT", 2, ...levels, floats(1, 2, 3, 4)))).toEqual(
        Float32Array.of(1, 2, 3, 4)
      )
      // uint8
      expect(yield* values(lists("INT32", 2, ...levels, int32s(0, 255, 7, 128), converted(11)))).toEqual(
        Float64Array.of(0, 255, 7, 128)
      )
      const two = [Buffer.concat([eachLevel([0, 1, 0, 1]), eachLevel([1, 1, 1, 1]), doubles(1, 2, 3, 4)])]
      const column = { type: "DOUBLE" as const, values: 4, pages: [page(4, two[0]!)] }
      const twoLevel = [group("v", 1, 0, [[6, "i32", 3]]), leaf("array", "DOUBLE", 2)]
      expect(yield* values(parquetBytes({ schema: twoLevel, rows: 2, columns: [column] }))).toEqual(
        Float64Array.of(1, 2, 3, 4)
      )
      expect(
        yield* values(parquetBytes({ schema: [leaf("v", "DOUBLE", 2)], rows: 2, columns: [column] }))
      ).toEqual(Float64Array.of(1, 2, 3, 4))
    })
  )

  it.effect("go on from one page to the next", () =>
    Effect.gen(function* () {
      const part = (repetition: ReadonlyArray<number>, ...numbers: ReadonlyArray<number>) =>
        page(
          numbers.length,
          Buffer.concat([eachLevel(repetition), eachLevel(numbers.map(() => 3)), floats(...numbers)])
        )
      const column = {
        type: "FLOAT" as const,
        values: 6,
        pages: [part([0, 1], 1, 2), part([1, 0], 3, 4), part([1, 1], 5, 6)]
      }
      const { data, dims } = yield* read(
        parquetBytes({ schema: listOf("v", "FLOAT"), rows: 2, columns: [column] }, 1)
      )
      expect([dims, [...data]]).toEqual([3, [1, 2, 3, 4, 5, 6]])
    })
  )

  it.effect("with a null, without a list, empty or of another length are refused with their row", () =>
    Effect.gen(function* () {
      expect(yield* fault(lists("FLOAT", 2, [0, 1, 0, 1], [3, 3, 2, 3], floats(1, 2, 4)))).toBe(
        "Row 1 of column 'v' holds null at place 0 of its list."
      )
      expect(yield* fault(lists("FLOAT", 2, [0, 1, 0], [3, 3, 0], floats(1, 2)))).toBe(
        "Row 1 of column 'v' is null."
      )
      expect(yield* fault(lists("FLOAT", 2, [0, 1, 0], [3, 3, 1], floats(1, 2)))).toBe(
        "Row 1 of column 'v' has 0 numbers and row 0 has 2."
      )
      // As many values as two rows of two have.
      expect(yield* fault(lists("FLOAT", 2, [0, 0, 1, 1], [3, 3, 3, 3], floats(1, 2, 3, 4)))).toBe(
        "Row 1 of column 'v' has 3 numbers and row 0 has 1."
      )
      expect(yield* fault(lists("FLOAT", 2, [0, 0], [1, 1], floats()))).toContain("0 columns of numbers")
      expect(yield* fault(lists("FLOAT", 3, [0, 1, 0, 1], [3, 3, 3, 3], floats(1, 2, 3, 4)))).toContain(
        "2 lists in row group 0 of 3 rows"
      )
      expect(yield* fault(lists("FLOAT", 1, [1, 0], [3, 3], floats(1, 2)))).toContain("inside a list")
    })
  )
})

describe("columns of Parquet that are no coordinates", () => {
  const beside = (element: ReadonlyArray<Field>, type: Parameters<typeof leaf>[1], body: Uint8Array) =>
    parquetBytes({
      schema: [element, leaf("x", "FLOAT")],
      rows: 2,
      columns: [
        { type, values: 2, pages: [page(2, body)] },
        { type: "FLOAT", values: 2, pages: [page(2, floats(1, 2))] }
      ]
    })

  it.effect("are left out and named: times, booleans, bytes, integers", () =>
    Effect.gen(function* () {
      for (const [element, type, body, reason] of [
        [leaf("t", "INT96"), "INT96", Buffer.alloc(24), "a time"],
        [leaf("t", "INT64", 0, converted(10)), "INT64", int64s(1n, 2n), "a time"],
        [leaf("t", "INT32", 0, logical(6)), "INT32", int32s(1, 2), "a time"],
        [leaf("t", "BOOLEAN"), "BOOLEAN", Buffer.from([1]), "a boolean"],
        [leaf("t", "BYTE_ARRAY"), "BYTE_ARRAY", texts("abcd", "efgh"), "binary values"],
        [leaf("t", "FIXED", 0, [[2, "i32", 4]]), "FIXED", Buffer.from("abcdefgh"), "binary values"],
        [leaf("t", "INT32"), "INT32", int32s(1, 1), "a whole number beside decimal ones"]
      ] as const) {
        const matrix = yield* read(beside(element, type, body))
        expect([matrix.keyed, matrix.dims, [...matrix.data]], reason).toEqual([false, 1, [1, 2]])
        expect(matrix.notes).toEqual([`Column 't' is no coordinate (${reason}) and is left out.`])
      }
    })
  )

  it.effect("are never flattened: maps, structures and lists of lists", () =>
    Effect.gen(function* () {
      const float = { type: "FLOAT" as const, values: 2, pages: [page(2, floats(1, 2))] }
      const other = { type: "FLOAT" as const, values: 2, pages: [page(2, floats(8, 9))] }
      const nested = (schema: ReadonlyArray<ReadonlyArray<Field>>, leaves: number) =>
        read(
          parquetBytes(
            {
              schema: [...schema, leaf("x", "FLOAT")],
              rows: 2,
              columns: [...Array.from({ length: leaves }, () => other), float]
            },
            2
          )
        )
      for (const [schema, leaves, what] of [
        [[group("s", 2), leaf("a", "FLOAT"), leaf("b", "FLOAT")], 2, "'s' is a structure"],
        [
          [
            group("m", 1, 1, converted(1)),
            group("key_value", 2, 2),
            leaf("key", "FLOAT"),
            leaf("value", "FLOAT")
          ],
          2,
          "'m' is a map"
        ],
        [
          [group("l", 1, 1, converted(3)), group("list", 1, 2), ...listOf("element", "FLOAT")],
          1,
          "'l' is a list whose items are a list"
        ],
        [
          [group("l", 1, 1, converted(3)), group("l_tuple", 1, 2), leaf("x", "FLOAT")],
          1,
          "'l' is a list whose items are a structure"
        ]
      ] as const) {
        const matrix = yield* nested(schema, leaves)
        expect([...matrix.data]).toEqual([1, 2])
        expect(matrix.notes.join(" ")).toContain(what)
      }
    })
  )

  it.effect("of one name are refused, and pandas' index levels are known by its metadata", () =>
    Effect.gen(function* () {
      const number = { type: "FLOAT" as const, values: 2, pages: [page(2, floats(1, 2))] }
      const two = (a: string, b: string, footer: ReadonlyArray<Field> = []) =>
        parquetBytes({
          schema: [leaf(a, "FLOAT"), leaf(b, "FLOAT")],
          rows: 2,
          columns: [number, number],
          footer
        })
      expect(yield* fault(two("d", "d"))).toContain("same name 'd'")
      const pandas: ReadonlyArray<Field> = [
        [
          5,
          "list",
          [
            [
              [1, "binary", "pandas"],
              [2, "binary", JSON.stringify({ index_columns: ["level", { kind: "range" }] })]
            ]
          ]
        ]
      ]
      expect((yield* read(two("level", "x"))).dims).toBe(2)
      const { dims, notes } = yield* read(two("level", "x", pandas))
      expect([dims, notes]).toEqual([
        1,
        ["Column 'level' is no coordinate (an index level) and is left out."]
      ])
      expect((yield* read(two("level", "x", pandas), ["x", "level"])).dims).toBe(2)
    })
  )
})

describe("keys of Parquet", () => {
  const keyed = (element: ReadonlyArray<Field>, pages: ReadonlyArray<ReturnType<typeof page>>) =>
    parquetBytes({
      schema: [element, leaf("x", "FLOAT")],
      rows: 3,
      columns: [
        { type: element[0]![2] === 7 ? "FIXED" : "BYTE_ARRAY", values: 3, pages },
        { type: "FLOAT", values: 3, pages: [page(3, floats(1, 2, 3))] }
      ]
    })
  const word = leaf("word", "BYTE_ARRAY", 0, converted(0))

  it.effect("are text, from a dictionary or plain, or UUIDs", () =>
    Effect.gen(function* () {
      const keysOf = (bytes: Uint8Array) => Effect.map(read(bytes), ({ keys }) => keys)
      expect(yield* keysOf(keyed(word, [page(3, texts("ä", "b\ufffd", ""))]))).toEqual(["ä", "b\ufffd", ""])
      const indexed = page(3, Buffer.concat([Buffer.from([2]), run(1, 2), run(1, 0), run(1, 1)]), {
        encoding: 8
      })
      expect(yield* keysOf(keyed(word, [dictionaryPage(3, texts("a", "b", "c")), indexed]))).toEqual([
        "c",
        "a",
        "b"
      ])
      const uuid = leaf("id", "FIXED", 0, [[2, "i32", 16], ...logical(14)])
      const bytes = Buffer.from(Array.from({ length: 48 }, (_, i) => i))
      expect((yield* keysOf(keyed(uuid, [page(3, bytes)])))[0]).toBe("00010203-0405-0607-0809-0a0b0c0d0e0f")
    })
  )

  it.effect("that are null or no UTF-8 are refused with their row", () =>
    Effect.gen(function* () {
      expect(yield* fault(keyed(word, [page(3, texts("a", Buffer.from([0xff]), "c"))]))).toBe(
        "Row 1 of column 'word' holds bytes that are not UTF-8."
      )
      const optional = leaf("word", "BYTE_ARRAY", 1, converted(0))
      expect(
        yield* fault(keyed(optional, [page(3, Buffer.concat([eachLevel([1, 1, 0]), texts("a", "b")]))]))
      ).toBe("Row 2 of column 'word' is null.")
    })
  )
})
