/** What several commands do with an artifact: find it by prefix, open it by its manifest alone, take its first rows. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Manifest } from "../artifacts/Manifest.ts"
import { Store } from "../artifacts/Store.ts"
import { InputError } from "../schemas/errors.ts"
import * as Kind from "../schemas/Kind.ts"
import type { Columns } from "../schemas/Table.ts"

/** The kinds as a manifest describes them: enough to read the bytes without knowing the stage. */
export const matrixKind = (manifest: Manifest) => Kind.matrix(manifest.kind, { description: "" })
export const sparseKind = (manifest: Manifest) => Kind.sparse(manifest.kind, { description: "" })
export const tableKind = (manifest: Manifest) =>
  Kind.table(manifest.kind, { description: "", columns: manifest.layout as Columns })
export const tensorsKind = (manifest: Manifest) => Kind.tensors(manifest.kind, { description: "" })
export const jsonKind = (manifest: Manifest) =>
  Kind.json(manifest.kind, { description: "", schema: Schema.Unknown })
export const fileKind = (manifest: Manifest) =>
  Kind.file(manifest.kind, {
    description: "",
    media: { type: manifest.layout.mediaType ?? "application/octet-stream", extension: manifest.extension }
  })

/** One artifact or record by a unique prefix of at least 4 digits. */
export const resolvePrefix = Effect.fn("resolvePrefix")(function* (prefix: string) {
  const store = yield* Store
  if (!/^[0-9a-f]{4,64}$/.test(prefix)) {
    return yield* new InputError({
      what: `'${prefix}' is not an id.`,
      expected: "a run id, or at least 4 hexadecimal digits of an artifact's or record's id",
      next: "'asterism runs' lists runs; 'asterism show <run>' lists a run's artifacts"
    })
  }
  const found = yield* store.resolve(prefix)
  if (found.length === 1) return found[0]!
  return yield* new InputError(
    found.length === 0
      ? {
          what: `Nothing in the store starts with '${prefix}'.`,
          where: store.root,
          next: "check the id, or name another store with --store"
        }
      : {
          what: `'${prefix}' is the start of ${found.length} ids.`,
          expected: `one of ${found
            .slice(0, 6)
            .map((one) => one.id.slice(0, 16))
            .join(", ")}${found.length > 6 ? ", ..." : ""}`,
          next: "give more digits"
        }
  )
})

/** An artifact by prefix, or by `run:node.output` in words: `latest:glove.embeddings`. */
export const resolveArtifact = Effect.fn("resolveArtifact")(function* (reference: string) {
  const found = yield* resolvePrefix(reference)
  if (found.type === "artifact") return found.id
  const store = yield* Store
  const record = yield* store.record(found.id)
  const outputs = record._tag === "Some" ? Object.entries(record.value.outputs) : []
  if (outputs.length === 1) return outputs[0]![1]
  return yield* new InputError({
    what: `'${reference}' is a record with ${outputs.length} outputs.`,
    expected: `one artifact: ${outputs.map(([name, digest]) => `${digest.slice(0, 12)} (${name})`).join(", ")}`
  })
})
