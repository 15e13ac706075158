/** One way to write a JSON value, so that equal values have equal hashes: keys sorted, no white space. */
import { createHash } from "node:crypto"

/**
 * Canonical JSON. Undefined fields are left out; numbers that JSON cannot write keep their names apart (`NaN` is not
 * `null`); anything that is not JSON throws, for it would not survive being stored.
 */
export const canonicalJson = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value)
    case "boolean":
      return value ? "true" : "false"
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : `{"~number":"${value}"}`
    case "object": {
      if (value === null) return "null"
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null) break
      const fields = value as { readonly [key: string]: unknown }
      let text = "{"
      for (const key of Object.keys(fields).sort()) {
        if (fields[key] === undefined) continue
        text += `${text === "{" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(fields[key])}`
      }
      return `${text}}`
    }
    default:
      break
  }
  throw new TypeError(`A ${typeof value} cannot be written as JSON.`)
}

/** SHA-256 as 64 hexadecimal digits. */
export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex")
