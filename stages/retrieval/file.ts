/**
 * A user's relevance matrix: qrels (TREC, BEIR tsv, json lines, Parquet), a LIMIT or BEIR folder, a SciPy CSR npz or any
 * matrix file, pinned by SHA-256. Of a folder the hash is that of its files' hashes, each followed by its name.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { readRelevance } from "../../artifacts/files/readRelevance.ts"
import * as Stage from "../../engine/Stage.ts"
import { InputError } from "../../schemas/errors.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { namedOf, relevanceOutputs } from "./relevance.ts"

const optional = Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))

export const fileRelevance = Stage.make("relevance/file", {
  description: "Reads a relevance matrix from a file or a LIMIT folder, pinned by its SHA-256.",
  source: import.meta.url,
  params: Schema.Struct({ file: optional, sha256: optional }),
  inputs: {},
  outputs: { relevance: RelevanceMatrix, keys: RelevanceKeys },
  run: Effect.fn("relevance/file")(function* ({ params }) {
    const { file, sha256 } = params
    if (file === "" || !existsSync(file)) {
      return yield* new InputError({
        what: file === "" ? "No file is named." : "The file does not exist.",
        where: file === "" ? "parameter file" : file,
        expected: "a qrels file, a folder with corpus.jsonl, queries.jsonl and qrels.jsonl, or a matrix file",
        next: "--set <node>.file=/path/to/qrels.jsonl"
      })
    }
    const found = contentHash(file)
    if (found !== sha256.toLowerCase()) {
      return yield* new InputError({
        what: sha256 === "" ? "The file is not pinned." : "The file is not the one that was pinned.",
        where: file,
        expected: sha256 === "" ? "its SHA-256" : `SHA-256 ${sha256}`,
        next: `--set <node>.sha256=${found}, if this is the file you mean`
      })
    }
    const { documents, queries, relevant } = yield* readRelevance(file)
    return relevanceOutputs(namedOf(queries, documents, relevant))
  })
})

/** SHA-256 of a file, or of the hashes and names of a folder's files in name order. */
export const contentHash = (path: string): string => {
  if (!statSync(path).isDirectory()) return createHash("sha256").update(readFileSync(path)).digest("hex")
  const hash = createHash("sha256")
  for (const name of readdirSync(path).sort()) {
    const inner = join(path, name)
    hash.update(`${contentHash(inner)}  ${name}\n`)
  }
  return hash.digest("hex")
}

export default fileRelevance
