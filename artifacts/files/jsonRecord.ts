/**
 * The fields of one JSON object as its text has them: a whole number keeps its digits, which the engine's own parser
 * rounds past 2⁵³; a name that occurs twice is refused. Cost O(text).
 */
import { fileError } from "./fileError.ts"

/** A field's value: its JSON text, and what it is. */
export interface Field {
  readonly kind: "string" | "number" | "boolean" | "null" | "object" | "array"
  readonly raw: string
}

export type JsonRecord = ReadonlyMap<string, Field>

/** Throws an InputError where the line is no JSON object; `expected` shows one. */
export const readRecord = (path: string, line: number, text: string, expected: string): JsonRecord => {
  const where = `${path}, line ${line}`
  try {
    // Valid JSON is what the walk below takes for granted.
    JSON.parse(text)
  } catch {
    throw fileError(
      where,
      /\b(NaN|Infinity)\b/.test(text)
        ? "The line holds NaN or Infinity, which JSON has not."
        : "The line is not a JSON object.",
      `${expected}, one object a line`
    )
  }
  const at = skip(text, 0)
  if (text[at] !== "{")
    throw fileError(
      where,
      text[at] === "[" ? "The line is a JSON array, not an object." : "The line is not a JSON object.",
      `${expected}, one object a line`,
      text[at] === "[" ? "write the objects of the array one a line" : undefined
    )
  const fields = new Map<string, Field>()
  for (let i = skip(text, at + 1); text[i] !== "}";) {
    const end = stringEnd(text, i)
    const name = decoded(text.slice(i, end))
    if (fields.has(name))
      throw fileError(where, `The name '${name}' occurs twice in the object.`, "each name once")
    const start = skip(text, skip(text, end) + 1)
    const stop = valueEnd(text, start)
    fields.set(name, { kind: kindOf(text[start]!), raw: text.slice(start, stop) })
    i = skip(text, stop)
    if (text[i] === ",") i = skip(text, i + 1)
  }
  return fields
}

/** The text of a string field. */
export const textOf = (field: Field): string => decoded(field.raw)

const decoded = (raw: string): string => (raw.includes("\\") ? (JSON.parse(raw) as string) : raw.slice(1, -1))

/**
 * An id: a string, or a whole number as it is written. Undefined where the field is none of both, or the string is empty.
 */
export const idOf = (field: Field | undefined): string | undefined => {
  if (field?.kind === "string") return textOf(field) || undefined
  return field?.kind === "number" && /^-?\d+$/.test(field.raw) ? field.raw : undefined
}

const kindOf = (first: string): Field["kind"] => {
  switch (first) {
    case '"':
      return "string"
    case "{":
      return "object"
    case "[":
      return "array"
    case "n":
      return "null"
    case "t":
    case "f":
      return "boolean"
    default:
      return "number"
  }
}

const skip = (text: string, from: number): number => {
  let i = from
  while (i < text.length && text.charCodeAt(i) <= 32) i++
  return i
}

/** The place behind the string that starts at `from`. */
const stringEnd = (text: string, from: number): number => {
  for (let i = text.indexOf('"', from + 1); ; i = text.indexOf('"', i + 1)) {
    let slashes = 0
    while (text[i - 1 - slashes] === "\\") slashes++
    if (slashes % 2 === 0) return i + 1
  }
}

/** The place behind the value that starts at `from`. */
const valueEnd = (text: string, from: number): number => {
  const first = text[from]!
  if (first === '"') return stringEnd(text, from)
  let i = from
  if (first !== "{" && first !== "[") {
    while (i < text.length && !/[,}\]\s]/.test(text[i]!)) i++
    return i
  }
  for (let depth = 0; ;) {
    const c = text[i]!
    if (c === '"') {
      i = stringEnd(text, i)
      continue
    }
    i++
    if (c === "{" || c === "[") depth++
    else if ((c === "}" || c === "]") && --depth === 0) return i
  }
}
