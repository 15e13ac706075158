/** Tells the user how far a stage is. Calls are cheap and may be as frequent as the stage likes: the engine throttles. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

export class Progress extends Context.Service<
  Progress,
  {
    /** `done` of `total` units, with an optional note such as the current loss. */
    readonly report: (done: number, total: number, note?: string) => Effect.Effect<void>
    /** One line for the stage's log. */
    readonly log: (line: string) => Effect.Effect<void>
  }
>()("asterism/Progress") {}
