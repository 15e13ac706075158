/** Arrow's type system: what a schema says of each column. Source: Schema.fbs and Message.fbs of Apache Arrow. */

export type ArrowType =
  | { readonly type: Plain }
  | { readonly type: "float"; readonly bits: 32 | 64 }
  | IntType
  | { readonly type: "decimal"; readonly bits: number; readonly precision: number; readonly scale: number }
  | { readonly type: Moment; readonly bits: number }
  | { readonly type: "fixedSizeBinary"; readonly size: number }
  | { readonly type: "fixedSizeList"; readonly size: number; readonly child: ArrowField }
  | { readonly type: "list" | "largeList" | "listView" | "largeListView" | "map"; readonly child: ArrowField }
  | { readonly type: "struct"; readonly children: ReadonlyArray<ArrowField> }
  | { readonly type: "union"; readonly dense: boolean; readonly children: ReadonlyArray<ArrowField> }
  | { readonly type: "runEndEncoded"; readonly ends: ArrowField; readonly values: ArrowField }
  /** Whole numbers that stand for the values of a dictionary, which comes in batches of its own. */
  | { readonly type: "dictionary"; readonly id: number; readonly index: IntType; readonly values: ArrowType }

export interface IntType {
  readonly type: "int"
  readonly bits: number
  readonly signed: boolean
}

/** Types without parameters; bfloat16 is an extension of two bytes that others define. */
export type Plain =
  | "null"
  | "half"
  | "bfloat16"
  | "bool"
  | "binary"
  | "largeBinary"
  | "binaryView"
  | "utf8"
  | "largeUtf8"
  | "utf8View"

export type Moment = "date" | "time" | "timestamp" | "interval" | "duration"

export interface ArrowField {
  readonly name: string
  readonly nullable: boolean
  readonly type: ArrowType
  /** The name of the extension that gives the values another meaning than their type, and what it says of itself. */
  readonly extension?: { readonly name: string; readonly metadata: string }
}

/** Numbers of the `Type` union in Arrow's Schema.fbs. */
export const typeCodes = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  union: 14,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  map: 17,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  runEndEncoded: 22,
  binaryView: 23,
  utf8View: 24,
  listView: 25,
  largeListView: 26
} as const

/** Numbers of the `MessageHeader` union in Arrow's Message.fbs. */
export const headerCodes = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const

/** `MetadataVersion.V5`, and the one before it, which pyarrow wrote before version 1. */
export const metadataVersion = 4
export const oldMetadataVersion = 3

export const magic = "ARROW1"
