/**
 * The answer to "how large a margin can dimension d give A?": for each of the three thresholds the best embeddings found
 * and the smallest proved bound. This is what `asterism margin` prints.
 *
 * Bounds: dimension-free (certificate) and packing, the smaller counts; what bounds a looser threshold bounds a stricter
 * one too. Margins: each threshold has its own embeddings, or those of a stricter threshold where they are better, so
 * margin ≤ marginShifted ≤ marginRow always holds. `time` bounds the search; a search that ends within it is
 * deterministic given the seed.
 */
import { dimensionFree, type DimensionFree } from "./bound/dimensionFree.ts"
import type { Proof } from "./bound/proof/Proof.ts"
import { upperBounds, type BoundedBy } from "./bound/upperBounds.ts"
import { distinctColumns, ofAll, ofDistinct } from "./distinctColumns.ts"
import { zeroPad, type EmbeddingPair } from "./EmbeddingPair.ts"
import type { Threshold } from "./kernels/MarginKernel.ts"
import { margins } from "./margins.ts"
import { hasThreshold, oneClassRows, positives, singleClass, type Relevance } from "./Relevance.ts"
import { solveDimension } from "./solve/solveDimension.ts"
import { openPool, type SearchPool } from "./threads/pool.ts"

/** All margins are half gaps, less their rounding bounds. Null where a threshold has no meaning for A. */
export interface MarginRecord {
  readonly rows: number
  readonly cols: number
  readonly dim: number | "inf"
  readonly margin: number
  readonly marginShifted: number | null
  readonly marginRow: number | null
  /** The threshold of `marginShifted`. */
  readonly relativeBias: number | null
  readonly upperBound: number
  readonly upperBoundShifted: number | null
  readonly upperBoundRow: number | null
  /** (upper bound − margin) / upper bound. */
  readonly gap: number
  readonly gapShifted: number | null
  readonly gapRow: number | null
  /** What proves `upperBound`, and the other two. */
  readonly boundedBy: BoundedBy
  readonly boundedByShifted: BoundedBy | null
  readonly boundedByRow: BoundedBy | null
  /** Rows left out of marginRow because all of their entries are alike. */
  readonly oneClassRows: number
  /** What a reader should know, in sentences. */
  readonly notes: ReadonlyArray<string>
  readonly seconds: number
}

export interface SolveMarginOptions {
  readonly dim: number
  /** Seconds; default 60. */
  readonly time?: number
  /** Rounds of the search for each threshold instead of a time for it: the same result on every machine. */
  readonly rounds?: number
  readonly seed?: string
  /** Threads of the search; default one a core. */
  readonly threads?: number
  /** Embeddings of this matrix in dimension ≤ dim, such as those of an earlier solve: no margin falls below theirs. */
  readonly warm?: ReadonlyArray<EmbeddingPair>
  /** Which margins to look for; default all. A margin left out is what the others' embeddings give. */
  readonly thresholds?: ReadonlyArray<Threshold>
  /** Narrow the dimension-free bounds beyond .2 %. */
  readonly tight?: boolean
  /** Called when a better margin is found. */
  readonly onProgress?: (best: { readonly threshold: Threshold; readonly margin: number }) => void
}

export interface SolvedMargin {
  readonly record: MarginRecord
  /** The embeddings of each margin. */
  readonly embeddings: { readonly [T in Threshold]?: EmbeddingPair }
  /** What proves each bound, over the distinct columns of A (`distinctColumns`). */
  readonly proofs: { readonly [T in Threshold]?: Proof }
}

const order: ReadonlyArray<Threshold> = ["zero", "global", "row"]

export const solveMargin = async (a: Relevance, options: SolveMarginOptions): Promise<SolvedMargin> => {
  const distinct = distinctColumns(a)
  const pool = openPool(distinct.relevance, options.threads)
  const warm = (options.warm ?? []).map((pair) => ofDistinct(pair, distinct))
  const solved = solveDistinct(distinct.relevance, { ...options, warm }, pool)
  const { embeddings, proofs, record } = await solved.finally(() => pool.close())
  const merged = a.columns - distinct.relevance.columns
  if (merged === 0) return { embeddings, proofs, record }
  const note = `${a.columns} columns were given; ${a.columns - merged} are distinct, and equal columns share one embedding.`
  return {
    record: { ...record, cols: a.columns, notes: [...record.notes, note] },
    embeddings: Object.fromEntries(
      Object.entries(embeddings).map(([threshold, pair]) => [threshold, ofAll(pair, distinct)])
    ),
    proofs
  }
}

/** `solveMargin` for a matrix without equal columns. */
const solveDistinct = async (
  a: Relevance,
  options: SolveMarginOptions,
  pool: SearchPool
): Promise<SolvedMargin> => {
  const started = performance.now()
  const time = (options.time ?? 60) * 1000
  /** Whether a share of the time that was left at `from` is over; a twentieth is kept for what comes after. */
  const until = (share: number, from = started) => {
    const end = from + share * (started + 0.95 * time - from)
    return (): boolean => performance.now() > end
  }
  const finite = Number.isFinite(options.dim)
  const thresholds = order.filter((threshold) => hasThreshold(a, threshold))

  // Dimension-free: all of the time for d = ∞, at most 40 % of it otherwise.
  const free = new Map<Threshold, DimensionFree>()
  thresholds.forEach((threshold, at) => {
    const share = ((at + 1) / thresholds.length) * (finite ? 0.4 : 1)
    free.set(threshold, dimensionFree(a, threshold, { shouldStop: until(share) }))
  })
  const upper = upperBounds(a, options.dim, free)

  const found = new Map<Threshold, EmbeddingPair>()
  const lower = new Map<Threshold, number>()
  /** Offers one pair to every threshold at least as loose as the one it was made for. */
  const offer = (pair: EmbeddingPair): void => {
    const measured = margins(a, pair.queries, pair.documents, pair.dims)
    for (const threshold of thresholds) {
      const value = measured[threshold]
      if (
        value === null ||
        value - measured.roundingBound <= (lower.get(threshold) ?? Number.NEGATIVE_INFINITY)
      )
        continue
      lower.set(threshold, value - measured.roundingBound)
      found.set(threshold, pair)
    }
  }
  const notes: Array<string> = []
  if (finite) {
    for (const pair of options.warm ?? []) offer(zeroPad(pair, options.dim))
    const searched = thresholds.filter((threshold) => options.thresholds?.includes(threshold) ?? true)
    for (const [at, threshold] of searched.entries()) {
      const optimum = free.get(threshold)?.embeddings
      const left = (started + 0.95 * time - performance.now()) / 1000 / (searched.length - at)
      const bound = upper.get(threshold)?.value
      offer(
        await solveDimension(a, threshold, {
          dims: options.dim,
          seed: options.seed ?? "0",
          ...(options.rounds === undefined ? { time: Math.max(0, left) } : { rounds: options.rounds }),
          ...(optimum === undefined ? {} : { dimensionFree: optimum }),
          ...(bound === undefined ? {} : { upper: bound }),
          warm: [...new Set(found.values())],
          pool,
          onBest: (margin) => options.onProgress?.({ threshold, margin })
        })
      )
    }
  } else {
    for (const threshold of thresholds) {
      const solution = free.get(threshold)
      if (solution?.embeddings !== undefined) offer(solution.embeddings)
      else if (solution?.lower != null)
        lower.set(threshold, Math.max(solution.lower, lower.get(threshold) ?? Number.NEGATIVE_INFINITY))
    }
    // Without embeddings in memory a stricter threshold's margin still holds for the looser ones.
    for (let at = 1; at < thresholds.length; at++) {
      const before = lower.get(thresholds[at - 1]) ?? Number.NEGATIVE_INFINITY
      if (before > (lower.get(thresholds[at]) ?? Number.NEGATIVE_INFINITY)) lower.set(thresholds[at], before)
    }
    if (thresholds.some((threshold) => free.get(threshold)?.embeddings === undefined)) {
      notes.push(
        "The embeddings are given by a formula and were not written out: they would fill too much memory."
      )
    }
  }
  const single = oneClassRows(a)
  if (singleClass(a)) {
    notes.push(
      `Every entry of A is ${positives(a) === 0 ? "0" : "1"}: there is no second class for a global or row threshold to part it from.`
    )
  } else if (single > 0) {
    notes.push(`${single} of ${a.rows} rows have only one class; marginRow leaves them out.`)
  }
  const copies = a.weights?.reduce((sum, weight) => sum + weight, 0) ?? a.rows
  if (copies > a.rows)
    notes.push(`${copies} rows were given; ${a.rows} are distinct, and equal rows share one embedding.`)

  const shifted = found.get("global")
  const relativeBias =
    shifted === undefined ? null : margins(a, shifted.queries, shifted.documents, shifted.dims).relativeBias
  const value = (threshold: Threshold): number | null => lower.get(threshold) ?? null
  const bound = (threshold: Threshold): number | null => upper.get(threshold)?.value ?? null
  const by = (threshold: Threshold): BoundedBy | null => upper.get(threshold)?.by ?? null
  const gap = (threshold: Threshold): number | null => {
    const top = bound(threshold)
    const reached = value(threshold)
    return top === null || reached === null ? null : (top - reached) / top
  }
  if (finite && (gap("global") ?? 0) > 0.25) {
    notes.push(
      `The gap stays large: in dimension ${options.dim} the proved bounds (dimension-free and packing) do not see most of what low dimension costs.`
    )
  }
  return {
    record: {
      rows: a.rows,
      cols: a.columns,
      dim: finite ? options.dim : "inf",
      margin: value("zero")!,
      marginShifted: value("global"),
      marginRow: value("row"),
      relativeBias,
      upperBound: bound("zero")!,
      upperBoundShifted: bound("global"),
      upperBoundRow: bound("row"),
      gap: gap("zero")!,
      gapShifted: gap("global"),
      gapRow: gap("row"),
      boundedBy: by("zero")!,
      boundedByShifted: by("global"),
      boundedByRow: by("row"),
      oneClassRows: single,
      notes,
      seconds: (performance.now() - started) / 1000
    },
    embeddings: Object.fromEntries(
      [...found].map(([threshold, pair]) => [threshold, finite ? zeroPad(pair, options.dim) : pair])
    ),
    proofs: Object.fromEntries([...upper].map(([threshold, { proof }]) => [threshold, proof]))
  }
}
