/** A node could not be computed. Names the node, its stage, what it read, why it failed, the log and what to do next. */
import * as Schema from "effect/Schema"

export class NodeFailed extends Schema.TaggedError<NodeFailed>()("NodeFailed", {
  node: Schema.String,
  stage: Schema.String,
  /** `input` or `input[member]` → `node.output`. */
  inputs: Schema.Record(Schema.String, Schema.String),
  /** The cause's own sentence. */
  reason: Schema.String,
  /** The stage's log file; null where nothing was logged. */
  log: Schema.NullOr(Schema.String),
  /** What to do next: a command to type. */
  next: Schema.String,
  /** Whether the cause was bad input: exit code 2 rather than 1. */
  input: Schema.Boolean
}) {
  override get message(): string {
    const inputs = Object.entries(this.inputs).map(([input, from]) => `${input} = ${from}`)
    return [
      `'${this.node}' failed (stage ${this.stage}${inputs.length === 0 ? "" : `; ${inputs.join(", ")}`}): ${this.reason}`,
      ...(this.log === null ? [] : [`Log: ${this.log}`]),
      `Next: ${this.next}`
    ].join("\n")
  }
}
