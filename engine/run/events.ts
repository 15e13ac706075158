/**
 * What happens in a run, as data: published to the caller as it happens and appended to `<run>/events.jsonl`, one JSON
 * object a line. `time` is milliseconds since 1970 (UTC).
 */
import * as Schema from "effect/Schema"

const event = <const Type extends string, const F extends Schema.Struct.Fields>(type: Type, fields: F) =>
  Schema.Struct({ type: Schema.Literal(type), time: Schema.Finite, ...fields })

const node = { node: Schema.String, stage: Schema.String }
const outputs = Schema.Record(Schema.String, Schema.String)

/** `nodes` is how many the run is about; `cached` how many of them need nothing done. */
export const RunStarted = event("RunStarted", {
  run: Schema.String,
  pipeline: Schema.String,
  nodes: Schema.Int,
  cached: Schema.Int,
  /** Wall-clock seconds the nodes that will run took before; null where none is known. */
  expectedSeconds: Schema.NullOr(Schema.Finite)
})

/** The node's record was found when the run was planned. */
export const NodeCached = event("NodeCached", { ...node, fingerprint: Schema.String, outputs })

/** Its inputs turned out to be what they were before: its record was found once they were known (early cut-off). */
export const NodeCutOff = event("NodeCutOff", { ...node, fingerprint: Schema.String, outputs })

/** Another process computes the same fingerprint: the node waits, and takes over the record or the work. */
export const NodeWaiting = event("NodeWaiting", { ...node, fingerprint: Schema.String })

/** `attempt` counts from 1; `resumed` when a checkpoint of this fingerprint was there. */
export const NodeStarted = event("NodeStarted", {
  ...node,
  fingerprint: Schema.String,
  attempt: Schema.Int,
  resumed: Schema.Boolean,
  expectedSeconds: Schema.NullOr(Schema.Finite)
})

export const NodeProgress = event("NodeProgress", {
  ...node,
  done: Schema.Finite,
  total: Schema.Finite,
  note: Schema.NullOr(Schema.String)
})

/** An attempt failed and another follows. */
export const NodeRetrying = event("NodeRetrying", { ...node, attempt: Schema.Int, reason: Schema.String })

/** A corrupt or missing input was found; the nodes that produce it run again first. */
export const NodeRepairing = event("NodeRepairing", { ...node, producers: Schema.Array(Schema.String) })

export const NodeFinished = event("NodeFinished", {
  ...node,
  fingerprint: Schema.String,
  seconds: Schema.Finite,
  outputs
})

/** `message` is the whole message for the user. */
export const NodeFailedEvent = event("NodeFailed", {
  ...node,
  message: Schema.String,
  log: Schema.NullOr(Schema.String),
  /** Whether the cause was bad input (exit code 2). */
  input: Schema.Boolean
})

/** Not run because of the nodes named: they failed, or, where the list is empty, the run stopped first. */
export const NodeSkipped = event("NodeSkipped", { ...node, because: Schema.Array(Schema.String) })

/** Stopped by a signal; `checkpointed` tells whether its state was saved. */
export const NodeInterrupted = event("NodeInterrupted", { ...node, checkpointed: Schema.Boolean })

/** The run was asked to stop. */
export const RunStopping = event("RunStopping", { signal: Schema.String })

export const RunStatus = Schema.Literals(["running", "done", "failed", "interrupted"])
export type RunStatus = typeof RunStatus.Type

export const Counts = Schema.Struct({
  cached: Schema.Int,
  cutOff: Schema.Int,
  ran: Schema.Int,
  failed: Schema.Int,
  skipped: Schema.Int,
  interrupted: Schema.Int
})
export type Counts = typeof Counts.Type

export const RunFinished = event("RunFinished", {
  run: Schema.String,
  status: RunStatus,
  seconds: Schema.Finite,
  counts: Counts
})

export const RunEvent = Schema.Union([
  RunStarted,
  NodeCached,
  NodeCutOff,
  NodeWaiting,
  NodeStarted,
  NodeProgress,
  NodeRetrying,
  NodeRepairing,
  NodeFinished,
  NodeFailedEvent,
  NodeSkipped,
  NodeInterrupted,
  RunStopping,
  RunFinished
])
export type RunEvent = typeof RunEvent.Type
