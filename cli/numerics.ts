/**
 * What the numbers of a computing stage depend on, for the backend the user chose: what the engine says of itself, and
 * the code of the backend and of the tensor-program layer.
 */
import * as Effect from "effect/Effect"
import { Code } from "../engine/fingerprint/Code.ts"
import type { BackendChoice } from "../engine/services/Backend.ts"
import type { Numerics } from "../engine/Study.ts"
import { InputError } from "../schemas/errors.ts"

const source = (backend: BackendChoice["backend"]): string =>
  new URL(`../compute/backends/${backend}/engine.ts`, import.meta.url).href

/** Opens the backend to ask it; fails where the device or a package is missing. */
export const numericsOf = (choice: BackendChoice): Effect.Effect<Numerics, InputError, Code> =>
  Effect.gen(function* () {
    const { openBackend } = yield* Effect.promise(() => import("../compute/backends/open.ts"))
    const own = yield* Effect.acquireUseRelease(
      Effect.tryPromise({
        try: () => openBackend(choice),
        catch: (error) =>
          error instanceof InputError
            ? error
            : new InputError({
                what: `The backend '${choice.backend}' cannot be opened on ${choice.device}: ${error instanceof Error ? error.message : String(error)}.`,
                next: "'asterism doctor' shows what this machine can run"
              })
      }),
      (engine) => Effect.succeed(engine.numerics),
      (engine) => Effect.promise(() => engine.close())
    )
    const code = yield* Code
    const { hash } = yield* code.closure(source(choice.backend))
    return { ...own, code: hash }
  })
