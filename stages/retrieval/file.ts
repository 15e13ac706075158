/**
 * A user's relevance matrix: qrels (TREC, BEIR tsv, json lines, Parquet), a LIMIT or BEIR folder, a SciPy CSR npz or any
 * matrix file. The study depends on what the files hold: an edit runs the node again. A SHA-256 may pin them; of a folder
 * it is that of its files' hashes, each followed by its name.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { existsSync } from "node:fs"
import { readRelevance, relevanceFiles } from "../../artifacts/files/readRelevance.ts"
import { Progress } from "../../engine/services/Progress.ts"
import * as Stage from "../../engine/Stage.ts"
import { InputError } from "../../schemas/errors.ts"
import { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"
import { checkPin, filesBelow } from "../data/pinnedFile.ts"
import { namedOf, relevanceOutputs } from "./relevance.ts"

const optional = Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))

export const fileRelevance = Stage.make("relevance/file", {
  description: "Reads a relevance matrix from a file or a LIMIT folder; a SHA-256 may pin it.",
  source: import.meta.url,
  params: Schema.Struct({ file: optional, sha256: optional }),
  inputs: {},
  outputs: { relevance: RelevanceMatrix, keys: RelevanceKeys },
  // A pin is of everything in a folder, also of what is not read.
  files: ({ file, sha256 }) => (file === "" ? [] : sha256 === "" ? relevanceFiles(file) : filesBelow(file)),
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
    yield* checkPin(file, sha256, "sha256")
    const { documents, notes, queries, relevant } = yield* readRelevance(file)
    const progress = yield* Progress
    for (const note of notes) yield* progress.log(`${file}: ${note}`)
    return relevanceOutputs(namedOf(queries, documents, relevant))
  })
})

export default fileRelevance
