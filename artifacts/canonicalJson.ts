/**
 * Canonical JSON: one text for equal values. Keys in code-unit order, no white space, numbers as ECMAScript prints
 * them. Fields that are `undefined` are left out, as in JSON.stringify; NaN, infinities, functions and the like have no
 * JSON form and are refused.
 */

/** The canonical text of a JSON value. Throws a TypeError that names the path of a value that JSON cannot hold. */
export const canonicalJson = (value: unknown): string => write(value, "$")

const write = (value: unknown, path: string): string => {
  if (value === null) return "null"
  switch (typeof value) {
    case "string":
      return JSON.stringify(value)
    case "boolean":
      return value ? "true" : "false"
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${path} is ${value}, which JSON cannot hold`)
      return JSON.stringify(value)
    case "object":
      return Array.isArray(value) ? writeArray(value, path) : writeObject(value, path)
    default:
      throw new TypeError(`${path} is a ${typeof value}, which JSON cannot hold`)
  }
}

const writeArray = (values: ReadonlyArray<unknown>, path: string): string =>
  `[${values.map((value, i) => write(value, `${path}[${i}]`)).join(",")}]`

const writeObject = (value: object, path: string): string => {
  if (ArrayBuffer.isView(value)) throw new TypeError(`${path} is a typed array, which JSON cannot hold`)
  const fields = value as { readonly [name: string]: unknown }
  const parts: Array<string> = []
  for (const name of Object.keys(fields).sort()) {
    const field = fields[name]
    if (field !== undefined) parts.push(`${JSON.stringify(name)}:${write(field, `${path}.${name}`)}`)
  }
  return `{${parts.join(",")}}`
}
