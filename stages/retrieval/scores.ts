/** Rows of the margin tables. */
import * as Effect from "effect/Effect"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import { margins } from "../../compute/margin/margins.ts"
import { packingBounds } from "../../compute/margin/packing.ts"
import type { Relevance } from "../../compute/margin/Relevance.ts"
import type { ArtifactError } from "../../schemas/errors.ts"
import type { ReaderOf, ValueOf } from "../../schemas/Kind.ts"
import type { MarginBounds } from "../../schemas/MarginBounds.ts"
import type { MarginScores } from "../../schemas/MarginScores.ts"

type MarginRow = ValueOf<typeof MarginScores>[number]

/** The dimension-free bounds of the matrix, by threshold, where they are known. */
export type Uppers = { readonly [threshold: string]: number | null | undefined }

export const readUppers = Effect.fnUntraced(function* (
  bounds: ReaderOf<typeof MarginBounds> | undefined
): Effect.fn.Return<Uppers, ArtifactError> {
  if (bounds === undefined) return {}
  return Object.fromEntries((yield* bounds.read).rows.map((row) => [row.threshold, row.upper]))
})

/** Three rows, one a threshold, with the smaller of the packing and the dimension-free bound. `recipe`: how they were trained. */
export const marginRows = (
  a: Relevance,
  pair: EmbeddingPair,
  method: string,
  uppers: Uppers,
  recipe?: { readonly [param: string]: unknown }
): ReadonlyArray<MarginRow> => {
  const measured = margins(a, pair.queries, pair.documents, pair.dims)
  const packing = packingBounds(a, pair.dims)
  return (["zero", "global", "row"] as const).map((threshold) => {
    const margin = measured[threshold]
    const free = uppers[threshold]
    const packed = threshold === "row" ? packing.row : packing.shared
    const upper = margin === null ? null : Math.min(packed, free ?? 1)
    return {
      method,
      rows: a.rows,
      documents: a.columns,
      dims: pair.dims,
      threshold,
      margin,
      roundingBound: measured.roundingBound,
      relativeBias: threshold === "global" ? measured.relativeBias : threshold === "zero" ? 0 : null,
      upperBound: upper,
      boundedBy: upper === null ? null : packed <= (free ?? 1) ? "packing" : "dimension-free",
      gap: upper === null || margin === null ? null : (upper - margin) / upper,
      rankedRight: measured.rankedRows / a.rows,
      oneClassRows: measured.oneClassRows,
      recipe: recipe === undefined ? null : JSON.stringify(recipe)
    }
  })
}
