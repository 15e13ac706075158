/** The part of Arrow's type system that matrices and sparse rows need. */

export type ArrowType =
  | { readonly type: "utf8" }
  | { readonly type: "largeUtf8" }
  | { readonly type: "float"; readonly bits: 32 | 64 }
  | { readonly type: "int"; readonly bits: number; readonly signed: boolean }
  | { readonly type: "fixedSizeList"; readonly size: number; readonly child: ArrowField }
  | { readonly type: "list"; readonly child: ArrowField }
  | { readonly type: "largeList"; readonly child: ArrowField }
  /** Anything else: kept so that a reader can say what it saw. */
  | { readonly type: "other"; readonly code: number }

export interface ArrowField {
  readonly name: string
  readonly nullable: boolean
  readonly type: ArrowType
}

/** Numbers of the `Type` union in Arrow's Schema.fbs. */
export const typeCodes = {
  int: 2,
  float: 3,
  utf8: 5,
  list: 12,
  fixedSizeList: 16,
  largeUtf8: 20,
  largeList: 21
} as const

/** Numbers of the `MessageHeader` union in Arrow's Message.fbs. */
export const headerCodes = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const

/** `MetadataVersion.V5`. */
export const metadataVersion = 4

export const magic = "ARROW1"
