/** What the columns of an Arrow schema are to the rule that chooses among them, by their types alone. */
import type { ArrowField, ArrowType } from "../../codecs/arrow/fields.ts"
import type { ColumnKind } from "../columns.ts"
import { isNumber } from "./elements.ts"
import { isList } from "./lists.ts"

export const kindOf = ({ type, extension }: ArrowField): ColumnKind => {
  switch (extension?.name) {
    case undefined:
    case "arrow.json":
      return kindOfType(type)
    case "arrow.bool8":
      return "boolean"
    case "arrow.fixed_shape_tensor":
      return hasOneDimension(extension.metadata) ? kindOfType(type) : "other"
    default:
      // Another meaning than the type's: a period, an interval, a UUID.
      return "other"
  }
}

const kindOfType = (type: ArrowType): ColumnKind => {
  switch (type.type) {
    case "float":
    case "half":
    case "bfloat16":
      return "float"
    case "decimal":
      return type.scale > 0 ? "float" : "integer"
    case "int":
      return "integer"
    case "bool":
      return "boolean"
    case "utf8":
    case "largeUtf8":
    case "utf8View":
      return "text"
    case "binary":
    case "largeBinary":
    case "binaryView":
    case "fixedSizeBinary":
      return "binary"
    case "date":
    case "time":
    case "timestamp":
    case "interval":
    case "duration":
      return "time"
    case "dictionary": {
      const kind = kindOfType(type.values)
      return kind === "list" ? "other" : kind
    }
    case "runEndEncoded": {
      const kind = kindOf(type.values)
      return kind === "list" ? "other" : kind
    }
    default:
      return isList(type) &&
        "child" in type &&
        type.child.extension === undefined &&
        isNumber(type.child.type)
        ? "list"
        : "other"
  }
}

/** Whether each value of a tensor column is a vector. */
const hasOneDimension = (metadata: string): boolean => {
  try {
    const { shape } = JSON.parse(metadata) as { readonly shape?: unknown }
    return Array.isArray(shape) && shape.length === 1
  } catch {
    return false
  }
}

/** The names of the columns that pandas calls index levels. */
export const pandasIndex = (metadata: { readonly [key: string]: string }): ReadonlySet<string> => {
  try {
    const { index_columns: levels } = JSON.parse(metadata.pandas ?? "{}") as {
      readonly index_columns?: unknown
    }
    return new Set(
      Array.isArray(levels) ? levels.filter((level): level is string => typeof level === "string") : []
    )
  } catch {
    return new Set()
  }
}
