import { describe, expect, it } from "@effect/vitest"
import * as flechette from "@uwdata/flechette"
import * as arrow from "apache-arrow"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { loadZstd } from "../../../artifacts/codecs/parquet/zstd.ts"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import type { ReadOptions } from "../../../artifacts/files/UserMatrix.ts"
import { temporaryFolder } from "../fixtures.ts"
import { arrowFile, arrowStream, field, none, type TestArrow, type TestBatch, texts } from "./arrowBytes.ts"

const read = (bytes: Uint8Array, options: ReadOptions = {}) =>
  Effect.gen(function* () {
    const file = path.join(yield* temporaryFolder, "x.arrow")
    fs.writeFileSync(file, bytes)
    return yield* readMatrix(file, options)
  }).pipe(Effect.scoped)

const refusal = (bytes: Uint8Array, options: ReadOptions = {}) =>
  Effect.map(Effect.flip(read(bytes, options)), (error) => error.message)

const column = (rows: number, nulls: number, ...buffers: ReadonlyArray<ArrayBufferView>): TestBatch => ({
  rows,
  nodes: [[rows, nulls]],
  buffers
})

/** A key column and a float column, which every file here may begin with. */
const keyAndFloat = {
  fields: [field.utf8("key"), field.float("x")],
  batches: [
    {
      rows: 3,
      nodes: [
        [3, 0],
        [3, 0]
      ],
      buffers: [none, ...texts("a", "β", ""), none, Float32Array.of(1, 2, 3)]
    }
  ]
} as const satisfies TestArrow

describe("numbers of an Arrow file", () => {
  const cases = [
    ["float", field.float("x"), Float32Array.of(0.5, -1, 3e38), [0.5, -1, Math.fround(3e38)]],
    ["double", field.double("x"), Float64Array.of(0.1, -1e-300, 2), [0.1, -1e-300, 2]],
    // IEEE 754 binary16: 1, -2, and the least number above 0, 2^-24.
    ["half", field.half("x"), Uint16Array.of(0x3c00, 0xc000, 1), [1, -2, 2 ** -24]],
    ["int8", field.int(8)("x"), Int8Array.of(-128, 0, 127), [-128, 0, 127]],
    ["uint8", field.int(8, false)("x"), Uint8Array.of(0, 128, 255), [0, 128, 255]],
    ["int16", field.int(16)("x"), Int16Array.of(-1, 0, 1), [-1, 0, 1]],
    ["uint16", field.int(16, false)("x"), Uint16Array.of(65535, 0, 1), [65535, 0, 1]],
    ["int32", field.int(32)("x"), Int32Array.of(-(2 ** 31), 0, 1), [-(2 ** 31), 0, 1]],
    ["uint32", field.int(32, false)("x"), Uint32Array.of(2 ** 32 - 1, 0, 1), [2 ** 32 - 1, 0, 1]],
    ["int64", field.int(64)("x"), BigInt64Array.of(-(2n ** 60n), 5n, -1n), [-(2 ** 60), 5, -1]],
    ["uint64", field.int(64, false)("x"), BigUint64Array.of(2n ** 63n, 5n, 1n), [2 ** 63, 5, 1]],
    ["decimal32", field.decimal(32, 2)("x"), Int32Array.of(110, -1, 0), [1.1, -0.01, 0]],
    ["decimal64", field.decimal(64, 1)("x"), BigInt64Array.of(11n, -1n, 0n), [1.1, -0.1, 0]],
    ["decimal128", field.decimal(128, 2)("x"), BigInt64Array.of(110n, 0n, -1n, -1n, 0n, 0n), [1.1, -0.01, 0]],
    [
      "decimal256",
      field.decimal(256, 3)("x"),
      BigInt64Array.of(1500n, 0n, 0n, 0n, -1n, -1n, -1n, -1n, 0n, 0n, 0n, 0n),
      [1.5, -0.001, 0]
    ],
    // The upper half of a float32: 1, -2, and 3.140625, the bfloat16 next to pi.
    [
      "bfloat16",
      field.fixedSizeBinary(2)("x", { metadata: { "ARROW:extension:name": "lance.bfloat16" } }),
      Uint16Array.of(0x3f80, 0xc000, 0x4049),
      [1, -2, 3.140625]
    ]
  ] as const

  it.effect.each(cases)("%s is read right, as a column and in lists", ([, one, values, expected]) =>
    Effect.gen(function* () {
      const inColumn = { fields: [one], batches: [column(3, 0, none, values)] }
      for (const bytes of [arrowStream(inColumn), arrowFile(inColumn)])
        expect([...(yield* read(bytes)).data]).toEqual(expected)
      for (const list of [
        {
          fields: [field.list("v", one)],
          batches: [
            {
              rows: 3,
              nodes: [
                [3, 0],
                [3, 0]
              ],
              buffers: [none, Int32Array.of(0, 1, 2, 3), none, values]
            }
          ]
        },
        {
          fields: [field.fixedSizeList(3)("v", one)],
          batches: [
            {
              rows: 1,
              nodes: [
                [1, 0],
                [3, 0]
              ],
              buffers: [none, none, values]
            }
          ]
        }
      ] as const satisfies ReadonlyArray<TestArrow>)
        expect([...(yield* read(arrowFile(list))).data]).toEqual(expected)
    })
  )

  it.effect("that a float64 cannot hold are refused with row and column", () =>
    Effect.gen(function* () {
      const whole = {
        fields: [field.int(64)("x")],
        batches: [column(2, 0, none, BigInt64Array.of(1n, 2n ** 53n + 1n))]
      }
      expect(yield* refusal(arrowFile(whole))).toContain("Row 1 of column 'x' holds 9007199254740993, which")
      const decimal = {
        fields: [field.decimal(128, 3)("x")],
        batches: [column(1, 0, none, BigInt64Array.of(9007199254740993n, 0n))]
      }
      expect(yield* refusal(arrowFile(decimal))).toContain(
        "Row 0 of column 'x' holds 9007199254740.993, which"
      )
      const long = {
        fields: [field.decimal(128, -300)("x")],
        batches: [column(1, 0, none, BigInt64Array.of(3n, 0n))]
      }
      expect(yield* refusal(arrowFile(long))).toMatch(/Row 0 of column 'x' holds 30{300}, which/)
      const wide = { ...long, batches: [column(1, 0, none, BigInt64Array.of(10n ** 18n, 0n))] }
      expect(yield* refusal(arrowFile(wide))).toContain("more than the 18 digits that its type allows")
    })
  )

  it.effect("that are null are refused with row and column, in every batch", () =>
    Effect.gen(function* () {
      const values = Float32Array.of(1, 2, 3)
      const arrow = {
        fields: [field.float("x")],
        batches: [column(3, 0, none, values), column(3, 1, Uint8Array.of(0b101), values)]
      }
      expect(yield* refusal(arrowFile(arrow))).toContain("Row 4 of column 'x' is null")
      const untrue = { ...arrow, batches: [column(3, 0, Uint8Array.of(0b101), values)] }
      expect(yield* refusal(arrowFile(untrue))).toContain("0 of its values are null, and 1 are")
    })
  )
})

describe("lists of an Arrow file", () => {
  const float = field.float("item")
  const values = Float32Array.of(1, 2, 3, 4, 5, 6)
  const lists = (
    rows: number,
    nulls: number,
    nullsWithin: number,
    ...buffers: ReadonlyArray<ArrayBufferView>
  ) =>
    ({
      rows,
      nodes: [
        [rows, nulls],
        [6, nullsWithin]
      ],
      buffers
    }) satisfies TestBatch
  const kinds = [
    ["List", field.list("v", float), [Int32Array.of(0, 2, 4, 6)]],
    ["LargeList", field.largeList("v", float), [BigInt64Array.of(0n, 2n, 4n, 6n)]],
    ["FixedSizeList", field.fixedSizeList(2)("v", float), []],
    ["ListView", field.listView("v", float), [Int32Array.of(0, 2, 4), Int32Array.of(2, 2, 2)]],
    [
      "LargeListView",
      field.largeListView("v", float),
      [BigInt64Array.of(0n, 2n, 4n), BigInt64Array.of(2n, 2n, 2n)]
    ]
  ] as const

  it.effect.each(kinds)("%s is read right; a null list and a null within are refused", ([, list, offsets]) =>
    Effect.gen(function* () {
      const arrow = (batch: TestBatch) => arrowFile({ fields: [list], batches: [batch] })
      const whole = yield* read(arrow(lists(3, 0, 0, none, ...offsets, none, values)))
      expect(whole).toMatchObject({ dims: 2, keyed: false, data: values })
      expect(yield* refusal(arrow(lists(3, 1, 0, Uint8Array.of(0b101), ...offsets, none, values)))).toContain(
        "Row 1 of column 'v' is null"
      )
      expect(
        yield* refusal(arrow(lists(3, 0, 1, none, ...offsets, Uint8Array.of(0b011111), values)))
      ).toContain("Row 2 of column 'v' is null at place 1")
    })
  )

  it.effect("of unequal lengths are refused with the row, and places outside the values too", () =>
    Effect.gen(function* () {
      const arrow = (...offsets: ReadonlyArray<number>) =>
        arrowFile({
          fields: [field.list("v", float)],
          batches: [lists(3, 0, 0, none, Int32Array.from(offsets), none, values)]
        })
      expect(yield* refusal(arrow(0, 2, 4, 5))).toContain("Row 2 of column 'v' has 1 numbers and row 0 has 2")
      expect([...(yield* read(arrow(3, 4, 5, 6))).data]).toEqual([4, 5, 6])
      for (const offsets of [
        [0, 2, 4, 7],
        [0, 4, 2, 6],
        [-1, 2, 4, 6]
      ])
        expect(yield* refusal(arrow(...offsets))).toContain("column 'v', in the batch that starts at row 0")
    })
  )

  it.effect("ListView may share values and come in any order", () =>
    Effect.gen(function* () {
      const arrow = {
        fields: [field.listView("v", float)],
        batches: [lists(3, 0, 0, none, Int32Array.of(4, 0, 4), Int32Array.of(2, 2, 2), none, values)]
      }
      expect([...(yield* read(arrowStream(arrow))).data]).toEqual([5, 6, 1, 2, 5, 6])
    })
  )

  it.effect("of lists, of texts, maps and structs are no matrix", () =>
    Effect.gen(function* () {
      const pairs = field.struct("entries", field.utf8("key"), field.float("value"))
      const map = {
        fields: [field.map("m", pairs)],
        batches: [
          {
            rows: 1,
            nodes: [
              [1, 0],
              [1, 0],
              [1, 0],
              [1, 0]
            ],
            buffers: [none, Int32Array.of(0, 1), none, none, ...texts("a"), none, Float32Array.of(1)]
          }
        ]
      } as const satisfies TestArrow
      expect(yield* refusal(arrowFile(map))).toContain("No column holds coordinates: 'm'")
      const nested = {
        fields: [field.list("v", field.list("w", float))],
        batches: [
          {
            rows: 1,
            nodes: [
              [1, 0],
              [1, 0],
              [6, 0]
            ],
            buffers: [none, Int32Array.of(0, 1), none, Int32Array.of(0, 6), none, values]
          }
        ]
      } as const satisfies TestArrow
      expect(yield* refusal(arrowFile(nested))).toContain("No column holds coordinates: 'v'")
    })
  )
})

describe("keys of an Arrow file", () => {
  const x = [none, Float32Array.of(1, 2, 3)] as const
  const both = (buffers: ReadonlyArray<ArrayBufferView>, more: Partial<TestBatch> = {}): TestBatch => ({
    rows: 3,
    nodes: [
      [3, 0],
      [3, 0]
    ],
    buffers: [...buffers, ...x],
    ...more
  })
  const keysOf = (arrow: TestArrow) => Effect.map(read(arrowStream(arrow)), ({ keys }) => keys)

  it.effect("are Utf8, LargeUtf8 or Utf8View", () =>
    Effect.gen(function* () {
      const [offsets, bytes] = texts("a", "a text of more than twelve bytes", "β")
      const large = BigInt64Array.from(offsets, BigInt)
      const expected = ["a", "a text of more than twelve bytes", "β"]
      expect(
        yield* keysOf({
          fields: [field.utf8("k"), field.float("x")],
          batches: [both([none, offsets, bytes])]
        })
      ).toEqual(expected)
      expect(
        yield* keysOf({
          fields: [field.largeUtf8("k"), field.float("x")],
          batches: [both([none, large, bytes])]
        })
      ).toEqual(expected)
      const views = Buffer.alloc(48)
      views.writeInt32LE(1, 0)
      views.write("a", 4)
      views.writeInt32LE(32, 16)
      views.write("a te", 20)
      views.writeInt32LE(0, 24)
      views.writeInt32LE(1, 28)
      views.writeInt32LE(2, 32)
      views.write("β", 36)
      const view = {
        fields: [field.utf8View("k"), field.float("x")],
        batches: [both([none, views, bytes], { variadic: [1] })]
      }
      expect(yield* keysOf(view)).toEqual(expected)
      views.write("b", 20)
      expect(yield* refusal(arrowStream(view))).toContain(
        "text 1 of a column differs from what its view says"
      )
      views.writeInt32LE(99, 28)
      expect(yield* refusal(arrowStream(view))).toContain("text 1 of a column lies outside its buffers")
    })
  )

  it.effect("are those of a dictionary, which may grow and in a stream be replaced", () =>
    Effect.gen(function* () {
      const dictionary = (id: number, delta: boolean, ...values: ReadonlyArray<string>): TestBatch => ({
        ...column(values.length, 0, none, ...texts(...values)),
        dictionary: { id, delta }
      })
      const fields = [field.utf8("k", { dictionary: { id: 7, bits: 8 } }), field.float("x")]
      const rows = (...indices: ReadonlyArray<number>) => both([none, Int8Array.from(indices)])
      const grows = {
        fields,
        batches: [
          dictionary(7, false, "a", "b", "c"),
          rows(2, 1, 0),
          dictionary(7, true, "d", "e", "f"),
          rows(3, 4, 5)
        ]
      }
      const expected = ["c", "b", "a", "d", "e", "f"]
      expect(yield* keysOf(grows)).toEqual(expected)
      expect((yield* read(arrowFile(grows))).keys).toEqual(expected)
      const replaced = {
        fields,
        batches: [
          dictionary(7, false, "a", "b", "c"),
          rows(2, 1, 0),
          dictionary(7, false, "d", "e", "f"),
          rows(0, 1, 2)
        ]
      }
      expect(yield* keysOf(replaced)).toEqual(["c", "b", "a", "d", "e", "f"])
      expect(yield* refusal(arrowFile(replaced))).toContain("dictionary 7 is there twice")
      for (const batches of [
        [rows(0, 1, 2)],
        [dictionary(7, false, "a"), rows(0, 0, 1)],
        [dictionary(7, false, "a"), rows(0, 0, -1)]
      ])
        expect(yield* refusal(arrowStream({ fields, batches }))).toMatch(
          /place -?\d of a dictionary of [01] values/
        )
      expect(yield* refusal(arrowStream({ fields, batches: [dictionary(8, false, "a")] }))).toContain(
        "dictionary 8 that no column uses"
      )
    })
  )

  it.effect("are those of runs", () =>
    Effect.gen(function* () {
      const runs = (...ends: ReadonlyArray<number>): TestArrow => ({
        fields: [field.runEndEncoded("k", field.int(32)("run_ends"), field.utf8("values")), field.float("x")],
        batches: [
          {
            rows: 3,
            nodes: [
              [3, 0],
              [3, 0],
              [3, 0],
              [3, 0]
            ],
            buffers: [none, Int32Array.from(ends), none, ...texts("a", "b", "c"), ...x]
          }
        ]
      })
      expect(yield* keysOf(runs(1, 2, 3))).toEqual(["a", "b", "c"])
      expect(yield* refusal(arrowStream(runs(1, 1, 3)))).toContain("ends of runs do not rise")
      expect(yield* refusal(arrowStream(runs(0, 1, 2)))).toContain("ends of runs do not rise")
      expect(yield* refusal(arrowStream(runs(-1, 1, 2)))).toContain("ends of runs do not rise")
    })
  )

  it.effect("that are whole numbers past 2^53 stay exact", () =>
    Effect.gen(function* () {
      const ids = BigInt64Array.of(9007199254740993n, 9007199254740992n, -1n)
      const arrow = { fields: [field.int(64)("id"), field.float("x")], batches: [both([none, ids])] }
      expect(yield* keysOf(arrow)).toEqual(["9007199254740993", "9007199254740992", "-1"])
    })
  )

  it.effect("that are null, not UTF-8 or out of their column are refused", () =>
    Effect.gen(function* () {
      const [offsets, bytes] = texts("a", "b", "c")
      const arrow = (batch: TestBatch) =>
        arrowStream({ fields: [field.utf8("k"), field.float("x")], batches: [batch] })
      const nodes = [
        [3, 1],
        [3, 0]
      ] as const
      expect(yield* refusal(arrow(both([Uint8Array.of(0b110), offsets, bytes], { nodes })))).toContain(
        "Row 0 of column 'k' is null"
      )
      expect(yield* refusal(arrow(both([none, offsets, Uint8Array.of(97, 0xe9, 98)])))).toContain(
        "text 1 of a column is not UTF-8 (column 'k', in the batch that starts at row 0)"
      )
      for (const wrong of [Int32Array.of(0, 2, 1, 3), Int32Array.of(0, 1, 2, 4), Int32Array.of(-1, 1, 2, 3)])
        expect(yield* refusal(arrow(both([none, wrong, bytes])))).toContain("do not fit its column")
    })
  )
})

describe("columns of an Arrow file that are no coordinates", () => {
  it.effect("are left out and named: booleans, times, ids, other meanings", () =>
    Effect.gen(function* () {
      const extension = { metadata: { "ARROW:extension:name": "pandas.period" } }
      const arrow = {
        fields: [
          field.float("x"),
          field.bool("flag"),
          field.date("day"),
          field.timestamp("when"),
          field.duration("took"),
          field.int(64)("period", extension),
          field.int(32)("doc_id"),
          field.null("nothing")
        ],
        batches: [
          {
            rows: 2,
            nodes: [
              [2, 0],
              [2, 0],
              [2, 0],
              [2, 0],
              [2, 0],
              [2, 0],
              [2, 0],
              [2, 2]
            ],
            buffers: [
              [none, Float32Array.of(1, 2)],
              [none, Uint8Array.of(1)],
              [none, Int32Array.of(1, 2)],
              [none, BigInt64Array.of(1n, 2n)],
              [none, BigInt64Array.of(1n, 2n)],
              [none, BigInt64Array.of(1n, 2n)],
              [none, Int32Array.of(5, 5)]
            ].flat()
          }
        ]
      } as const satisfies TestArrow
      const matrix = yield* read(arrowFile(arrow))
      expect(matrix).toMatchObject({ keyed: false, dims: 1, data: Float64Array.of(1, 2) })
      for (const name of ["flag", "day", "when", "took", "period", "doc_id"])
        expect(matrix.notes.join(" ")).toMatch(new RegExp(`'${name}'|more`))
      expect([...(yield* read(arrowFile(arrow), { columns: ["doc_id", "x"] })).data]).toEqual([5, 1, 5, 2])
    })
  )

  it.effect("are pandas' index levels", () =>
    Effect.gen(function* () {
      const arrow = {
        fields: [field.double("x"), field.double("level")],
        metadata: { pandas: JSON.stringify({ index_columns: ["level"] }) },
        batches: [
          {
            rows: 2,
            nodes: [
              [2, 0],
              [2, 0]
            ],
            buffers: [none, Float64Array.of(1, 2), none, Float64Array.of(0.5, 0.5)]
          }
        ]
      } as const satisfies TestArrow
      expect(yield* read(arrowFile(arrow))).toMatchObject({ dims: 1, data: Float64Array.of(1, 2) })
    })
  )
})

describe("compressed Arrow files", () => {
  const doubles = Float64Array.of(0.5, -1, 3)
  const prefixed = (length: number, frame: Uint8Array) => {
    const prefix = Buffer.alloc(8)
    prefix.writeBigInt64LE(BigInt(length))
    return Buffer.concat([prefix, frame])
  }
  const bytes = Buffer.from(doubles.buffer)
  const arrow = (codec: "lz4" | "zstd", buffer: Uint8Array): TestArrow => ({
    fields: [field.double("x")],
    batches: [{ ...column(3, 0, none, buffer), codec }]
  })
  /** A frame whose one block is stored; .1.6.4 of the format, checksum of the header from the lz4 command. */
  const lz4 = (block: Uint8Array, stored = true) => {
    const size = Buffer.alloc(4)
    size.writeUInt32LE(block.length + (stored ? 0x80000000 : 0))
    return Buffer.concat([Buffer.from("04224d18604082", "hex"), size, block, Buffer.alloc(4)])
  }

  it.effect("are read, doubles too: zstd, LZ4, and buffers that were left as they are", () =>
    Effect.gen(function* () {
      const { compress } = yield* Effect.promise(() => loadZstd())
      for (const one of [
        arrow("zstd", prefixed(24, compress(bytes, 3))),
        arrow("lz4", prefixed(24, lz4(bytes))),
        arrow("lz4", prefixed(-1, bytes)),
        arrow("zstd", prefixed(-1, bytes))
      ])
        expect([...(yield* read(arrowFile(one))).data]).toEqual([...doubles])
    })
  )

  it.effect("are refused where a buffer does not unpack to what it says", () =>
    Effect.gen(function* () {
      const { compress } = yield* Effect.promise(() => loadZstd())
      const frame = compress(bytes, 3)
      for (const [codec, buffer, message] of [
        ["zstd", prefixed(32, frame), "unpacks to 24 bytes and says 32"],
        ["zstd", prefixed(24, frame.subarray(0, frame.length - 4)), "cannot be unpacked"],
        ["zstd", prefixed(24, bytes), "not a zstd frame"],
        ["zstd", prefixed(16, compress(bytes.subarray(0, 16), 3)), "has 16 bytes where its column needs 24"],
        ["zstd", prefixed(2 ** 40, frame), "would unpack to 1099511627776 bytes"],
        ["zstd", prefixed(-5, frame), "negative length"],
        ["lz4", prefixed(32, lz4(bytes)), "unpacks to 24 bytes and says 32"],
        ["lz4", prefixed(8, lz4(bytes)), "longer than it may be"],
        ["lz4", prefixed(24, lz4(bytes).subarray(0, 30)), "cut short"],
        ["lz4", prefixed(24, bytes), "not an LZ4 frame"],
        ["lz4", prefixed(24, lz4(Uint8Array.of(0x10, 65, 5, 0), false)), "refers outside its output"],
        ["lz4", prefixed(24, lz4(bytes).fill(0x50, 5, 6)), "checksum does not match"]
      ] as const)
        expect(yield* refusal(arrowFile(arrow(codec, buffer)))).toContain(message)
    })
  )
})

describe("an Arrow file or stream", () => {
  const { fields, batches } = keyAndFloat
  const arrow: TestArrow = keyAndFloat

  it.effect("may be a file or a stream, with batches that are empty, and with the old prefix", () =>
    Effect.gen(function* () {
      const empty: TestBatch = {
        rows: 0,
        nodes: [
          [0, 0],
          [0, 0]
        ],
        buffers: [none, none, none, none, none]
      }
      const many = { fields, batches: [empty, ...batches, empty] }
      for (const bytes of [
        arrowFile(arrow),
        arrowStream(arrow),
        arrowFile(many),
        arrowStream(many),
        old(arrowStream(arrow))
      ])
        expect(yield* read(bytes)).toMatchObject({
          keys: ["a", "β", ""],
          data: Float64Array.of(1, 2, 3),
          notes: []
        })
      const twice = {
        fields: [field.float("x")],
        batches: [column(2, 0, none, Float32Array.of(1, 2)), column(1, 0, none, Float32Array.of(3))]
      }
      expect([...(yield* read(arrowFile(twice))).data]).toEqual([1, 2, 3])
    })
  )

  it.effect("is refused where it is cut, of another version or form, or says two things", () =>
    Effect.gen(function* () {
      const stream = arrowStream(arrow)
      const file = arrowFile(arrow)
      const twice = {
        fields,
        batches: [
          ...batches,
          ...batches.map((batch) => ({
            ...batch,
            buffers: [none, ...texts("d", "e", "f"), none, Float32Array.of(4, 5, 6)]
          }))
        ]
      }
      const batch: TestBatch = batches[0]
      for (const [bytes, message] of [
        [stream.subarray(0, stream.length - 20), "cut short"],
        [Buffer.concat([stream, stream]), "bytes follow its end mark"],
        [file.subarray(0, file.length - 20), "end mark is absent"],
        [arrowFile(twice, [0]), "bytes that its footer does not name"],
        [arrowFile(twice, [1]), "bytes that its footer does not name"],
        [arrowFile(twice, [0, 1, 1]), "share bytes"],
        [arrowFile({ ...arrow, bigEndian: true }), "big-endian"],
        [arrowFile({ ...arrow, version: 2 }), "version V3"],
        [arrowStream({ ...arrow, version: 9 }), "version V10"],
        [arrowFile({ fields, batches: [] }), "no rows"],
        [
          arrowFile({ fields, batches: [{ ...batch, rows: 2 }] }),
          "says that it has 2 rows, and its column 'key' has 3"
        ],
        [
          arrowFile({ fields, batches: [{ ...batch, rows: 2 ** 40 }] }),
          "says that it has 1099511627776 rows"
        ],
        [
          arrowFile({
            fields,
            batches: [
              {
                ...batch,
                rows: 9,
                nodes: [
                  [9, 0],
                  [9, 0]
                ]
              }
            ]
          }),
          "has 16 bytes where its column needs 40"
        ],
        [
          arrowFile({
            fields,
            batches: [
              {
                ...batch,
                nodes: [
                  [3, 4],
                  [3, 0]
                ]
              }
            ]
          }),
          "4 of its 3 values are null"
        ],
        [arrowFile({ fields, batches: [{ ...batch, nodes: [[3, 0]] }] }), "too few columns"],
        [
          arrowFile({ fields, batches: [{ ...batch, buffers: batch.buffers.slice(0, -1) }] }),
          "too few buffers"
        ],
        [
          arrowFile({ fields, batches: [{ ...batch, buffers: [...batch.buffers, none] }] }),
          "more columns or buffers than its schema"
        ],
        [arrowFile({ fields: [{ name: "x", code: 99 }], batches: [] }), "a type that is unknown (number 99)"],
        [arrowFile({ fields: [field.int(7)("x")], batches: [] }), "whole numbers of 7 bits"],
        [Buffer.from("FEA1 and more, as Feather of version 1"), "Feather file of version 1"],
        [Buffer.from("PAR1 and more, as Parquet begins"), "This is a Parquet file"],
        [Buffer.from("x"), "cut short"],
        [Buffer.alloc(64), "holds no schema"]
      ] as const)
        expect(yield* refusal(bytes)).toContain(message)
    })
  )

  it.effect("without an end mark is read with a note", () =>
    Effect.gen(function* () {
      const stream = arrowStream(arrow)
      const { notes } = yield* read(stream.subarray(0, stream.length - 8))
      expect(notes.join()).toContain("no end mark")
    })
  )

  it.effect("with any byte changed gives a matrix that fits, or one message of ours", () =>
    Effect.gen(function* () {
      const list = field.list("v", field.half("item"))
      const rich: TestArrow = {
        fields: [field.utf8("k", { dictionary: { id: 0, bits: 32 } }), list],
        batches: [
          { ...column(2, 0, none, ...texts("a", "b")), dictionary: { id: 0 } },
          {
            rows: 2,
            nodes: [
              [2, 0],
              [2, 0],
              [4, 0]
            ],
            buffers: [
              none,
              Int32Array.of(1, 0),
              none,
              Int32Array.of(0, 2, 4),
              none,
              Uint16Array.of(1, 2, 3, 4)
            ]
          }
        ]
      }
      const file = path.join(yield* temporaryFolder, "x.arrow")
      let refused = 0
      for (const bytes of [arrowFile(rich), arrowStream(rich)])
        for (let at = 0; at < bytes.length; at += 3)
          for (const mask of [1 << (at % 8), 0xff]) {
            const changed = Buffer.from(bytes)
            changed[at] = changed[at]! ^ mask
            fs.writeFileSync(file, changed)
            const result = yield* Effect.match(readMatrix(file), {
              onFailure: ({ what }) => what,
              onSuccess: (matrix) => matrix
            })
            if (typeof result === "string") {
              refused++
              expect(result).not.toMatch(
                /undefined|is not a|out of bounds|Invalid|of null|properties|infinite/
              )
            } else expect(result.data.length).toBe(result.keys.length * result.dims)
          }
      expect(refused).toBeGreaterThan(500)
    }).pipe(Effect.scoped)
  )
})

describe("Arrow files that others write", () => {
  const keys = ["a", "bc", "", "dé", "a text of more than twelve bytes"]
  const numbers = keys.map((_, i) => Math.sin(i + 1))

  it.effect("apache-arrow: files and streams, several batches, dictionaries, lists of half floats", () =>
    Effect.gen(function* () {
      const item = new arrow.Field("item", new arrow.Float16())
      const halves = numbers.map((value) => [value, 2 * value])
      const batch = () =>
        new arrow.Table({
          word: arrow.vectorFromArray(keys, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int16())),
          x: arrow.vectorFromArray(numbers, new arrow.Float64()),
          y: arrow.vectorFromArray(numbers, new arrow.Float32())
        })
      const lists = new arrow.Table({ v: arrow.vectorFromArray(halves, new arrow.List(item)) })
      for (const format of ["file", "stream"] as const) {
        const matrix = yield* read(arrow.tableToIPC(batch(), format))
        expect(matrix.keys).toEqual(keys)
        expect([...matrix.data]).toEqual(numbers.flatMap((value) => [value, Math.fround(value)]))
        const { data, dims } = yield* read(arrow.tableToIPC(lists, format))
        // Half floats have 11 significant bits.
        data.forEach((value, i) =>
          expect(Math.abs(value - halves.flat()[i]!)).toBeLessThanOrEqual(2 ** -11 * Math.abs(value))
        )
        expect(dims).toBe(2)
      }
    })
  )

  it.effect("flechette: fixed-size lists, large texts, decimals, times that are left out", () =>
    Effect.gen(function* () {
      const table = flechette.tableFromArrays(
        {
          word: keys,
          when: keys.map((_, i) => new Date(i)),
          price: [1.25, -2.5, 0, 1e6, 0.75],
          flag: [true, false, true, false, true]
        },
        {
          types: {
            word: flechette.largeUtf8(),
            when: flechette.timestamp(),
            price: flechette.decimal(18, 2, 128),
            flag: flechette.bool()
          }
        }
      )
      for (const format of ["file", "stream"] as const)
        expect(yield* read(flechette.tableToIPC(table, { format })!)).toMatchObject({
          keys,
          data: Float64Array.of(1.25, -2.5, 0, 1e6, 0.75),
          notes: [expect.stringMatching(/'when' and 'flag'/)]
        })
      const lists = flechette.tableFromArrays(
        { v: numbers.map((value) => [value, -value]) },
        { types: { v: flechette.fixedSizeList(flechette.float64(), 2) } }
      )
      expect([...(yield* read(flechette.tableToIPC(lists, { format: "file" })!)).data]).toEqual(
        numbers.flatMap((value) => [value, -value])
      )
    })
  )
})

/** A stream as Arrow wrote it before version .15: no mark before a message's length. */
const old = (stream: Buffer): Buffer => {
  const parts: Array<Buffer> = []
  for (let at = 0; at < stream.length;) {
    const length = stream.readInt32LE(at + 4)
    const next = stream.indexOf(Buffer.from([0xff, 0xff, 0xff, 0xff]), at + 8 + length)
    parts.push(stream.subarray(at + 4, next < 0 ? stream.length : next))
    at = next < 0 ? stream.length : next
  }
  return Buffer.concat(parts)
}
