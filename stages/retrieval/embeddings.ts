/** Pairs of embeddings as artifacts: float64 matrices keyed by query and document. */
import * as Effect from "effect/Effect"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import { normaliseRows } from "../../compute/margin/margins.ts"
import type { Relevance } from "../../compute/margin/Relevance.ts"
import { InputError, type ArtifactError } from "../../schemas/errors.ts"
import type { MatrixReader } from "../../schemas/Kind.ts"
import type { Matrix } from "../../schemas/Matrix.ts"

/** The two outputs `queries` and `documents`. */
export const pairOutputs = (
  pair: EmbeddingPair,
  queryKeys: ReadonlyArray<string>,
  documentKeys: ReadonlyArray<string>
): { readonly queries: Matrix<Float64Array>; readonly documents: Matrix<Float64Array> } => ({
  queries: { keys: queryKeys, dims: pair.dims, data: pair.queries },
  documents: { keys: documentKeys, dims: pair.dims, data: pair.documents }
})

/**
 * Reads a pair for a relevance matrix and puts its rows on the sphere. Queries are joined by key with the matrix's rows;
 * documents are joined by key with `documentKeys` where all of those are there, and taken in order where the counts agree.
 */
export const readPair = Effect.fn("retrieval/readPair")(function* (
  a: Relevance,
  queryKeys: ReadonlyArray<string>,
  documentKeys: ReadonlyArray<string>,
  queryReader: MatrixReader,
  documentReader: MatrixReader
): Effect.fn.Return<EmbeddingPair, ArtifactError | InputError> {
  const queries = yield* queryReader.read
  const documents = yield* documentReader.read
  if (queries.dims !== documents.dims) {
    return yield* new InputError({
      what: `The queries have ${queries.dims} dimensions and the documents ${documents.dims}.`,
      where: "inputs queries and documents",
      expected: "embeddings in one space"
    })
  }
  return {
    dims: queries.dims,
    queries: normaliseRows(yield* inOrder(queries, queryKeys, "queries", a.rows), queries.dims),
    documents: normaliseRows(yield* inOrder(documents, documentKeys, "documents", a.columns), documents.dims)
  }
})

const inOrder = (
  matrix: Matrix,
  keys: ReadonlyArray<string>,
  where: string,
  count: number
): Effect.Effect<Float64Array, InputError> => {
  const at = new Map(matrix.keys.map((key, row) => [key, row]))
  const missing = keys.find((key) => !at.has(key))
  if (missing !== undefined && matrix.keys.length !== count) {
    return Effect.fail(
      new InputError({
        what: `There is no row '${missing}', and the ${matrix.keys.length} rows cannot be taken in order for ${count}.`,
        where: `input '${where}'`,
        expected: "a row for each query and document of the relevance matrix"
      })
    )
  }
  const data = new Float64Array(count * matrix.dims)
  for (let row = 0; row < count; row++) {
    const from = missing === undefined ? at.get(keys[row])! : row
    for (let k = 0; k < matrix.dims; k++) data[row * matrix.dims + k] = matrix.data[from * matrix.dims + k]
  }
  return Effect.succeed(data)
}
