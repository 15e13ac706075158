/** `<store>/runs/<id>/run.json`: what was run, with which parameters, fingerprints, outputs, times and versions. */
import * as Schema from "effect/Schema"
import { Identity } from "../../artifacts/store/processIdentity.ts"
import { Counts, RunStatus } from "./events.ts"
import { Accepted } from "../../artifacts/NodeRecord.ts"

export const NodeStatus = Schema.Literals([
  "cached",
  "cut-off",
  "ran",
  "resumed",
  "failed",
  "skipped",
  "interrupted",
  "pending"
])
export type NodeStatus = typeof NodeStatus.Type

export const RunNode = Schema.Struct({
  stage: Schema.String,
  /** The stage's. */
  description: Schema.String,
  params: Schema.Record(Schema.String, Schema.Unknown),
  /** `input` or `input[member]` → `node.output`. */
  inputs: Schema.Record(Schema.String, Schema.String),
  status: NodeStatus,
  /** Null where the node's inputs never became known. */
  fingerprint: Schema.NullOr(Schema.String),
  /** Output → kind's name and digest; null where the node did not finish. */
  outputs: Schema.NullOr(
    Schema.Record(Schema.String, Schema.Struct({ kind: Schema.String, digest: Schema.String }))
  ),
  /** Wall-clock seconds of the computation, in this run or in the run that computed it. */
  seconds: Schema.NullOr(Schema.Finite),
  /** The message, where it failed. */
  failure: Schema.NullOr(Schema.String),
  /** Where the outputs were accepted under this fingerprint, not computed. */
  accepted: Schema.optionalKey(Accepted)
})
export type RunNode = typeof RunNode.Type

export const RunFile = Schema.Struct({
  id: Schema.String,
  pipeline: Schema.String,
  description: Schema.String,
  status: RunStatus,
  /** ISO 8601, UTC. */
  started: Schema.String,
  /** Wall-clock seconds; null while it runs. */
  seconds: Schema.NullOr(Schema.Finite),
  /** What the user typed. */
  command: Schema.Array(Schema.String),
  seed: Schema.String,
  backend: Schema.Record(Schema.String, Schema.String),
  numerics: Schema.NullOr(Schema.Record(Schema.String, Schema.String)),
  until: Schema.NullOr(Schema.String),
  jobs: Schema.Int,
  executor: Schema.String,
  /** Who runs it. Runs of earlier versions tell host and id only, from which nobody can tell whether they go on. */
  process: Schema.Union([Identity, Schema.Struct({ host: Schema.String, pid: Schema.Int })]),
  /** What it ran on: platform, cores, memory. Runs of older versions lack it. */
  machine: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  versions: Schema.Record(Schema.String, Schema.String),
  counts: Counts,
  /** In topological order. */
  nodes: Schema.Record(Schema.String, RunNode)
})
export type RunFile = typeof RunFile.Type
