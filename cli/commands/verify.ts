/**
 * `asterism verify`: hashes every object again. Corrupt ones go to quarantine and the nodes that made them run again at
 * the next run. Exit code 1 if any was found. `--json`: `{objects, bytes, corrupt: [{digest, detail, nodes}],
 * accepted: [{fingerprint, pipeline, node, who, when, why, differed, from}]}`.
 */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { Store } from "../../artifacts/Store.ts"
import { acceptedRecords, acceptedSummary } from "../accepted.ts"
import { bytes, result, short } from "../output.ts"
import { withStore } from "../services.ts"

export const verify = Command.make(
  "verify",
  {},
  Effect.fn("verify")(function* () {
    const [found, records] = yield* withStore(
      Effect.flatMap(Store, (store) => Effect.all([store.verify(), store.records]))
    )
    const accepted = acceptedRecords(records)
    if (found.corrupt.length > 0) process.exitCode = 1
    yield* result({ ...found, accepted }, () =>
      [
        `${found.objects} objects, ${bytes(found.bytes)}: ${found.corrupt.length === 0 ? "all have the bytes their names say." : `${found.corrupt.length} corrupt, now in quarantine.`}`,
        ...found.corrupt.map(
          (one) => `  ${short(one.digest)}  ${one.detail}; made by ${one.nodes.join(", ") || "no known node"}`
        ),
        ...(found.corrupt.length > 0
          ? ["Next: run the pipeline again; the nodes that made them are computed anew."]
          : []),
        ...acceptedSummary(accepted)
      ].join("\n")
    )
  })
).pipe(Command.withDescription("hash every object again; quarantine what is corrupt"))
