/** Why one attempt at a node gave no record. Plain data, so that a process of its own can send it home. */
import * as Schema from "effect/Schema"

export class StageError extends Schema.TaggedError<StageError>()("StageError", {
  /**
   * `input`: bad input, trying again cannot help. `artifact`: an input could not be read or an output not written.
   * `stage`: the stage failed or threw. `timeout`. `crash`: its process ended. `interrupted`: asked to stop.
   */
  reason: Schema.Literals(["input", "artifact", "stage", "timeout", "crash", "interrupted"]),
  /** One sentence, or the error's own message. */
  detail: Schema.String,
  /** What to do next, where the cause says. */
  next: Schema.NullOr(Schema.String),
  /** For the log: the cause with its stack. */
  trace: Schema.NullOr(Schema.String),
  /** `interrupted` only: whether the state was saved. */
  checkpointed: Schema.Boolean
}) {
  override get message(): string {
    return this.detail
  }
}
