/**
 * A relevance matrix from a user's file: judgements (see `qrels.ts`), a BEIR or LIMIT folder (corpus.jsonl, queries.jsonl
 * and qrels), a SciPy CSR `.npz`, or any matrix file. A value above 0 is relevant.
 */
import * as Effect from "effect/Effect"
import { existsSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import type { InputError } from "../../schemas/errors.ts"
import { readSparseNpz } from "./npz.ts"
import { readQrels, readTexts, type Judgements } from "./qrels.ts"
import { inputError, readMatrix } from "./readMatrix.ts"
import { checkFile, fileError } from "./UserMatrix.ts"

export const readRelevance = (path: string): Effect.Effect<Judgements, InputError> => {
  const full = resolve(path)
  if (/\.(npy|csv|arrow|feather|safetensors)$/i.test(full)) {
    return readMatrix(full).pipe(
      Effect.map(({ keys, dims, data }) => ({
        queries: keys,
        documents: numbered(dims),
        relevant: keys.map((_, j) =>
          Array.from({ length: dims }, (_, i) => i).filter((i) => data[j * dims + i] > 0)
        )
      }))
    )
  }
  return Effect.tryPromise({
    try: async () => {
      if (existsSync(full) && statSync(full).isDirectory()) return readFolder(full)
      checkFile(full)
      return /\.npz$/i.test(full) ? readNpzRelevance(full) : readQrels(full)
    },
    catch: inputError(path)
  })
}

const numbered = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => String(i))

const readNpzRelevance = async (path: string): Promise<Judgements> => {
  const { rows, dims, indptr, indices, values } = await readSparseNpz(path)
  return {
    queries: numbered(rows),
    documents: numbered(dims),
    relevant: Array.from({ length: rows }, (_, j) => {
      const columns: Array<number> = []
      for (let e = indptr[j]; e < indptr[j + 1]; e++) if ((values?.[e] ?? 1) > 0) columns.push(indices[e])
      return columns
    })
  }
}

interface Folder {
  readonly qrels: string
  /** Both or neither: the files that name every document and query. */
  readonly texts: { readonly queries: string; readonly documents: string } | undefined
}

/** What of a folder is read. */
const folderFiles = (folder: string): Folder => {
  const qrels = ["qrels.jsonl", "qrels.tsv", join("qrels", "test.tsv"), "qrels.parquet"].find((name) =>
    existsSync(join(folder, name))
  )
  if (qrels === undefined) {
    throw fileError(
      folder,
      "The folder holds no judgements.",
      "qrels.jsonl or qrels/test.tsv beside corpus.jsonl and queries.jsonl"
    )
  }
  const [queries, documents] = [join(folder, "queries.jsonl"), join(folder, "corpus.jsonl")]
  const texts = existsSync(documents) && existsSync(queries) ? { queries, documents } : undefined
  return { qrels: join(folder, qrels), texts }
}

/** The files that `readRelevance` reads. Throws an InputError where a folder holds no judgements. */
export const relevanceFiles = (path: string): ReadonlyArray<string> => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path]
  const { qrels, texts } = folderFiles(path)
  return texts === undefined ? [qrels] : [qrels, texts.queries, texts.documents]
}

/** corpus.jsonl and queries.jsonl name every document and query; qrels.jsonl or qrels/test.tsv judges them. */
const readFolder = async (folder: string): Promise<Judgements> => {
  const { qrels, texts } = folderFiles(folder)
  return texts === undefined
    ? readQrels(qrels)
    : readQrels(qrels, {
        queries: readTexts(texts.queries).map(({ id }) => id),
        documents: readTexts(texts.documents).map(({ id }) => id)
      })
}
