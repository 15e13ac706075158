/** The relevance matrix that a command was given: a generated one, or a file with the names of its rows and columns. */
import * as Effect from "effect/Effect"
import type { ReadOptions } from "../../artifacts/files/readMatrix.ts"
import { readRelevance } from "../../artifacts/files/readRelevance.ts"
import { fromLists, type Relevance } from "../../compute/margin/Relevance.ts"
import { relevanceOfText } from "../../compute/margin/relevanceText.ts"
import { InputError } from "../../schemas/errors.ts"
import { inputOf } from "../matrixInput.ts"

export interface NamedRelevance {
  readonly relevance: Relevance
  readonly queries: ReadonlyArray<string>
  readonly documents: ReadonlyArray<string>
  /** What was assumed in reading the file. */
  readonly notes: ReadonlyArray<string>
}

export const namedRelevance = Effect.fn("margin/relevance")(function* (
  text: string,
  given: ReadOptions
): Effect.fn.Return<NamedRelevance, InputError> {
  const generated = yield* Effect.try({
    try: () => relevanceOfText(text),
    catch: (cause) =>
      new InputError({
        what: cause instanceof Error ? cause.message : String(cause),
        where: "A",
        expected: "complete:n,k, random:n,k,N,seed or a file"
      })
  })
  if (generated !== undefined) {
    if (Object.keys(given).length > 0)
      return yield* new InputError({
        what: `${text} is no file, and takes no ${Object.keys(given)
          .map((name) => `--${name}`)
          .join(" and no ")}.`,
        where: "A",
        expected: "these options with a matrix file"
      })
    return {
      relevance: generated,
      queries: Array.from({ length: generated.rows }, (_, j) => `query-${j}`),
      documents: Array.from({ length: generated.columns }, (_, i) => `document-${i}`),
      notes: []
    }
  }
  const { path, options } = yield* inputOf(text, given)
  const { documents, notes, queries, relevant } = yield* readRelevance(path, options)
  const relevance = fromLists(documents.length, relevant)
  // Equal rows share one embedding, named after the first query that had it.
  const seen = new Set<string>()
  const kept = queries.filter((_, j) => {
    const key = relevant[j].join(",")
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
  return { relevance, queries: kept, documents, notes }
})
