/** One cause for a node to run: which part of which component differs from the node's newest record. */
import { own } from "../../schemas/named.ts"

/** The part of a fingerprint, or of the store, that a reason is about. */
export type ReasonComponent =
  "stage" | "code" | "captures" | "params" | "inputs" | "seed" | "numerics" | "format" | "outputs" | "record"

export interface Reason {
  readonly component: ReasonComponent
  /** Which part of the component: a parameter, a file, an input, an output. Empty where there is only one. */
  readonly name: string
  /** The old value; null where there was none. */
  readonly from: unknown
  /** The new value; null where there is none, or where it is not known before the node's inputs are. */
  readonly to: unknown
  /** The reason as one line: `params: k 10 → 20`. */
  readonly text: string
}

const longest = 60

/** A value as a reason shows it: text bare, the rest as JSON, long values cut. */
const shown = (value: unknown): string => {
  if (value === null || value === undefined) return "(none)"
  const text = (
    typeof value === "string" && /^[^\s"'{}[\]]+$/.test(value) ? value : (JSON.stringify(value) ?? "(none)")
  ).replace(/\s+/g, " ")
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}

/** `component: name from → to`. */
export const changed = (
  component: ReasonComponent,
  name: string,
  from: unknown,
  to: unknown,
  show: (value: unknown) => string = shown
): Reason => ({
  component,
  name,
  from: from ?? null,
  to: to ?? null,
  text: `${component}: ${name === "" ? "" : `${name} `}${show(from)} → ${show(to)}`
})

/** A reason with a text of its own. */
export const because = (
  component: ReasonComponent,
  name: string,
  text: string,
  from: unknown = null,
  to: unknown = null
): Reason => ({ component, name, from, to, text: `${component === "record" ? "" : `${component}: `}${text}` })

/** A digest as messages show it. */
export const short = (digest: unknown): string => (typeof digest === "string" ? digest.slice(0, 8) : "(none)")

/** Reasons for every key whose text differs between two flat records. */
export const changedKeys = (
  from: { readonly [name: string]: string },
  to: { readonly [name: string]: string },
  reason: (name: string, from: string | undefined, to: string | undefined) => Reason
): ReadonlyArray<Reason> => {
  const reasons: Array<Reason> = []
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [before, after] = [own(from, name), own(to, name)]
    if (before !== after) reasons.push(reason(name, before, after))
  }
  return reasons
}
