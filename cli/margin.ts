/** What `asterism margin` does: reads A, solves, and saves the embeddings where asked. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { ReadOptions } from "../artifacts/files/readMatrix.ts"
import { readRelevance } from "../artifacts/files/readRelevance.ts"
import { writeMatrix } from "../artifacts/files/writeMatrix.ts"
import { fromLists, type Relevance } from "../compute/margin/Relevance.ts"
import { relevanceOfText } from "../compute/margin/relevanceText.ts"
import { solveMargin as solve, type MarginRecord } from "../compute/margin/solveMargin.ts"
import { InputError } from "../schemas/errors.ts"
import { inputOf, tell } from "./matrixInput.ts"

interface Named {
  readonly relevance: Relevance
  readonly queries: ReadonlyArray<string>
  readonly documents: ReadonlyArray<string>
  /** What was assumed in reading the file. */
  readonly notes: ReadonlyArray<string>
}

const named = Effect.fn("margin/relevance")(function* (
  text: string,
  given: ReadOptions
): Effect.fn.Return<Named, InputError> {
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

export const solveMargin = Effect.fn("margin/solve")(function* (
  text: string,
  options: {
    readonly dim: number
    readonly time: Duration.Duration
    readonly seed: string
    readonly save: string | undefined
    readonly read: ReadOptions
  }
): Effect.fn.Return<MarginRecord & { readonly notes: ReadonlyArray<string> }, InputError> {
  const { relevance, queries, documents, notes } = yield* named(text, options.read)
  yield* tell(notes)
  const solved = yield* Effect.tryPromise({
    try: () =>
      solve(relevance, { dim: options.dim, time: Duration.toSeconds(options.time), seed: options.seed }),
    catch: (cause) =>
      new InputError({
        what: cause instanceof Error ? cause.message : String(cause),
        where: "A",
        next: "take a smaller matrix or a lower dimension"
      })
  })
  if (options.save !== undefined) {
    const folder = options.save
    yield* Effect.try({
      try: () => mkdirSync(folder, { recursive: true }),
      catch: (cause) =>
        new InputError({
          what: `The folder cannot be made: ${cause instanceof Error ? cause.message : String(cause)}.`,
          where: folder
        })
    })
    for (const [threshold, pair] of Object.entries(solved.embeddings)) {
      const matrices = {
        queries: { keys: queries, dims: pair.dims, data: pair.queries },
        documents: { keys: documents, dims: pair.dims, data: pair.documents }
      }
      for (const [side, matrix] of Object.entries(matrices)) {
        for (const extension of ["npy", "parquet"]) {
          yield* writeMatrix(join(folder, `${threshold}-${side}.${extension}`), matrix)
        }
      }
    }
  }
  return { ...solved.record, notes }
})
