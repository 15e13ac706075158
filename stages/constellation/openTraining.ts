/** Opens a training on the backend the user chose, and closes both with the scope. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { openBackend } from "../../compute/backends/open.ts"
import type { Training } from "../../compute/constellation/training.ts"
import type { Engine } from "../../compute/Engine.ts"
import { Backend } from "../../engine/services/Backend.ts"
import { InputError, StageFailure } from "../../schemas/errors.ts"

type Opened<Result> = Training<Result> & { readonly close: () => void | Promise<void> }

export const openTraining = <Result>(
  open: (engine: Engine) => Promise<Opened<Result>>
): Effect.Effect<Training<Result>, InputError | StageFailure, Backend | Scope.Scope> =>
  Effect.flatMap(Backend, (choice) =>
    Effect.acquireRelease(
      Effect.tryPromise({
        try: async () => {
          const engine = await openBackend(choice)
          const training = await open(engine)
          return { ...training, close: async () => (await training.close(), engine.close()) }
        },
        catch: (cause) =>
          cause instanceof InputError
            ? cause
            : new StageFailure({ what: `The training did not start: ${String(cause)}.` })
      }),
      ({ close }) => Effect.promise(close)
    )
  )
