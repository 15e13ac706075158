/** Parquet files byte by byte: one row group, whose footer, page headers and pages a test may write as no library would. */
import { crc32 } from "node:zlib"

/** A field of a Thrift structure: its number, its type and its value. */
export type Field =
  | readonly [number, "i32", number]
  | readonly [number, "i64", number]
  | readonly [number, "bool", boolean]
  | readonly [number, "binary", string | Uint8Array]
  | readonly [number, "list", ReadonlyArray<ReadonlyArray<Field>>]
  | readonly [number, "integers", ReadonlyArray<number>]
  | readonly [number, "texts", ReadonlyArray<string>]
  | readonly [number, "struct", ReadonlyArray<Field>]
  /** Its type's number and its bytes as they are. */
  | readonly [number, "raw", readonly [number, Uint8Array]]

export const varint = (value: number): Buffer => {
  const bytes: Array<number> = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}

export const zigzag = (value: number): Buffer => varint(value >= 0 ? value * 2 : -value * 2 - 1)

const binary = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value as Uint8Array)
  return Buffer.concat([varint(bytes.length), bytes])
}

const list = (type: number, items: ReadonlyArray<Uint8Array>): Buffer =>
  Buffer.concat([Buffer.from([0xf0 | type]), varint(items.length), ...items])

const encoded = ([, type, value]: Field): readonly [number, Uint8Array] => {
  switch (type) {
    case "i32":
      return [5, zigzag(value)]
    case "i64":
      return [6, zigzag(value)]
    case "bool":
      return [value ? 1 : 2, Buffer.alloc(0)]
    case "binary":
      return [8, binary(value)]
    case "list":
      return [9, list(12, value.map(struct))]
    case "integers":
      return [9, list(5, value.map(zigzag))]
    case "texts":
      return [9, list(8, value.map(binary))]
    case "struct":
      return [12, struct(value)]
    case "raw":
      return value
  }
}

export const struct = (fields: ReadonlyArray<Field>): Buffer =>
  Buffer.concat([
    ...fields.flatMap((field) => {
      const [type, bytes] = encoded(field)
      return [Buffer.from([type]), zigzag(field[0]), bytes]
    }),
    Buffer.from([0])
  ])

export const types = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED: 7
}

/** A schema element; `fields` may add a converted or logical type. */
export const leaf = (
  name: string,
  type: keyof typeof types,
  repetition = 0,
  fields: ReadonlyArray<Field> = []
): ReadonlyArray<Field> => [[1, "i32", types[type]], [3, "i32", repetition], [4, "binary", name], ...fields]

export const group = (
  name: string,
  children: number,
  repetition = 0,
  fields: ReadonlyArray<Field> = []
): ReadonlyArray<Field> => [[3, "i32", repetition], [4, "binary", name], [5, "i32", children], ...fields]

/** The three elements of a list of `type`. */
export const listOf = (
  name: string,
  type: keyof typeof types,
  fields: ReadonlyArray<Field> = [],
  repetition = 1
): ReadonlyArray<ReadonlyArray<Field>> => [
  group(name, 1, repetition, [[6, "i32", 3]]),
  group("list", 1, 2),
  leaf("element", type, 1, fields)
]

export interface PageBytes {
  readonly header: ReadonlyArray<Field>
  readonly body: Uint8Array
}

interface PageOptions {
  readonly encoding?: number
  readonly size?: number
  readonly stored?: number
  readonly crc?: number | "right"
  /** Of the header's count of values. */
  readonly count?: number
}

/** A data page of version 1: `count` values, of the bytes `body` (levels, then values). */
export const page = (count: number, body: Uint8Array, options: PageOptions = {}): PageBytes => ({
  header: [
    [1, "i32", 0],
    [2, "i32", options.size ?? body.length],
    [3, "i32", options.stored ?? body.length],
    ...(options.crc === undefined
      ? []
      : [[4, "i32", options.crc === "right" ? crc32(body) | 0 : options.crc] as const]),
    [
      5,
      "struct",
      [
        [1, "i32", options.count ?? count],
        [2, "i32", options.encoding ?? 0],
        [3, "i32", 3],
        [4, "i32", 3]
      ]
    ]
  ],
  body
})

export const dictionaryPage = (count: number, body: Uint8Array): PageBytes => ({
  header: [
    [1, "i32", 2],
    [2, "i32", body.length],
    [3, "i32", body.length],
    [
      7,
      "struct",
      [
        [1, "i32", count],
        [2, "i32", 0]
      ]
    ]
  ],
  body
})

/** Levels as a page of version 1 has them: their length, then runs. */
export const levels = (runs: Uint8Array): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(runs.length)
  return Buffer.concat([length, runs])
}

/** A run of `count` times `value` (below 256). */
export const run = (count: number, value: number): Buffer =>
  Buffer.concat([varint(count * 2), Buffer.from([value])])

/** Levels that follow no pattern, a run each. */
export const eachLevel = (values: ReadonlyArray<number>): Buffer =>
  levels(Buffer.concat(values.map((value) => run(1, value))))

export const floats = (...values: ReadonlyArray<number>): Buffer =>
  Buffer.from(Float32Array.from(values).buffer)
export const doubles = (...values: ReadonlyArray<number>): Buffer =>
  Buffer.from(Float64Array.from(values).buffer)
export const int32s = (...values: ReadonlyArray<number>): Buffer =>
  Buffer.from(Int32Array.from(values).buffer)
export const int64s = (...values: ReadonlyArray<bigint>): Buffer =>
  Buffer.from(BigInt64Array.from(values).buffer)
export const texts = (...values: ReadonlyArray<string | Uint8Array>): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.from(value as Uint8Array)
      return Buffer.concat([int32s(bytes.length), bytes])
    })
  )

export interface ColumnBytes {
  readonly type: keyof typeof types
  readonly pages: ReadonlyArray<PageBytes>
  readonly values: number
  /** Fields of the chunk's metadata that take the place of the right ones. */
  readonly chunk?: ReadonlyArray<Field>
  /** Fields of the column chunk itself beside its metadata. */
  readonly column?: ReadonlyArray<Field>
}

export interface FileBytes {
  readonly schema: ReadonlyArray<ReadonlyArray<Field>>
  readonly rows: number
  readonly columns: ReadonlyArray<ColumnBytes>
  /** Fields that take the place of the footer's or are added to it. */
  readonly footer?: ReadonlyArray<Field>
  readonly groupRows?: number
}

const replace = (fields: ReadonlyArray<Field>, by: ReadonlyArray<Field> = []): ReadonlyArray<Field> =>
  [...fields.filter(([number]) => by.every(([other]) => other !== number)), ...by].toSorted(
    ([a], [b]) => a - b
  )

/** `schema` is that of the columns: the root is added, with as many children as `columns` or the schema's groups make. */
export const parquetBytes = (file: FileBytes, children = file.columns.length): Buffer => {
  const parts: Array<Uint8Array> = [Buffer.from("PAR1")]
  const size = (): number => parts.reduce((sum, { length }) => sum + length, 0)
  const chunks = file.columns.map(({ type, pages, values, chunk, column = [] }): ReadonlyArray<Field> => {
    const start = size()
    let data = start
    for (const { header, body } of pages) {
      if (header[0]?.[2] === 2) data = start + struct(header).length + body.length
      parts.push(struct(header), body)
    }
    const meta: ReadonlyArray<Field> = [
      [1, "i32", types[type]],
      [2, "integers", [0]],
      [3, "texts", ["x"]],
      [4, "i32", 0],
      [5, "i64", values],
      [6, "i64", size() - start],
      [7, "i64", size() - start],
      [9, "i64", data],
      ...(data === start ? [] : [[11, "i64", start] as const])
    ]
    return [[2, "i64", start], [3, "struct", replace(meta, chunk)], ...column]
  })
  const footer = struct(
    replace(
      [
        [1, "i32", 1],
        [2, "list", [group("root", children), ...file.schema]],
        [3, "i64", file.rows],
        [
          4,
          "list",
          [
            [
              [1, "list", chunks],
              [2, "i64", size()],
              [3, "i64", file.groupRows ?? file.rows]
            ]
          ]
        ]
      ],
      file.footer
    )
  )
  return Buffer.concat([...parts, footer, int32s(footer.length), Buffer.from("PAR1")])
}

/** A file of one column that is whole. */
export const oneColumn = (
  element: ReadonlyArray<Field>,
  type: keyof typeof types,
  rows: number,
  pages: ReadonlyArray<PageBytes>,
  more: Partial<FileBytes> & Pick<Partial<ColumnBytes>, "chunk" | "column" | "values"> = {}
): Buffer =>
  parquetBytes({
    schema: [element],
    rows,
    columns: [
      {
        type,
        pages,
        values: more.values ?? rows,
        ...(more.chunk === undefined ? {} : { chunk: more.chunk }),
        ...(more.column === undefined ? {} : { column: more.column })
      }
    ],
    ...more
  })
