/**
 * `asterism verify`: hashes every object again and looks at every manifest and record. Damaged ones go to quarantine,
 * and the nodes that made them run again at the next run. Named too are the records made from an artifact that was ever
 * found damaged: they may hold results of wrong bytes. `--forget` removes those, so that their nodes run again.
 * `--index` makes the index anew from the records. Exit code 1 if anything is damaged or cannot be read.
 *
 * `--json`: `{objects, bytes, corrupt: [{digest, detail, nodes}], unreadable: [{digest, detail, nodes}],
 * suspects: [{fingerprint, node, from}], forgotten, index: {records, objects} | null,
 * accepted: [{fingerprint, pipeline, node, who, when, why, differed, from}]}`; `digest` is a fingerprint where a
 * record is damaged, `nodes` and `node` are `pipeline/node`, `from` is the damaged artifact.
 */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Store, type Verification } from "../../artifacts/Store.ts"
import { acceptedRecords, acceptedSummary } from "../accepted.ts"
import { bytes, result, short } from "../output.ts"
import { withStore } from "../services.ts"

const faultLines = (
  faults: ReadonlyArray<{
    readonly digest: string
    readonly detail: string
    readonly nodes: ReadonlyArray<string>
  }>
): ReadonlyArray<string> =>
  faults.map(
    ({ digest, detail, nodes }) =>
      `  ${short(digest)}  ${detail}${nodes.length === 0 ? "" : `; made by ${nodes.join(", ")}`}`
  )

const suspectLines = ({ suspects, forgotten }: Verification): ReadonlyArray<string> =>
  suspects.length === 0
    ? []
    : [
        forgotten > 0
          ? `${suspects.length} records made from damaged artifacts, now forgotten: their nodes run again.`
          : `${suspects.length} records made from artifacts that were found damaged; whether before or after, nobody can tell:`,
        ...suspects.map(
          ({ fingerprint, node, from }) => `  ${short(fingerprint)}  ${node}, made from ${short(from)}`
        )
      ]

const nextLines = ({ corrupt, unreadable, suspects, forgotten }: Verification): ReadonlyArray<string> => {
  const steps = [
    ...(unreadable.length > 0 ? ["make readable what this user may not read, or have its owner verify"] : []),
    ...(suspects.length > forgotten
      ? ["'asterism verify --forget' forgets the records made from damaged artifacts"]
      : []),
    ...(corrupt.length > 0 || forgotten > 0
      ? [
          "run the pipeline again: what is damaged or forgotten is computed anew (import again what was imported)"
        ]
      : [])
  ]
  return steps.map((step, i) => `${i === 0 ? "Next: " : "      "}${step}.`)
}

const text = (found: Verification, index: { readonly records: number } | null): string => {
  const { objects, corrupt, unreadable } = found
  const verdict = [
    ...(corrupt.length > 0 ? [`${corrupt.length} corrupt, now in quarantine`] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} cannot be read`] : [])
  ]
  return [
    ...(index === null ? [] : [`The index was made anew from ${index.records} records.`]),
    `${objects} objects, ${bytes(found.bytes)}: ${verdict.length === 0 ? "all have the bytes their names say" : verdict.join(", ")}.`,
    ...faultLines(corrupt),
    ...faultLines(unreadable),
    ...suspectLines(found),
    ...nextLines(found)
  ].join("\n")
}

export const verify = Command.make(
  "verify",
  {
    forget: Flag.Boolean("forget").pipe(
      Flag.withDefault(false),
      Flag.withDescription("forget the records made from damaged artifacts: their nodes run again")
    ),
    index: Flag.Boolean("index").pipe(
      Flag.withDefault(false),
      Flag.withDescription("make the index anew from the records first")
    )
  },
  Effect.fn("verify")(function* (options) {
    const { found, index, records } = yield* withStore(
      Effect.gen(function* () {
        const store = yield* Store
        const index = options.index ? yield* store.rebuildIndex : null
        const found = yield* store.verify({ forget: options.forget })
        return { index, found, records: yield* store.records }
      })
    )
    if (found.corrupt.length > 0 || found.unreadable.length > 0) process.exitCode = 1
    const accepted = acceptedRecords(records)
    yield* result({ ...found, index, accepted }, () =>
      [text(found, index), ...acceptedSummary(accepted)].join("\n")
    )
  })
).pipe(Command.withDescription("hash every object again; quarantine what is corrupt"))
