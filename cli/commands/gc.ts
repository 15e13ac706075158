/**
 * `asterism gc`: removes what only old runs need. Downloaded packages that a kept run reads are kept.
 * `--json`: `{objects, bytes, records, dryRun}`.
 */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Store } from "../../artifacts/Store.ts"
import { InputError } from "../../schemas/errors.ts"
import { bytes, result } from "../output.ts"
import { withStore } from "../services.ts"

export const gc = Command.make(
  "gc",
  {
    keep: Flag.Int("keep").pipe(
      Flag.withDescription("how many of the newest runs to keep everything of"),
      Flag.withDefault(10)
    ),
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withDescription("only say what would be removed"),
      Flag.withDefault(false)
    )
  },
  Effect.fn("gc")(function* ({ keep, dryRun }) {
    if (keep < 0)
      return yield* new InputError({
        what: `${keep} runs cannot be kept.`,
        where: "--keep",
        expected: "0 or more"
      })
    const removed = yield* withStore(Effect.flatMap(Store, (store) => store.gc({ keepRuns: keep, dryRun })))
    yield* result(
      { ...removed, dryRun },
      () =>
        `${dryRun ? "Would remove" : "Removed"} ${removed.objects} objects (${bytes(removed.bytes)}) and ${removed.records} records that the newest ${keep} runs do not need.`
    )
  })
).pipe(Command.withDescription("remove what only old runs need"))
