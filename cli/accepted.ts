/** How acceptances are told: in a plan, of a record, of a store. */
import type { Accepted, Acceptance, NodeRecord } from "../artifacts/NodeRecord.ts"
import { short } from "./output.ts"

/** Text that a person typed, or a store that somebody else wrote to: nothing of it may move a terminal's cursor. */
const shown = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`)

const minute = (when: string): string => `${shown(when).slice(0, 16).replace("T", " ")} UTC`

/** `accepted: only a comment moved, 2026-11-30 06:12 UTC`. */
export const acceptedNote = ({ why, when }: Acceptance): string => `accepted: ${shown(why)}, ${minute(when)}`

const acceptanceLines = (acceptance: Acceptance): ReadonlyArray<string> => [
  `accepted ${minute(acceptance.when)} by ${shown(acceptance.who)}: ${shown(acceptance.why)}`,
  `    outputs of record ${short(acceptance.from)}, from which differed`,
  ...acceptance.differed.map(({ text }) => `      ${shown(text)}`)
]

/** Everything that a record says of its acceptance, and of those before it. */
export const acceptedLines = (accepted: Accepted | undefined): ReadonlyArray<string> =>
  accepted === undefined ? [] : [accepted, ...accepted.earlier].flatMap(acceptanceLines)

export interface AcceptedRecord extends Acceptance {
  readonly fingerprint: string
  readonly pipeline: string
  readonly node: string
}

/** The records of a store that were accepted, newest first. */
export const acceptedRecords = (records: ReadonlyArray<NodeRecord>): ReadonlyArray<AcceptedRecord> =>
  records
    .flatMap(({ accepted, fingerprint, node, pipeline }) => {
      if (accepted === undefined) return []
      const { earlier: _, ...last } = accepted
      return [{ fingerprint, pipeline, node, ...last }]
    })
    .sort((a, b) => (a.when === b.when ? 0 : a.when < b.when ? 1 : -1))

/** One line for each, under a heading; nothing where there is none. */
export const acceptedSummary = (accepted: ReadonlyArray<AcceptedRecord>): ReadonlyArray<string> =>
  accepted.length === 0
    ? []
    : [
        `${accepted.length} accepted, not computed, for the code they have now:`,
        ...accepted.map(
          (one) =>
            `  ${short(one.fingerprint)}  ${one.pipeline}/${one.node}  ${acceptedNote(one)} (${shown(one.who)})`
        )
      ]
