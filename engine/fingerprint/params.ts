/** Parameters: decoded with their defaults and encoded again, so that leaving out a default is the same as giving it. */
import type { Components } from "../../artifacts/NodeRecord.ts"
import { canonicalJson } from "../../artifacts/canonicalJson.ts"
import { own } from "../../schemas/named.ts"
import type { Reason } from "../plan/Reason.ts"
import { changed } from "../plan/Reason.ts"

type Fields = { readonly [name: string]: unknown }

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Goes into structures, so that a reason names the innermost field: `align.k`. */
export const differences = (
  component: "params" | "captures",
  from: Fields,
  to: Fields,
  prefix: string
): ReadonlyArray<Reason> =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) => {
    const [before, after] = [own(from, name), own(to, name)]
    if (isFields(before) && isFields(after)) return differences(component, before, after, `${prefix}${name}.`)
    return canonicalJson([before ?? null]) === canonicalJson([after ?? null])
      ? []
      : [changed(component, prefix + name, before, after)]
  })

export const diffParams = (from: Components["params"], to: Components["params"]): ReadonlyArray<Reason> =>
  differences("params", from, to, "")
