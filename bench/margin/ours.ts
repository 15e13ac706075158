/** One solve as `asterism margin` makes it, threshold by threshold. */
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import type { Relevance, Threshold } from "../../compute/margin/Relevance.ts"
import type { BoundedBy } from "../../compute/margin/bound/upperBounds.ts"
import { solveMargin, type MarginRecord } from "../../compute/margin/solveMargin.ts"

export interface Ours {
  readonly margin: number
  readonly bound: number
  readonly boundedBy: BoundedBy
  readonly gap: number
}

export interface Solve {
  readonly record: MarginRecord
  readonly margins: { readonly [T in Threshold]?: Ours }
  readonly embeddings: { readonly [T in Threshold]?: EmbeddingPair }
  readonly seconds: number
}

export interface SolveOptions {
  readonly dim: number
  /** Wall seconds for all thresholds together. */
  readonly time: number
  /** Margins to look for; default all. */
  readonly thresholds?: ReadonlyArray<Threshold>
  readonly warm?: ReadonlyArray<EmbeddingPair>
}

/** What a record says of one threshold; undefined where the matrix has none. */
export const ofThreshold = (record: MarginRecord, threshold: Threshold): Ours | undefined => {
  const [margin, bound, boundedBy, gap] = {
    zero: [record.margin, record.upperBound, record.boundedBy, record.gap] as const,
    global: [
      record.marginShifted,
      record.upperBoundShifted,
      record.boundedByShifted,
      record.gapShifted
    ] as const,
    row: [record.marginRow, record.upperBoundRow, record.boundedByRow, record.gapRow] as const
  }[threshold]
  if (margin === null || bound === null || boundedBy === null || gap === null) return undefined
  return { margin, bound, boundedBy, gap }
}

export const solve = async (a: Relevance, options: SolveOptions): Promise<Solve> => {
  const { dim, thresholds = ["zero", "global", "row"], time, warm } = options
  const started = performance.now()
  const { embeddings, record } = await solveMargin(a, {
    dim,
    time,
    thresholds,
    ...(warm === undefined ? {} : { warm })
  })
  const margins: { [T in Threshold]?: Ours } = {}
  for (const threshold of thresholds) {
    const found = ofThreshold(record, threshold)
    if (found !== undefined) margins[threshold] = found
  }
  return { record, margins, embeddings, seconds: (performance.now() - started) / 1000 }
}
