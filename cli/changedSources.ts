/** Says at the end of a command that sources were edited while it ran: it went on with what it had loaded. */
import * as Effect from "effect/Effect"
import { relative } from "node:path"
import { Code } from "../engine/fingerprint/Code.ts"
import { write } from "./output.ts"

const most = 5

const shown = (path: string): string => {
  const near = relative(process.cwd(), path)
  return near.startsWith("..") ? path : near
}

/** Paths of the sources that changed since the program was compiled; a note on standard error where there are any. */
export const noteChangedSources: Effect.Effect<ReadonlyArray<string>, never, Code> = Effect.gen(function* () {
  const changed = yield* (yield* Code).changed
  if (changed.length > 0) {
    const names = changed.slice(0, most).map(shown).join(", ")
    const more = changed.length > most ? ` and ${changed.length - most} more` : ""
    yield* write(
      process.stderr,
      `note: ${names}${more} changed after this command began. What it did is recorded under the code that it loaded; the next command uses the new one.\n`
    )
  }
  return changed
})
