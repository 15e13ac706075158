/** What the numbers of a computing stage depend on, for the backend the user chose. */
import * as Effect from "effect/Effect"
import type { BackendChoice } from "../engine/services/Backend.ts"
import type { Numerics } from "../engine/Study.ts"
import { InputError } from "../schemas/errors.ts"

export const numericsOf = (choice: BackendChoice): Effect.Effect<Numerics, InputError> =>
  Effect.fail(new InputError({ what: `No backend is built yet for ${choice.backend} on ${choice.device}.` }))
