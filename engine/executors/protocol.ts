/** What a parent and the process that runs one node say to each other: JSON over Node's IPC channel. */
import * as Schema from "effect/Schema"
import { Components, NodeRecord } from "../../artifacts/NodeRecord.ts"
import { StageError } from "../run/StageError.ts"

/** The task without its node, which the process finds in the graph it rebuilds. */
export const WireTask = Schema.Struct({
  run: Schema.String,
  pipeline: Schema.String,
  node: Schema.String,
  fingerprint: Schema.String,
  components: Components,
  inputs: Schema.Record(Schema.String, Schema.String),
  attempt: Schema.Int,
  backend: Schema.Struct({
    backend: Schema.Literals(["onnx", "tfjs", "reference"]),
    device: Schema.Literals(["cpu", "cuda", "webgpu"])
  }),
  checkpointSeconds: Schema.Finite,
  logFile: Schema.String
})
export type WireTask = typeof WireTask.Type

/** Parent → process. `stop` comes once, when the run is asked to stop; a second time the process is killed instead. */
export const ToWorker = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("start"),
    request: Schema.Unknown,
    task: WireTask,
    parent: Schema.Int
  }),
  Schema.Struct({ type: Schema.Literal("stop") })
])
export type ToWorker = typeof ToWorker.Type

/** Process → parent. `done` or `failed` comes last. */
export const FromWorker = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("progress"),
    done: Schema.Finite,
    total: Schema.Finite,
    note: Schema.NullOr(Schema.String)
  }),
  Schema.Struct({ type: Schema.Literal("mayGoOn") }),
  Schema.Struct({ type: Schema.Literal("done"), record: NodeRecord }),
  Schema.Struct({ type: Schema.Literal("failed"), error: StageError })
])
export type FromWorker = typeof FromWorker.Type
