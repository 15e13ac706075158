/** Stores in temporary folders, kinds and records for the tests of `artifacts/`. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { NodeRecord } from "../../artifacts/NodeRecord.ts"
import { FileStore } from "../../artifacts/store/FileStore.ts"
import { Store } from "../../artifacts/Store.ts"
import * as Kind from "../../schemas/Kind.ts"

export const Vectors = Kind.matrix("Vectors", { description: "Rows of floats." })
export const Codes = Kind.sparse("Codes", { description: "Sparse rows." })
export const Weights = Kind.tensors("Weights", { description: "Named tensors." })
export const Page = Kind.file("Page", {
  description: "A page.",
  media: { type: "text/html", extension: "html" }
})
export const Summary = Kind.json("Summary", {
  description: "A value.",
  schema: Schema.Struct({ name: Schema.String, score: Schema.NullOr(Schema.Finite) })
})
export const Scores = Kind.table("Scores", {
  description: "A table with every column type.",
  columns: { name: "utf8", note: "utf8?", value: "float64", low: "float64?", count: "int32", kept: "boolean" }
})

/** A folder that is removed when the scope closes. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "asterism-test-"))),
  (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
)

/** Runs `use` with the store in `root`, opened afresh, as another process would. */
export const inStore = <A, E, R>(root: string, use: Effect.Effect<A, E, R>) =>
  Effect.provide(use, FileStore.layer(root), { local: true })

/** Runs `use` with a store of its own. */
export const withStore = <A, E, R>(use: Effect.Effect<A, E, R | Store>) =>
  Effect.scoped(Effect.flatMap(temporaryFolder, (root) => inStore(root, use)))

/** 64 hexadecimal digits that differ for different numbers. */
export const idOf = (n: number): string => n.toString(16).padStart(4, "0").repeat(16)

export const recordOf = (
  n: number,
  outputs: NodeRecord["outputs"],
  more: {
    readonly run?: string
    readonly node?: string
    readonly inputs?: NodeRecord["components"]["inputs"]
    readonly started?: string
  } = {}
): NodeRecord => ({
  fingerprint: idOf(n),
  pipeline: "test",
  node: more.node ?? `node-${n}`,
  run: more.run ?? "run-1",
  components: {
    stage: "test/stage",
    code: { hash: "c0de", files: { "stage.ts": "f11e" }, packages: { effect: "4.1.0" } },
    params: { n, text: "tab\tand\nline" },
    inputs: more.inputs ?? {},
    seed: null,
    numerics: null,
    format: { out: "json@1" }
  },
  outputs,
  started: more.started ?? new Date(Date.UTC(2026, 0, 1) + 1000 * n).toISOString(),
  seconds: 0.5,
  provenance: { host: "here" }
})
