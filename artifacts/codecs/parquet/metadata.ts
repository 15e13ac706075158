/**
 * A Parquet file's footer: the magic bytes at both ends, the footer's length, and the metadata as far as reading needs it,
 * every number checked against the file and against the others.
 *
 * Source: Apache Parquet format 2.11, parquet.thrift and Encryption.md.
 */
import type { FileBytes } from "./FileBytes.ts"
import * as fields from "./fields.ts"
import { ParquetFault } from "./ParquetFault.ts"
import { readStruct, type Struct, type Value } from "./thrift.ts"

export const physicalTypes = [
  "BOOLEAN",
  "INT32",
  "INT64",
  "INT96",
  "FLOAT",
  "DOUBLE",
  "BYTE_ARRAY",
  "FIXED_LEN_BYTE_ARRAY"
] as const
export type PhysicalType = (typeof physicalTypes)[number]

export const codecs = ["UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"] as const
export type CodecName = (typeof codecs)[number]

export interface SchemaElement {
  readonly name: string
  readonly type: PhysicalType | undefined
  readonly typeLength: number
  /** 0 required, 1 optional, 2 repeated. */
  readonly repetition: number
  readonly children: number
  readonly converted: number | undefined
  readonly scale: number
  readonly precision: number
  readonly logical: Struct | undefined
}

export interface Chunk {
  readonly type: PhysicalType
  readonly codec: CodecName
  readonly values: number
  /** The bytes of its pages in the file. */
  readonly start: number
  readonly end: number
}

export interface RowGroup {
  readonly rows: number
  /** By leaf, in the schema's order. */
  readonly chunks: ReadonlyArray<Chunk>
}

export interface Metadata {
  readonly rows: number
  readonly schema: ReadonlyArray<SchemaElement>
  readonly groups: ReadonlyArray<RowGroup>
  /** The first entry of each name. */
  readonly keyValues: ReadonlyMap<string, string>
}

const encrypted = (what: string): ParquetFault =>
  new ParquetFault(`${what} is encrypted`, "decrypt it: write it again without encryption")

export const readMetadata = (file: FileBytes): Metadata => {
  if (file.size < 12) throw new ParquetFault(`${file.size} bytes are no whole Parquet file`)
  const first = file.read(0, 4).toString("latin1")
  const tail = file.read(file.size - 8, 8)
  const last = tail.toString("latin1", 4)
  if (first === "PARE" || last === "PARE") throw encrypted("the file")
  if (first !== "PAR1") throw new ParquetFault("it does not begin with PAR1")
  if (last !== "PAR1") throw new ParquetFault("it does not end with PAR1: it was cut short")
  const length = tail.readUInt32LE(0)
  const start = file.size - 8 - length
  if (start < 4) throw new ParquetFault(`its footer says that it is ${length} bytes long, more than the file`)
  const { struct } = readStruct(file.read(start, length), 0, "the footer")
  if (struct.has(8)) throw encrypted("a column")
  const schema = (fields.list(struct, 2, "the footer's schema") ?? []).map(element)
  const leaves = schema.filter(({ children }, i) => i > 0 && children === 0).length
  const groups = (fields.list(struct, 4, "the footer's list of row groups") ?? []).map((value, i) =>
    rowGroup(fields.asStruct(value, `row group ${i}`), i, leaves, start)
  )
  const rows = fields.count(struct, 3, "the number of rows")
  const held = groups.reduce((sum, group) => sum + group.rows, 0)
  if (held !== rows) throw new ParquetFault(`the footer says ${rows} rows and its row groups ${held}`)
  return { rows, schema, groups, keyValues: keyValues(struct) }
}

const element = (value: Value, i: number): SchemaElement => {
  const what = `schema element ${i}`
  const struct = fields.asStruct(value, what)
  const children = fields.integer(struct, 5, what) ?? 0
  const type = fields.integer(struct, 1, what)
  if (children < 0) throw new ParquetFault(`${what} has ${children} children`)
  if (children === 0 && i > 0 && physicalTypes[type ?? -1] === undefined)
    throw new ParquetFault(`${what} has no type that Parquet has`)
  const repetition = fields.integer(struct, 3, what) ?? 0
  if (repetition < 0 || repetition > 2) throw new ParquetFault(`${what} has no repetition that Parquet has`)
  return {
    name: fields.text(struct, 4, `the name of ${what}`) ?? "",
    type: children === 0 ? physicalTypes[type ?? -1] : undefined,
    typeLength: fields.integer(struct, 2, what) ?? 0,
    repetition,
    children,
    converted: fields.integer(struct, 6, what),
    scale: fields.integer(struct, 7, what) ?? 0,
    precision: fields.integer(struct, 8, what) ?? 0,
    logical: fields.struct(struct, 10, `the logical type of ${what}`)
  }
}

const rowGroup = (struct: Struct, i: number, leaves: number, footer: number): RowGroup => {
  const columns = fields.list(struct, 1, `the columns of row group ${i}`) ?? []
  if (columns.length !== leaves)
    throw new ParquetFault(`row group ${i} has ${columns.length} columns and the schema ${leaves}`)
  return {
    rows: fields.count(struct, 3, `the number of rows of row group ${i}`),
    chunks: columns.map((value, j) => {
      const what = `column ${j} of row group ${i}`
      return chunk(fields.asStruct(value, what), what, footer)
    })
  }
}

const chunk = (struct: Struct, what: string, footer: number): Chunk => {
  if (struct.has(8) || struct.has(9)) throw encrypted(what)
  if ((fields.text(struct, 1, what) ?? "") !== "")
    throw new ParquetFault(`${what} is kept in another file`, "write the columns into one file")
  const meta = fields.struct(struct, 3, what)
  if (meta === undefined) throw new ParquetFault(`${what} is not described`)
  const type = physicalTypes[fields.count(meta, 1, `the type of ${what}`)]
  const codec = codecs[fields.count(meta, 4, `the compression of ${what}`)]
  if (type === undefined) throw new ParquetFault(`${what} has no type that Parquet has`)
  if (codec === undefined) throw new ParquetFault(`${what} has no compression that Parquet has`)
  const values = fields.count(meta, 5, `the number of values of ${what}`)
  const data = fields.count(meta, 9, `the place of ${what}`)
  const dictionary = fields.integer(meta, 11, `the place of the dictionary of ${what}`) ?? 0
  // Some writers say 0 where there is no dictionary, or where the first page is one.
  const start = dictionary > 0 && dictionary < data ? dictionary : data
  const end = start + fields.count(meta, 7, `the size of ${what}`)
  if (values > 0 && (start < 4 || end > footer))
    throw new ParquetFault(`${what} is at bytes ${start} to ${end}, outside the file's data (4 to ${footer})`)
  return { type, codec, values, start, end }
}

const keyValues = (struct: Struct): ReadonlyMap<string, string> => {
  const entries = new Map<string, string>()
  for (const value of fields.list(struct, 5, "the footer's key-value metadata") ?? []) {
    const entry = fields.asStruct(value, "the footer's key-value metadata")
    const key = fields.text(entry, 1, "a metadata key") ?? ""
    if (!entries.has(key)) entries.set(key, fields.text(entry, 2, "a metadata value") ?? "")
  }
  return entries
}
