/** The codec of each format, loaded when it is first needed. */
import * as Effect from "effect/Effect"
import type { Format } from "../../schemas/Kind.ts"
import type { Codec } from "./Codec.ts"

const loaders: { readonly [F in Format]: () => Promise<Codec> } = {
  matrix: () => import("./matrix.ts").then((module) => module.matrixCodec),
  sparse: () => import("./sparse.ts").then((module) => module.sparseCodec),
  table: () => import("./table.ts").then((module) => module.tableCodec),
  tensors: () => import("./tensors.ts").then((module) => module.tensorsCodec),
  json: () => import("./json.ts").then((module) => module.jsonCodec),
  file: () => import("./file.ts").then((module) => module.fileCodec)
}

export const codecFor = (format: Format): Effect.Effect<Codec> => Effect.promise(loaders[format])
