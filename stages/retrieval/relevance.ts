/** Relevance matrices as artifacts: to and from the in-memory form that the mathematics uses. */
import * as Effect from "effect/Effect"
import { distinctRows, type Relevance } from "../../compute/margin/Relevance.ts"
import { InputError, type ArtifactError } from "../../schemas/errors.ts"
import type { SparseReader, TableReader, ValueOf } from "../../schemas/Kind.ts"
import type { SparseRows } from "../../schemas/Matrix.ts"
import { sparseFault } from "../../schemas/sparseFault.ts"
import type { RelevanceKeys } from "../../schemas/RelevanceKeys.ts"
import type { RelevanceMatrix } from "../../schemas/RelevanceMatrix.ts"

export interface NamedRelevance {
  readonly relevance: Relevance
  readonly queries: ReadonlyArray<string>
  readonly documents: ReadonlyArray<string>
}

const digits = (count: number): number => String(Math.max(0, count - 1)).length

/** `query-007`: names for generated rows, in numeric and alphabetic order alike. */
export const numberedKeys = (prefix: string, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(digits(count), "0")}`)

export const relevanceOutputs = ({
  relevance,
  queries,
  documents
}: NamedRelevance): {
  readonly relevance: ValueOf<typeof RelevanceMatrix>
  readonly keys: ValueOf<typeof RelevanceKeys>
} => {
  const matrix: SparseRows = {
    keys: queries,
    dims: relevance.columns,
    indptr: relevance.indptr,
    indices: relevance.indices
  }
  return {
    relevance: matrix,
    keys: [
      ...queries.map((key, j) => ({ side: "query", key, weight: relevance.weights?.[j] ?? 1 })),
      ...documents.map((key) => ({ side: "document", key, weight: 1 }))
    ]
  }
}

/** Judgements by id, equal rows merged under the first query's name. */
export const namedOf = (
  queries: ReadonlyArray<string>,
  documents: ReadonlyArray<string>,
  relevant: ReadonlyArray<ReadonlyArray<number>>
): NamedRelevance => {
  const indptr = new Uint32Array(queries.length + 1)
  relevant.forEach((row, j) => (indptr[j + 1] = indptr[j] + row.length))
  const indices = Uint32Array.from(relevant.flat())
  const { relevance, order } = distinctRows(queries.length, documents.length, indptr, indices)
  const names: Array<string> = []
  order.forEach((row, j) => (names[row] ??= queries[j]))
  return { relevance, queries: names, documents }
}

/** Reads a relevance matrix; entries with a stored value at or below 0 are not relevant. */
export const readRelevanceMatrix = Effect.fn("retrieval/readRelevance")(function* (
  reader: SparseReader
): Effect.fn.Return<Relevance & { readonly keys: ReadonlyArray<string> }, ArtifactError | InputError> {
  const { keys, dims, indptr, indices, values } = yield* reader.read
  if (keys.length === 0 || dims === 0) {
    return yield* new InputError({ what: "The relevance matrix is empty.", where: "input 'relevance'" })
  }
  const fault = sparseFault(keys.length, { dims, indptr, indices })
  if (fault !== undefined) return yield* new InputError({ what: fault, where: "input 'relevance'" })
  const starts = new Uint32Array(keys.length + 1)
  const kept: Array<number> = []
  for (let j = 0; j < keys.length; j++) {
    for (let e = Number(indptr[j]); e < Number(indptr[j + 1]); e++) {
      if (values === undefined || values[e] > 0) kept.push(indices[e])
    }
    starts[j + 1] = kept.length
  }
  return { keys, rows: keys.length, columns: dims, indptr: starts, indices: Uint32Array.from(kept) }
})

/** Document names in column order; numbers where no keys are wired. */
export const documentKeys = Effect.fn("retrieval/documentKeys")(function* (
  keys: TableReader<(typeof RelevanceKeys)["columns"] & {}> | undefined,
  columns: number
): Effect.fn.Return<ReadonlyArray<string>, ArtifactError> {
  if (keys === undefined) return numberedKeys("document", columns)
  const table = yield* keys.read
  const names = table.rows.flatMap((row) => (row.side === "document" ? [String(row.key)] : []))
  return names.length === columns ? names : numberedKeys("document", columns)
})
