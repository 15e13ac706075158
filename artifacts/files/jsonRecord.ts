/**
 * The fields of one JSON object as its text has them: a whole number keeps its digits, which the engine's own parser
 * rounds past 2⁵³; a name that occurs twice is refused. Cost O(text).
 */
import { fileError } from "./fileError.ts"

/** A field: its name, its value's JSON text, what that is, and a string's value. */
export interface Field {
  readonly name: string
  readonly kind: "string" | "number" | "boolean" | "null" | "object" | "array"
  readonly raw: string
  readonly text: string | undefined
}

export type JsonRecord = ReadonlyArray<Field>

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d

/** Throws an InputError where the line is no JSON object; `expected` shows one. */
export const readRecord = (path: string, line: number, text: string, expected: string): JsonRecord => {
  let parsed: { readonly [name: string]: unknown }
  try {
    // Valid JSON is what the walk below takes for granted. Its strings hold no more memory than their own.
    parsed = JSON.parse(text) as typeof parsed
  } catch {
    throw notJson(path, line, expected, /\b(NaN|Infinity)\b/.test(text) ? "number" : "text")
  }
  const at = skip(text, 0)
  if (text.charCodeAt(at) !== OPEN)
    throw notJson(path, line, expected, text.charCodeAt(at) === OPEN_ARRAY ? "array" : "text")
  const fields: Array<Field> = []
  for (let i = skip(text, at + 1); text.charCodeAt(i) !== CLOSE;) {
    const end = stringEnd(text, i)
    const name = decoded(text.slice(i, end))
    const start = skip(text, skip(text, end) + 1)
    const stop = valueEnd(text, start)
    const value = parsed[name]
    fields.push({
      name,
      kind: kindOf(text.charCodeAt(start)),
      raw: text.slice(start, stop),
      text: typeof value === "string" ? value : undefined
    })
    i = skip(text, stop)
    if (text.charCodeAt(i) === COMMA) i = skip(text, i + 1)
  }
  const twice = repeated(fields)
  if (twice !== undefined)
    throw fileError(
      `${path}, line ${line}`,
      `The name '${twice}' occurs twice in the object.`,
      "each name once"
    )
  return fields
}

const notJson = (path: string, line: number, expected: string, what: "number" | "text" | "array"): Error =>
  fileError(
    `${path}, line ${line}`,
    {
      number: "The line holds NaN or Infinity, which JSON has not.",
      text: "The line is not a JSON object.",
      array: "The line is a JSON array, not an object."
    }[what],
    `${expected}, one object a line`,
    what === "array" ? "write the objects of the array one a line" : undefined
  )

const repeated = (fields: JsonRecord): string | undefined => {
  if (fields.length > 16) {
    const seen = new Set<string>()
    return fields.find(({ name }) => seen.size === seen.add(name).size)?.name
  }
  for (let i = 1; i < fields.length; i++)
    for (let j = 0; j < i; j++) if (fields[i]!.name === fields[j]!.name) return fields[i]!.name
  return undefined
}

const decoded = (raw: string): string => (raw.includes("\\") ? (JSON.parse(raw) as string) : raw.slice(1, -1))

/** An id: a string, or a whole number as it is written. Undefined where the field is none of both, or is empty. */
export const idOf = (field: Field | undefined): string | undefined => {
  if (field?.kind === "string") return field.text || undefined
  return field?.kind === "number" && /^-?\d+$/.test(field.raw) ? field.raw : undefined
}

const kindOf = (first: number): Field["kind"] => {
  switch (first) {
    case QUOTE:
      return "string"
    case OPEN:
      return "object"
    case OPEN_ARRAY:
      return "array"
    case 0x6e:
      return "null"
    case 0x74:
    case 0x66:
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
    while (text.charCodeAt(i - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return i + 1
  }
}

/** The place behind the value that starts at `from`. */
const valueEnd = (text: string, from: number): number => {
  const first = text.charCodeAt(from)
  if (first === QUOTE) return stringEnd(text, from)
  let i = from
  if (first !== OPEN && first !== OPEN_ARRAY) {
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i)
      if (c === COMMA || c === CLOSE || c <= 32) break
    }
    return i
  }
  for (let depth = 0; ;) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) {
      i = stringEnd(text, i)
      continue
    }
    i++
    if (c === OPEN || c === OPEN_ARRAY) depth++
    else if ((c === CLOSE || c === CLOSE_ARRAY) && --depth === 0) return i
  }
}
