/** What the store knows of an object besides its bytes. Written once, beside the object, as canonical JSON. */
import * as Schema from "effect/Schema"

export const Manifest = Schema.Struct({
  /** SHA-256 of the bytes, 64 hexadecimal digits: the artifact's name. */
  digest: Schema.String,
  kind: Schema.String,
  format: Schema.Literals(["matrix", "sparse", "table", "tensors", "json", "file"]),
  /** Version of the codec that wrote the bytes. */
  codec: Schema.Int,
  extension: Schema.String,
  bytes: Schema.Int,
  rows: Schema.NullOr(Schema.Int),
  dims: Schema.NullOr(Schema.Int),
  /** Column names and types for tables, precision for matrices, media type for files. */
  layout: Schema.Record(Schema.String, Schema.String),
  /** The record that first produced these bytes, and the digests it read; null for imported files. */
  producer: Schema.NullOr(
    Schema.Struct({
      pipeline: Schema.String,
      node: Schema.String,
      output: Schema.String,
      stage: Schema.String,
      fingerprint: Schema.String
    })
  ),
  lineage: Schema.Array(Schema.String),
  created: Schema.String
})
export type Manifest = typeof Manifest.Type
