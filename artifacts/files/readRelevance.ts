/**
 * A relevance matrix from a user's file: judgements (see `qrels.ts`), a BEIR or LIMIT folder (corpus.jsonl, queries.jsonl
 * and qrels), a SciPy CSR `.npz`, or any matrix file. A value above 0 is relevant.
 */
import * as Effect from "effect/Effect"
import { existsSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import type { InputError } from "../../schemas/errors.ts"
import type { SparseRows } from "../../schemas/Matrix.ts"
import { fileError } from "./fileError.ts"
import { isCsvQrels, readIds, readQrels, type Judgements } from "./qrels.ts"
import { inputError, readMatrix, type ReadOptions } from "./readMatrix.ts"
import { readSparse } from "./readSparse.ts"
import { checkFile, type UserMatrix } from "./UserMatrix.ts"

/** `options` are of matrix files: judgements name their queries and documents themselves. */
export const readRelevance = (
  path: string,
  options: ReadOptions = {}
): Effect.Effect<Judgements, InputError> =>
  Effect.gen(function* () {
    const full = resolve(path)
    const folder = existsSync(full) && statSync(full).isDirectory()
    const attempt = <A>(run: () => A | Promise<A>) =>
      Effect.tryPromise({ try: async () => run(), catch: inputError(path) })
    if (!folder) yield* attempt(() => checkFile(full))
    if (!folder && /\.npz$/i.test(full) && options.array === undefined && options.columns === undefined)
      return yield* Effect.flatMap(readSparse(full, options), (rows) => attempt(() => ofSparse(full, rows)))
    const matrix =
      !folder &&
      (/\.(npy|npz|arrow|feather|ipc|safetensors)$/i.test(full) ||
        (/\.csv$/i.test(full) && !(yield* attempt(() => isCsvQrels(full)))))
    if (matrix) return ofMatrix(yield* readMatrix(full, options))
    return yield* attempt(() => {
      refuseOptions(path, options)
      return folder ? readFolder(full) : readQrels(full)
    })
  })

const refuseOptions = (path: string, options: ReadOptions): void => {
  const given = (["keys", "array", "columns"] as const).filter((name) => options[name] !== undefined)
  if (given.length > 0)
    throw fileError(
      path,
      `${given.map((name) => `--${name}`).join(" and ")} ${given.length === 1 ? "does" : "do"} not apply: judgements name their queries and documents themselves.`,
      "a matrix file for these options",
      "leave them out"
    )
}

const numbered = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => String(i))

const negativesNote = (count: number): ReadonlyArray<string> =>
  count === 0 ? [] : [`${count} ${count === 1 ? "value is" : "values are"} negative: not relevant, as 0.`]

const ofMatrix = ({ data, dims, keys, notes }: UserMatrix): Judgements => {
  let negatives = 0
  const relevant = keys.map((_, j) => {
    const row: Array<number> = []
    for (let i = 0; i < dims; i++) {
      if (data[j * dims + i]! > 0) row.push(i)
      else if (data[j * dims + i]! < 0) negatives++
    }
    return row
  })
  return {
    queries: keys,
    documents: numbered(dims),
    relevant,
    notes: [...notes, ...negativesNote(negatives)]
  }
}

const ofSparse = (path: string, { dims, indices, indptr, keys, values }: SparseRows): Judgements => {
  let negatives = 0
  const relevant = keys.map((_, j) => {
    const row: Array<number> = []
    for (let e = indptr[j]!; e < indptr[j + 1]!; e++) {
      const value = values?.[e] ?? 1
      if (!Number.isFinite(value))
        throw fileError(
          path,
          `Row ${j}, column ${indices[e]} holds ${value}.`,
          "finite numbers; above 0 is relevant",
          "write 0 or 1"
        )
      if (value > 0) row.push(indices[e]!)
      else if (value < 0) negatives++
    }
    return row
  })
  return { queries: keys, documents: numbered(dims), relevant, notes: negativesNote(negatives) }
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
    : readQrels(qrels, { queries: readIds(texts.queries), documents: readIds(texts.documents) })
}
