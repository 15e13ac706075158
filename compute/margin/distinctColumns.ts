/**
 * Documents that the same queries ask for can share one embedding: margins are least values over pairs, so a matrix and
 * the one with each distinct column kept once have the same margins, bounds and row thresholds in every dimension. LIMIT
 * has 50,000 documents, of which 49,954 are asked for by nobody: 47 distinct columns. Cost O(nnz + n).
 */
import type { EmbeddingPair } from "./EmbeddingPair.ts"
import type { Relevance } from "./Relevance.ts"

export interface DistinctColumns {
  /** The matrix with each distinct column once, in order of first appearance. Rows stay as they are, and distinct. */
  readonly relevance: Relevance
  /** The distinct column that each column became. */
  readonly columnOf: Uint32Array
  /** The first column of each distinct one. */
  readonly firstOf: Uint32Array
}

export const distinctColumns = (a: Relevance): DistinctColumns => {
  const classOf = columnClasses(a)
  const numbers = new Map<number, number>()
  const firstOf: Array<number> = []
  const columnOf = classOf.map((name, column) => {
    const distinct = numbers.get(name) ?? firstOf.push(column) - 1
    numbers.set(name, distinct)
    return distinct
  })
  if (firstOf.length === a.columns) return { relevance: a, columnOf, firstOf: columnOf }

  const indptr = new Uint32Array(a.rows + 1)
  const indices: Array<number> = []
  for (let j = 0; j < a.rows; j++) {
    // Of equal columns a row marks all or none: its first ones stand for them.
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) {
      const column = a.indices[e]
      if (firstOf[columnOf[column]] === column) indices.push(columnOf[column])
    }
    indptr[j + 1] = indices.length
  }
  return {
    relevance: { ...a, columns: firstOf.length, indptr, indices: Uint32Array.from(indices) },
    columnOf,
    firstOf: Uint32Array.from(firstOf)
  }
}

/** A class for each column, the same for equal ones: all begin in one, and each row parts those it marks from the rest. */
const columnClasses = (a: Relevance): Uint32Array => {
  const classOf = new Uint32Array(a.columns)
  const size = [a.columns]
  for (let j = 0; j < a.rows && size.length < a.columns; j++) {
    const marked = new Map<number, number>()
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) {
      const of = classOf[a.indices[e]]
      marked.set(of, (marked.get(of) ?? 0) + 1)
    }
    const parted = new Map<number, number>()
    for (const [of, count] of marked) {
      if (count === size[of]) continue
      parted.set(of, size.push(count) - 1)
      size[of] -= count
    }
    for (let e = a.indptr[j]; e < a.indptr[j + 1]; e++) {
      const column = a.indices[e]
      classOf[column] = parted.get(classOf[column]) ?? classOf[column]
    }
  }
  return classOf
}

const takeRows = (data: Float64Array, dims: number, rows: Uint32Array): Float64Array => {
  const result = new Float64Array(rows.length * dims)
  rows.forEach((row, at) => result.set(data.subarray(row * dims, (row + 1) * dims), at * dims))
  return result
}

/** Embeddings of the distinct columns, from embeddings of all: those of each one's first column. */
export const ofDistinct = (pair: EmbeddingPair, { columnOf, firstOf }: DistinctColumns): EmbeddingPair =>
  firstOf === columnOf ? pair : { ...pair, documents: takeRows(pair.documents, pair.dims, firstOf) }

/** Embeddings of all columns, from embeddings of the distinct ones. */
export const ofAll = (pair: EmbeddingPair, { columnOf, firstOf }: DistinctColumns): EmbeddingPair =>
  firstOf === columnOf ? pair : { ...pair, documents: takeRows(pair.documents, pair.dims, columnOf) }
