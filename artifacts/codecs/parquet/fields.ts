/** Fields of Thrift structures, each of the type it must have. `what` names the structure and field in faults. */
import { ParquetFault } from "./ParquetFault.ts"
import type { Struct, Value } from "./thrift.ts"

const wrong = (what: string, expected: string): ParquetFault => new ParquetFault(`${what} is no ${expected}`)

export const integer = (struct: Struct, field: number, what: string): number | undefined => {
  const value = struct.get(field)
  if (value === undefined) return undefined
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw wrong(what, "whole number")
  return value
}

/** A whole number that must be there, from 0 to `most`. */
export const count = (
  struct: Struct,
  field: number,
  what: string,
  most = Number.MAX_SAFE_INTEGER
): number => {
  const value = integer(struct, field, what)
  if (value === undefined) throw new ParquetFault(`${what} is missing`)
  if (value < 0 || value > most) throw new ParquetFault(`${what} is ${value}`)
  return value
}

export const text = (struct: Struct, field: number, what: string): string | undefined => {
  const value = struct.get(field)
  if (value === undefined) return undefined
  return asText(value, what)
}

export const asText = (value: Value, what: string): string => {
  if (!(value instanceof Uint8Array)) throw wrong(what, "text")
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8")
}

export const list = (struct: Struct, field: number, what: string): ReadonlyArray<Value> | undefined => {
  const value = struct.get(field)
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw wrong(what, "list")
  return value as ReadonlyArray<Value>
}

export const struct = (parent: Struct, field: number, what: string): Struct | undefined => {
  const value = parent.get(field)
  return value === undefined ? undefined : asStruct(value, what)
}

export const asStruct = (value: Value, what: string): Struct => {
  if (!(value instanceof Map)) throw wrong(what, "structure")
  return value
}
