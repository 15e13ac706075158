/**
 * The fields of one JSON object as its text has them: a whole number keeps its digits, which the engine's own parser
 * rounds past 2⁵³; a name that occurs twice is refused. Cost O(text).
 */
import { fileError } from "./fileError.ts"
import { detached } from "./textLines.ts"

/** One object: its names, and for each place among them the value, and the value's JSON text. */
export class JsonRecord {
  readonly names: ReadonlyArray<string>
  readonly #text: string
  readonly #parsed: { readonly [name: string]: unknown }

  constructor(text: string, parsed: { readonly [name: string]: unknown }, names: ReadonlyArray<string>) {
    this.#text = text
    this.#parsed = parsed
    this.names = names
  }

  value(place: number): unknown {
    return this.#parsed[this.names[place]!]
  }

  raw(place: number): string {
    return walk(this.#text).find(([name]) => name === this.names[place])![1]
  }

  /**
   * The id at a place: a string, or a whole number as it is written. Undefined where the value is none of both, or is
   * empty.
   */
  id(place: number): string | undefined {
    const value = this.value(place)
    if (typeof value === "string") return value || undefined
    if (typeof value !== "number") return undefined
    const raw = this.raw(place)
    return /^-?\d+$/.test(raw) ? detached(raw) : undefined
  }
}

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
  const names = Object.keys(parsed)
  // As many colons as names: none is in a string or a nested object, and no name is there twice.
  if (colons(text, names.length) === names.length) return new JsonRecord(text, parsed, names)
  const twice = repeated(walk(text).map(([name]) => name))
  if (twice !== undefined)
    throw fileError(
      `${path}, line ${line}`,
      `The name '${twice}' occurs twice in the object.`,
      "each name once"
    )
  return new JsonRecord(text, parsed, names)
}

/** How many colons there are, counted to one more than `most`. */
const colons = (text: string, most: number): number => {
  let count = 0
  for (let i = text.indexOf(":"); i >= 0 && count <= most; i = text.indexOf(":", i + 1)) count++
  return count
}

/** Name and JSON text of each field of an object that is known to be valid. */
const walk = (text: string): ReadonlyArray<readonly [name: string, raw: string]> => {
  const fields: Array<readonly [name: string, raw: string]> = []
  for (let i = skip(text, skip(text, 0) + 1); text.charCodeAt(i) !== CLOSE;) {
    const end = stringEnd(text, i)
    const start = skip(text, skip(text, end) + 1)
    const stop = valueEnd(text, start)
    fields.push([decoded(text.slice(i, end)), text.slice(start, stop)])
    i = skip(text, stop)
    if (text.charCodeAt(i) === COMMA) i = skip(text, i + 1)
  }
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

const repeated = (names: ReadonlyArray<string>): string | undefined => {
  const seen = new Set<string>()
  return names.find((name) => seen.size === seen.add(name).size)
}

const decoded = (raw: string): string => (raw.includes("\\") ? (JSON.parse(raw) as string) : raw.slice(1, -1))

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
