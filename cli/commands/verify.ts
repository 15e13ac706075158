/**
 * `asterism verify`: hashes every object again. Corrupt ones go to quarantine and the nodes that made them run again at
 * the next run. Exit code 1 if any was found. `--json`: `{objects, bytes, corrupt: [{digest, detail, nodes}]}`.
 */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { Store } from "../../artifacts/Store.ts"
import { bytes, result, short } from "../output.ts"
import { withStore } from "../services.ts"

export const verify = Command.make(
  "verify",
  {},
  Effect.fn("verify")(function* () {
    const found = yield* withStore(Effect.flatMap(Store, (store) => store.verify()))
    if (found.corrupt.length > 0) process.exitCode = 1
    yield* result(found, () =>
      [
        `${found.objects} objects, ${bytes(found.bytes)}: ${found.corrupt.length === 0 ? "all have the bytes their names say." : `${found.corrupt.length} corrupt, now in quarantine.`}`,
        ...found.corrupt.map(
          (one) => `  ${short(one.digest)}  ${one.detail}; made by ${one.nodes.join(", ") || "no known node"}`
        ),
        ...(found.corrupt.length > 0
          ? ["Next: run the pipeline again; the nodes that made them are computed anew."]
          : [])
      ].join("\n")
    )
  })
).pipe(Command.withDescription("hash every object again; quarantine what is corrupt"))
