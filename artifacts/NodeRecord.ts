/**
 * A record says: a node with this fingerprint ran, and these are its outputs. It is written after its objects, and a
 * node is done only once its record is durable. The fingerprint's components are kept apart, so that `plan` can say
 * which one changed, and from what to what.
 */
import * as Schema from "effect/Schema"

export const Components = Schema.Struct({
  stage: Schema.String,
  /** Code closure: one hash over all, and one for each local file and package, so that a changed one can be named. */
  code: Schema.Struct({
    hash: Schema.String,
    files: Schema.Record(Schema.String, Schema.String),
    packages: Schema.Record(Schema.String, Schema.String)
  }),
  /** What the stage's factory captured and declares; left out where that is nothing. */
  captures: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  params: Schema.Record(Schema.String, Schema.Unknown),
  /** `input` or `input[member]` → content digest. */
  inputs: Schema.Record(Schema.String, Schema.String),
  /** The node's seed; null where the stage draws no random numbers. */
  seed: Schema.NullOr(Schema.String),
  /** Backend family, precision, device class, engine version, backend code; null where the stage does not compute. */
  numerics: Schema.NullOr(Schema.Record(Schema.String, Schema.String)),
  /** Output name → `format@codec version`. */
  format: Schema.Record(Schema.String, Schema.String)
})
export type Components = typeof Components.Type

/** One time that somebody took an older result for the current one: `asterism accept`. */
export const Acceptance = Schema.Struct({
  /** `user@host`. */
  who: Schema.String,
  /** ISO 8601, UTC. */
  when: Schema.String,
  why: Schema.String,
  /** What differed from the record whose outputs were taken, as a plan says it. */
  differed: Schema.Array(
    Schema.Struct({
      component: Schema.String,
      name: Schema.String,
      from: Schema.Unknown,
      to: Schema.Unknown,
      text: Schema.String
    })
  ),
  /** The fingerprint of that record. */
  from: Schema.String
})
export type Acceptance = typeof Acceptance.Type

/** The last acceptance, and those that its outputs had been through before, newest first. */
export const Accepted = Schema.Struct({ ...Acceptance.fields, earlier: Schema.Array(Acceptance) })
export type Accepted = typeof Accepted.Type

export const NodeRecord = Schema.Struct({
  fingerprint: Schema.String,
  pipeline: Schema.String,
  node: Schema.String,
  run: Schema.String,
  components: Components,
  /** Output name → content digest. */
  outputs: Schema.Record(Schema.String, Schema.String),
  /** When the computation began; of an accepted record, when it was accepted. */
  started: Schema.String,
  seconds: Schema.Finite,
  /** Host, instruction set, Node version, device: what the byte-for-byte guarantee depends on. */
  provenance: Schema.Record(Schema.String, Schema.String),
  /** Only where the outputs were not computed under this fingerprint: run, seconds and provenance are then the older record's. */
  accepted: Schema.optionalKey(Accepted)
})
export type NodeRecord = typeof NodeRecord.Type
