/** What `asterism margin` does: reads A, solves from what was found before, and saves embeddings and certificates. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { ReadOptions } from "../../artifacts/files/readMatrix.ts"
import { writeMatrix } from "../../artifacts/files/writeMatrix.ts"
import { certificateOf } from "../../compute/margin/bound/proof/MarginCertificate.ts"
import { thresholds } from "../../compute/margin/bound/proof/Proof.ts"
import type { Threshold } from "../../compute/margin/Relevance.ts"
import {
  solveMargin as solve,
  type MarginRecord,
  type SolvedMargin
} from "../../compute/margin/solveMargin.ts"
import { InputError } from "../../schemas/errors.ts"
import { writeCertificate } from "../../stages/retrieval/certificateFile.ts"
import { tell } from "../matrixInput.ts"
import { foundBefore, isStore, keepFound } from "./found.ts"
import { namedRelevance, type NamedRelevance } from "./relevance.ts"

export interface MarginOptions {
  readonly dim: number
  readonly time: Duration.Duration
  readonly rounds: number | undefined
  readonly tight: boolean
  readonly seed: string
  readonly save: string | undefined
  /** The store's folder, where what was found is looked for and kept; undefined with --no-store. */
  readonly store: string | undefined
  readonly read: ReadOptions
  readonly onProgress:
    ((best: { readonly threshold: Threshold; readonly margin: number }) => void) | undefined
}

export const solveMargin = Effect.fn("margin/solve")(function* (
  text: string,
  options: MarginOptions
): Effect.fn.Return<MarginRecord & { readonly notes: ReadonlyArray<string> }, InputError> {
  const named = yield* namedRelevance(text, options.read)
  const { notes, relevance } = named
  yield* tell(notes)
  const store =
    options.store !== undefined && Number.isFinite(options.dim) && isStore(options.store)
      ? options.store
      : undefined
  const found =
    store === undefined ? { pairs: [], notes: [] } : yield* foundBefore(store, relevance, options.dim)
  yield* tell(found.notes)
  const solved = yield* Effect.tryPromise({
    try: () =>
      solve(relevance, {
        dim: options.dim,
        time: Duration.toSeconds(options.time),
        ...(options.rounds === undefined ? {} : { rounds: options.rounds }),
        seed: options.seed,
        tight: options.tight,
        warm: found.pairs,
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress })
      }),
    catch: (cause) =>
      new InputError({
        what: cause instanceof Error ? cause.message : String(cause),
        where: "A",
        next: "take a smaller matrix or a lower dimension"
      })
  })
  if (store !== undefined) {
    const margins = Object.fromEntries(
      thresholds.flatMap((threshold) => {
        const { margin } = claimedOf(solved.record, threshold)
        return margin === null ? [] : [[threshold, margin]]
      })
    )
    // A store that can only be read, or is full, costs what would have been kept and nothing else.
    yield* keepFound(store, relevance, options.dim, solved.embeddings, margins).pipe(
      Effect.catchCause(() => tell([`What was found could not be kept in ${store}.`]))
    )
  }
  if (options.save !== undefined) yield* save(options.save, named, solved)
  return { ...solved.record, notes }
})

/** The bound and the margin of one threshold. */
const claimedOf = (
  record: MarginRecord,
  threshold: Threshold
): { readonly bound: number | null; readonly margin: number | null } => {
  switch (threshold) {
    case "zero":
      return { bound: record.upperBound, margin: record.margin }
    case "global":
      return { bound: record.upperBoundShifted, margin: record.marginShifted }
    case "row":
      return { bound: record.upperBoundRow, margin: record.marginRow }
  }
}

const save = Effect.fn("margin/save")(function* (
  folder: string,
  { documents, queries, relevance }: NamedRelevance,
  { embeddings, proofs, record }: SolvedMargin
) {
  yield* Effect.try({
    try: () => mkdirSync(folder, { recursive: true }),
    catch: (cause) =>
      new InputError({
        what: `The folder cannot be made: ${cause instanceof Error ? cause.message : String(cause)}.`,
        where: folder
      })
  })
  const dim = record.dim === "inf" ? Number.POSITIVE_INFINITY : record.dim
  for (const threshold of thresholds) {
    const pair = embeddings[threshold]
    if (pair !== undefined) {
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
    const proof = proofs[threshold]
    const { bound, margin } = claimedOf(record, threshold)
    if (proof === undefined || bound === null) continue
    const claim =
      pair === undefined ? { bound, proof, margin: null } : { bound, proof, margin, embeddings: pair }
    yield* writeCertificate(
      join(folder, `${threshold}-certificate.npz`),
      certificateOf(relevance, dim, { [threshold]: claim })
    )
  }
})
