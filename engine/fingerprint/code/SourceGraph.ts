/** The graph of a compiled program, as `bin/program/graph.mjs` writes it beside the program. */
import * as Schema from "effect/Schema"

export const SourceFile = Schema.Struct({
  /** SHA-256 of the syntax tree; of the bytes where the file is no module. */
  hash: Schema.String,
  /** SHA-256 of the bytes. */
  content: Schema.String,
  /** True paths of the local files it leads to. */
  imports: Schema.Array(Schema.String),
  packages: Schema.Array(Schema.Tuple([Schema.String, Schema.String])),
  /** Name and folder of the package whose folder it lies in. */
  owner: Schema.NullOr(Schema.Tuple([Schema.String, Schema.String])),
  /** Read from its own path while the program runs, not part of the program. */
  inPlace: Schema.optionalKey(Schema.Literal(true)),
  /** `Stage.make` calls inside functions that use values of the function without declaring them. */
  captures: Schema.optionalKey(Schema.Array(Schema.Struct({ names: Schema.Array(Schema.String) })))
})
export type SourceFile = typeof SourceFile.Type

/** By true path. */
export const SourceGraph = Schema.Struct({ files: Schema.Record(Schema.String, SourceFile) })
export type SourceGraph = typeof SourceGraph.Type
