/** The schema of an Arrow file or stream, from its flatbuffers table. Throws `Malformed`. */
import { type ArrowField, type ArrowType, type IntType, typeCodes } from "./fields.ts"
import { type FlatTable, Malformed } from "./flatTable.ts"

export interface ArrowSchema {
  readonly fields: ReadonlyArray<ArrowField>
  readonly metadata: { readonly [key: string]: string }
}

/** Types within types, as deep as pyarrow reads them. */
const maxDepth = 64

export const readSchema = (schema: FlatTable): ArrowSchema => {
  if (schema.int16(0) !== 0) throw new Malformed("its numbers are big-endian, which is not read")
  return {
    fields: schema.tables(1).map((field) => readField(field, 0)),
    metadata: readMetadata(schema, 2)
  }
}

/** Keys and values; without a prototype, since a key may have any name. */
export const readMetadata = (table: FlatTable, field: number): { readonly [key: string]: string } => {
  const metadata = Object.create(null) as Record<string, string>
  for (const pair of table.tables(field)) metadata[pair.text(0)] = pair.text(1)
  return metadata
}

const readField = (field: FlatTable, depth: number): ArrowField => {
  if (depth > maxDepth) throw new Malformed(`its types are nested more than ${maxDepth} deep`)
  const name = field.text(0)
  const children = field.tables(5).map((child) => readField(child, depth + 1))
  const metadata = readMetadata(field, 6)
  const extension = metadata["ARROW:extension:name"]
  const nullable = field.int8(1) !== 0
  const type = encoded(field, readType(name, field.int8(2), field.table(3), children))
  if (extension === undefined) return { name, nullable, type }
  if (/(^|[._])bfloat16$/.test(extension) && isTwoBytes(type))
    return { name, nullable, type: { type: "bfloat16" } }
  return {
    name,
    nullable,
    type,
    extension: { name: extension, metadata: metadata["ARROW:extension:metadata"] ?? "" }
  }
}

const isTwoBytes = (type: ArrowType): boolean =>
  (type.type === "fixedSizeBinary" && type.size === 2) || (type.type === "int" && type.bits === 16)

/** The type that the values have in the file: whole numbers where they are in a dictionary. */
const encoded = (field: FlatTable, values: ArrowType): ArrowType => {
  const dictionary = field.table(4)
  if (dictionary === undefined) return values
  if (dictionary.int16(3) !== 0) throw new Malformed("a dictionary is of an unknown kind")
  const index = dictionary.table(1)
  return {
    type: "dictionary",
    id: dictionary.int64(0),
    index: index === undefined ? { type: "int", bits: 32, signed: true } : readInt(index),
    values
  }
}

const readInt = (type: FlatTable): IntType => {
  const bits = type.int32(0)
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64)
    throw new Malformed(`a column has whole numbers of ${bits} bits`)
  return { type: "int", bits, signed: type.int8(1) !== 0 }
}

const readType = (
  name: string,
  code: number,
  table: FlatTable | undefined,
  children: ReadonlyArray<ArrowField>
): ArrowType => {
  const kind = names.get(code)
  if (kind === undefined) throw new Malformed(`column '${name}' has a type that is unknown (number ${code})`)
  const type = table ?? noParameters
  const child = (count: number): ReadonlyArray<ArrowField> => {
    if (children.length !== count)
      throw new Malformed(
        `column '${name}' has ${children.length} columns within where its type has ${count}`
      )
    return children
  }
  const oneOf = <A>(value: A | undefined, what: string): A => {
    if (value === undefined) throw new Malformed(`column '${name}' has ${what} that is unknown`)
    return value
  }
  const size = (value: number): number => {
    if (value < 0) throw new Malformed(`column '${name}' has values of a negative size`)
    return value
  }
  switch (kind) {
    case "int":
      return (child(0), readInt(type))
    case "float": {
      const precision = type.int16(0)
      if (precision === 0) return (child(0), { type: "half" })
      return (child(0), { type: "float", bits: oneOf(([32, 64] as const)[precision - 1], "a precision") })
    }
    case "decimal": {
      const bits = type.int32(2, 128)
      if (![32, 64, 128, 256].includes(bits))
        throw new Malformed(`column '${name}' has decimals of ${bits} bits`)
      return (child(0), { type: "decimal", bits, precision: type.int32(0), scale: type.int32(1) })
    }
    case "date":
      return (child(0), { type: "date", bits: oneOf([32, 64][type.int16(0, 1)], "a unit") })
    case "time": {
      const bits = type.int32(1, 32)
      if (bits !== 32 && bits !== 64) throw new Malformed(`column '${name}' has times of ${bits} bits`)
      return (child(0), { type: "time", bits })
    }
    case "timestamp":
    case "duration":
      return (child(0), { type: kind, bits: 64 })
    case "interval":
      return (child(0), { type: "interval", bits: oneOf([32, 64, 128][type.int16(0)], "a unit") })
    case "fixedSizeBinary":
      return (child(0), { type: kind, size: size(type.int32(0)) })
    case "fixedSizeList":
      return { type: kind, size: size(type.int32(0)), child: child(1)[0]! }
    case "list":
    case "largeList":
    case "listView":
    case "largeListView":
    case "map":
      return { type: kind, child: child(1)[0]! }
    case "struct":
      return { type: kind, children }
    case "union":
      return { type: kind, dense: oneOf([false, true][type.int16(0)], "a mode"), children }
    case "runEndEncoded": {
      const [ends, values] = child(2) as readonly [ArrowField, ArrowField]
      if (ends.type.type !== "int") throw new Malformed(`column '${name}' has runs without whole ends`)
      return { type: kind, ends, values }
    }
    default:
      return (child(0), { type: kind })
  }
}

const names = new Map<number, keyof typeof typeCodes>(
  Object.entries(typeCodes).map(([name, code]) => [code, name as keyof typeof typeCodes])
)

/** A type without a table has its parameters' absent values. */
const noParameters = {
  int16: (_: number, absent = 0) => absent,
  int32: (_: number, absent = 0) => absent,
  int8: (_: number, absent = 0) => absent
} as unknown as FlatTable
