/**
 * What the numbers of a computing stage depend on, for the backend the user chose: what the engine says of itself, and
 * the code of the backend and of the tensor-program layer.
 */
import * as Effect from "effect/Effect"
import type { Numerics as Own } from "../compute/Engine.ts"
import { Code } from "../engine/fingerprint/Code.ts"
import type { BackendChoice } from "../engine/services/Backend.ts"
import type { Numerics } from "../engine/Study.ts"
import { InputError } from "../schemas/errors.ts"

const source = (backend: BackendChoice["backend"]): string =>
  new URL(`../compute/backends/${backend}/engine.ts`, import.meta.url).href

/** Opens a backend on a GPU to see that it is there; a CPU is there, and its engine is not loaded. */
export const numericsOf = (choice: BackendChoice): Effect.Effect<Numerics, InputError, Code> =>
  Effect.gen(function* () {
    const own = yield* Effect.tryPromise({
      try: () => ownNumerics(choice),
      catch: (error) =>
        error instanceof InputError
          ? error
          : new InputError({
              what: `The backend '${choice.backend}' cannot be opened on ${choice.device}: ${error instanceof Error ? error.message : String(error)}.`,
              next: "'asterism doctor' shows what this machine can run"
            })
    })
    const code = yield* Code
    const { hash } = yield* code.closure(source(choice.backend))
    return { ...own, code: hash }
  })

const ownNumerics = async (choice: BackendChoice): Promise<Own> => {
  const { knownNumerics } = await import("../compute/backends/numerics.ts")
  const known = knownNumerics(choice)
  if (known !== undefined) return known
  const { openBackend } = await import("../compute/backends/open.ts")
  const engine = await openBackend(choice)
  await engine.close()
  return engine.numerics
}
