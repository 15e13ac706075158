/**
 * The columns of a Parquet schema: its tree checked, and for each top-level field what its cells are.
 *
 * A field is one column: a leaf, or a list of leaves (`LIST`, in the three-level form and the older two-level ones, or a
 * repeated leaf). Maps, structures, lists of anything else and lists of lists are columns without a reading.
 *
 * Source: Apache Parquet format 2.11, LogicalTypes.md ("Lists", "Backward-compatibility rules").
 */
import * as fields from "./fields.ts"
import type { Metadata, PhysicalType, SchemaElement } from "./metadata.ts"
import { ParquetFault } from "./ParquetFault.ts"

/** What a leaf's stored values stand for. `none`: of no use here, or unknown. */
export type Reading =
  | "float16"
  | "float32"
  | "float64"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "decimal"
  | "boolean"
  | "text"
  | "uuid"
  | "time"
  | "binary"
  | "none"

export interface LeafColumn {
  readonly name: string
  /** The number of its chunk in each row group; of the first one where the column has no reading of its own. */
  readonly leaf: number
  readonly type: PhysicalType
  readonly typeLength: number
  readonly reading: Reading
  /** A decimal's digits, and those after its point. */
  readonly precision: number
  readonly scale: number
  readonly mostDefined: number
  readonly mostRepeated: number
  /** A list's definition levels: from `listDefined` on there is a list, from `elementDefined` on an element. */
  readonly list: { readonly listDefined: number; readonly elementDefined: number } | undefined
  /** Why there is no reading, in a phrase: "a map". */
  readonly nested: string | undefined
}

interface Node {
  readonly element: SchemaElement
  readonly children: ReadonlyArray<Node>
  /** The first leaf below, or itself. */
  readonly leaf: number
}

const deepest = 64

export const columnsOf = ({ schema, groups }: Metadata): ReadonlyArray<LeafColumn> => {
  if (schema.length === 0) throw new ParquetFault("it has no schema")
  let at = 0
  let leaves = 0
  const leafOf: Array<SchemaElement> = []
  const node = (depth: number): Node => {
    const element = schema[at++]
    if (element === undefined) throw new ParquetFault("the schema names more children than it has elements")
    if (depth > deepest) throw new ParquetFault(`the schema is nested deeper than ${deepest}`)
    const leaf = leaves
    if (element.children === 0 && depth > 0) {
      leaves++
      leafOf.push(element)
    }
    const children: Array<Node> = []
    for (let i = 0; i < element.children; i++) children.push(node(depth + 1))
    return { element, children, leaf }
  }
  const root = node(0)
  if (at !== schema.length) throw new ParquetFault("the schema has elements that belong to nothing")
  groups.forEach(({ chunks }, i) =>
    chunks.forEach((chunk, j) => {
      if (chunk.type !== leafOf[j]?.type)
        throw new ParquetFault(
          `column ${j} of row group ${i} is of type ${chunk.type} and the schema says ${leafOf[j]?.type}`
        )
    })
  )
  return root.children.map(columnOf)
}

const optional = ({ element }: Node): number => (element.repetition === 0 ? 0 : 1)

const columnOf = (field: Node): LeafColumn => {
  const { element, children } = field
  if (children.length === 0) {
    const repeated = element.repetition === 2
    return {
      ...leafColumn(field, element.name),
      mostDefined: optional(field),
      mostRepeated: repeated ? 1 : 0,
      list: repeated ? { listDefined: 0, elementDefined: 1 } : undefined
    }
  }
  const item = element.repetition === 2 ? undefined : listItem(field)
  if (item === undefined)
    return { ...leafColumn(firstLeaf(field), element.name), ...nestedIn(nestedKind(field)) }
  if (item.children.length > 0)
    return {
      ...leafColumn(firstLeaf(field), element.name),
      ...nestedIn(`a list whose items are ${nestedKind(item)}`)
    }
  const listDefined = optional(field)
  // In the two-level form the repeated node is the item itself.
  const mostDefined = listDefined + 1 + (item === children[0] ? 0 : optional(item))
  if (item !== children[0] && item.element.repetition === 2)
    return { ...leafColumn(firstLeaf(field), element.name), ...nestedIn("a list of lists") }
  return {
    ...leafColumn(item, element.name),
    mostDefined,
    mostRepeated: 1,
    list: { listDefined, elementDefined: listDefined + 1 }
  }
}

const nestedIn = (nested: string) => ({
  nested,
  reading: "none" as const,
  mostDefined: 0,
  mostRepeated: 0,
  list: undefined
})

const firstLeaf = (node: Node): Node => (node.children[0] === undefined ? node : firstLeaf(node.children[0]))

const isList = ({ element }: Node): boolean => element.converted === 3 || element.logical?.has(3) === true

/** The item of a list that is marked as one; undefined for another group. */
const listItem = (field: Node): Node | undefined => {
  const [repeated] = field.children
  if (!isList(field) || field.children.length !== 1 || repeated!.element.repetition !== 2) return undefined
  const [item] = repeated!.children
  const name = repeated!.element.name
  const isItem =
    item === undefined ||
    repeated!.children.length > 1 ||
    name === "array" ||
    name === `${field.element.name}_tuple`
  return isItem ? repeated! : item
}

const nestedKind = (node: Node): string => {
  const { element } = node
  if (isList(node)) return "a list"
  if (element.converted === 1 || element.converted === 2 || element.logical?.has(2) === true) return "a map"
  if (element.logical?.has(16) === true) return "a variant"
  return node.children.length === 0 ? "of a type that is not read" : "a structure"
}

const leafColumn = ({ element, leaf }: Node, name: string): LeafColumn => ({
  name,
  leaf,
  type: element.type ?? "BOOLEAN",
  typeLength: element.typeLength,
  ...readingOf(element),
  mostDefined: 0,
  mostRepeated: 0,
  list: undefined,
  nested: undefined
})

const times = new Set([6, 7, 8, 9, 10, 21])

const readingOf = (
  element: SchemaElement
): { readonly reading: Reading; readonly precision: number; readonly scale: number } => {
  const { type, converted, logical, typeLength } = element
  const as = (reading: Reading) => ({ reading, precision: 0, scale: 0 })
  if (type === "FIXED_LEN_BYTE_ARRAY" && typeLength < 1)
    throw new ParquetFault(`column '${element.name}' says that its values have ${typeLength} bytes`)
  const decimal = logical === undefined ? undefined : fields.struct(logical, 5, "a decimal type")
  if (decimal !== undefined || converted === 5) {
    const precision =
      decimal === undefined ? element.precision : (fields.integer(decimal, 2, "a decimal's precision") ?? 0)
    const scale =
      decimal === undefined ? element.scale : (fields.integer(decimal, 1, "a decimal's scale") ?? 0)
    return { reading: scale >= 0 && scale <= precision ? "decimal" : "none", precision, scale }
  }
  if (logical?.has(6) || logical?.has(7) || logical?.has(8) || times.has(converted ?? -1)) return as("time")
  switch (type) {
    case "BOOLEAN":
      return as("boolean")
    case "FLOAT":
      return as("float32")
    case "DOUBLE":
      return as("float64")
    case "INT96":
      return as("time")
    case "INT32":
    case "INT64":
      return as(integerReading(element))
    case "FIXED_LEN_BYTE_ARRAY":
      if (logical?.has(15) === true) return as(typeLength === 2 ? "float16" : "none")
      if (logical?.has(14) === true) return as(typeLength === 16 ? "uuid" : "none")
      return as("binary")
    default:
      return as(
        converted === 0 ||
          converted === 4 ||
          converted === 19 ||
          logical?.has(1) === true ||
          logical?.has(4) === true ||
          logical?.has(12) === true
          ? "text"
          : "binary"
      )
  }
}

/** Whole numbers, with or without a width and sign; integers that are marked as anything else are not numbers. */
const integerReading = ({ type, converted, logical }: SchemaElement): Reading => {
  const marked = logical === undefined ? undefined : fields.struct(logical, 10, "an integer type")
  if (logical !== undefined && logical.size > 0 && marked === undefined) return "none"
  if (converted !== undefined && (converted < 11 || converted > 18)) return "none"
  const signed = marked === undefined ? !(converted !== undefined && converted < 15) : marked.get(2) !== false
  if (type === "INT64") return signed ? "int64" : "uint64"
  return signed ? "int32" : "uint32"
}
