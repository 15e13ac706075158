/**
 * Small JSON files of the store that carry a checksum of themselves in a last field, `sum`, so that a byte that flipped
 * is noticed before anything of the file is used. The sum names the file's id too: one that was copied from another
 * file says nothing of this one, and a file without a sum (earlier versions wrote none) is taken as it is.
 */
import { hash } from "node:crypto"
import { canonicalJson } from "../canonicalJson.ts"

/** 128 bits of SHA-256: against accidents, not against adversaries. */
export const checksum = (text: string): string => hash("sha256", text, "hex").slice(0, 32)

const sumOf = (id: string, text: string): string => `${id.slice(0, 16)}-${checksum(text)}`

/** Canonical JSON of an object with fields, and its sum as the last of them. */
export const withSum = (id: string, value: object): string => {
  const text = canonicalJson(value)
  return `${text.slice(0, -1)},"sum":"${sumOf(id, text)}"}\n`
}

const tail = /,"sum":"[0-9a-f]{16}-[0-9a-f]{32}"\}\s*$/

/** The object of a text, without its sum; undefined where it is no JSON object or not the one that was summed. */
export const checkSum = (id: string, text: string): { readonly [field: string]: unknown } | undefined => {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined
  const { sum, ...fields } = parsed as { readonly [field: string]: unknown }
  if (typeof sum !== "string" || !sum.startsWith(`${id.slice(0, 16)}-`)) return fields
  const end = tail.exec(text)
  // The text as it was written; another program may have laid the same object out anew.
  if (end !== null && sumOf(id, `${text.slice(0, end.index)}}`) === sum) return fields
  try {
    return sumOf(id, canonicalJson(fields)) === sum ? fields : undefined
  } catch {
    return undefined
  }
}
