/** What is fuzzed: every reader of users' files, every codec, the store's own small files, and packages. */
import * as fs from "node:fs"
import * as Effect from "effect/Effect"
import { codecFor } from "../../artifacts/codecs/codecs.ts"
import { readKeys } from "../../artifacts/files/keys.ts"
import { readSparse } from "../../artifacts/files/readSparse.ts"
import { readMatrix } from "../../artifacts/files/readMatrix.ts"
import { readRelevance } from "../../artifacts/files/readRelevance.ts"
import { parseManifest } from "../../artifacts/store/manifests.ts"
import {
  parseNames,
  parseObjectLine,
  parseRecordLine,
  parseShared
} from "../../artifacts/store/indexLines.ts"
import { checkSum } from "../../artifacts/store/sums.ts"
import type { Kind } from "../../schemas/Kind.ts"
import { readFiles } from "../../stages/data/tarball.ts"
import { Codes, idOf, Scores, Summary, Vectors, Weights } from "../artifacts/fixtures.ts"
import { mutateBytes } from "./mutateBytes.ts"
import type { Mutate } from "./mutateParts.ts"
import { mutateLines, mutateNpy, mutateNpz, mutateSafetensors, mutateTarball } from "./mutateParts.ts"

/** What was read, for the judges; undefined where nobody else reads the format. */
export type Value =
  | {
      readonly type: "matrix"
      readonly rows: number
      readonly dims: number
      readonly keys: ReadonlyArray<string> | null
      readonly data: ArrayLike<number>
    }
  | {
      readonly type: "judgements"
      readonly queries: ReadonlyArray<string>
      readonly documents: ReadonlyArray<string>
      readonly relevant: ReadonlyArray<ReadonlyArray<number>>
    }
  | { readonly type: "keys"; readonly keys: ReadonlyArray<string> }

export interface Target {
  readonly name: string
  readonly extension: string
  readonly mutate: Mutate
  readonly read: (path: string) => Effect.Effect<Value | undefined, unknown>
}

const matrix = (path: string): Effect.Effect<Value, unknown> =>
  Effect.map(readMatrix(path), ({ keys, keyed, dims, data }) => ({
    type: "matrix",
    rows: keys.length,
    dims,
    keys: keyed ? keys : null,
    data
  }))

const relevance = (path: string): Effect.Effect<Value, unknown> =>
  Effect.map(readRelevance(path), ({ queries, documents, relevant }) => ({
    type: "judgements",
    queries,
    documents,
    relevant
  }))

const sparse = (path: string): Effect.Effect<Value, unknown> =>
  Effect.map(readSparse(path), ({ keys, dims, indptr, indices, values: entries }) => {
    // The sum of what is there says whether it fits together; the rows are judged through `readMatrix`.
    const rows = keys.length
    if (rows * dims > 1e6) return { type: "matrix", rows, dims, keys: null, data: [] }
    const data = new Float64Array(rows * dims)
    for (let i = 0; i < rows; i++)
      for (let at = indptr[i]!; at < indptr[i + 1]!; at++) data[i * dims + indices[at]!] = entries?.[at] ?? 1
    return { type: "matrix", rows, dims, keys: null, data }
  })

const facts = { rows: null, dims: null, layout: {} }

const through =
  (kind: Kind) =>
  (path: string): Effect.Effect<undefined, unknown> =>
    codecFor(kind.format).pipe(
      Effect.flatMap((codec) => codec.open(kind, path, facts)),
      Effect.flatMap((reader) => (reader as { readonly read: Effect.Effect<unknown, unknown> }).read),
      Effect.as(undefined)
    )

const store =
  (parse: (text: string) => unknown) =>
  (path: string): Effect.Effect<undefined, unknown> =>
    Effect.sync(() => void parse(fs.readFileSync(path, "utf8")))

const indexLines = (text: string): void => {
  for (const line of text.split("\n")) {
    parseNames(idOf(7), line)
    parseRecordLine(idOf(7), line)
    parseObjectLine(line)
    const [, sum = "", ...rest] = line.split("\t")
    parseShared(sum, rest.join("\t"))
  }
}

const target = (name: string, extension: string, mutate: Mutate, read: Target["read"] = matrix): Target => ({
  name,
  extension,
  mutate,
  read
})

/** The order is part of an input's number: new ones go to the end. */
export const targets: ReadonlyArray<Target> = [
  target("npy", "npy", mutateNpy),
  target("npz", "npz", mutateNpz),
  target("scipy", "npz", mutateNpz, sparse),
  target("safetensors", "safetensors", mutateSafetensors),
  target("csv", "csv", mutateLines),
  target("tsv", "tsv", mutateLines),
  target("jsonl", "jsonl", mutateLines, relevance),
  target("qrels", "qrels", mutateLines, relevance),
  target("parquet", "parquet", mutateBytes),
  target("arrow", "arrow", mutateBytes),
  target("stream", "arrow", mutateBytes),
  target("feather", "feather", mutateBytes),
  target("keys", "txt", mutateLines, (path) => Effect.sync(() => ({ type: "keys", keys: readKeys(path) }))),
  target("codec-matrix", "arrow", mutateBytes, through(Vectors)),
  target("codec-sparse", "arrow", mutateBytes, through(Codes)),
  target("codec-tensors", "safetensors", mutateSafetensors, through(Weights)),
  target("codec-table", "parquet", mutateBytes, through(Scores)),
  target("codec-json", "json", mutateLines, through(Summary)),
  target(
    "manifest",
    "json",
    mutateLines,
    store((text) => parseManifest(idOf(9), text))
  ),
  target(
    "record",
    "json",
    mutateLines,
    store((text) => checkSum(idOf(7), text))
  ),
  target("index", "log", mutateLines, store(indexLines)),
  target("tarball", "tgz", mutateTarball, (path) =>
    Effect.as(
      readFiles({ path } as never, () => true, "any file"),
      undefined
    )
  ),
  target("lz4", "feather", mutateBytes)
]
