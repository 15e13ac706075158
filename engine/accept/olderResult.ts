/** Which of a node's records a person may vouch for: one made of the same things, only in another way. */
import type { Components, NodeRecord } from "../../artifacts/NodeRecord.ts"
import { diffComponents } from "../fingerprint/Fingerprint.ts"
import type { Reason, ReasonComponent } from "../plan/Reason.ts"
import { because } from "../plan/Reason.ts"

/**
 * How a result was made may be vouched for: that an edit, a captured value or another engine changes nothing. What it was
 * made of (parameters, inputs, seed, stage) is no matter of opinion, and bytes in another format would be read wrongly.
 */
const vouchable: ReadonlySet<ReasonComponent> = new Set(["code", "captures", "numerics"])

/** What differs; never empty. */
const differences = (
  from: Components,
  to: Components,
  names: { readonly [input: string]: string }
): ReadonlyArray<Reason> => {
  const reasons = diffComponents(from, to, { pending: new Set(), names })
  if (reasons.length > 0) return reasons
  return [
    from.code.hash === to.code.hash
      ? because("record", "", "the fingerprint is made in another way")
      : because("code", "", "the code is counted in another way", from.code.hash, to.code.hash)
  ]
}

const isVouchable = ({ component }: Reason): boolean => vouchable.has(component) || component === "record"

export interface OlderResult {
  readonly record: NodeRecord
  /** All of it may be vouched for. */
  readonly differed: ReadonlyArray<Reason>
}

/** Those of a node's records, newest first, that differ from `to` in nothing but what may be vouched for. */
export const olderResults = (
  records: ReadonlyArray<NodeRecord>,
  to: Components,
  names: { readonly [input: string]: string }
): ReadonlyArray<OlderResult> =>
  records.flatMap((record) => {
    const differed = differences(record.components, to, names)
    return differed.every(isVouchable) ? [{ record, differed }] : []
  })

/** What of the newest record nobody may vouch for, as one sentence's worth of text. */
export const whyNone = (
  records: ReadonlyArray<NodeRecord>,
  to: Components,
  names: { readonly [input: string]: string }
): string => {
  const [newest] = records
  if (newest === undefined) return "it has no earlier result"
  return differences(newest.components, to, names)
    .filter((reason) => !isVouchable(reason))
    .map(({ text }) => text)
    .join(", ")
}
