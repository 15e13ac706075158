/**
 * A view made ready for pairwise scores: its neighbour lists, HSIC terms and CCA basis, each computed once for a view and
 * a set of rows, however many pairs it is part of. Preparing V views costs V times what a pair's script pays V − 1 times
 * over for each.
 *
 * Up to `gramRows` rows the whole Gram matrix is kept and serves all three. Above, neighbours are searched by blocks and
 * HSIC and SVCCA go through the features, so that memory is linear in the rows.
 */
import type { Convention } from "./conventions.ts"
import { gram } from "./gram.ts"
import { hsicTermsOfGram, hsicTermsOfRows } from "./hsic.ts"
import type { HsicTerms } from "./hsic.ts"
import type { MetricSpec } from "./metrics.ts"
import { sizeKind } from "./metrics.ts"
import { neighboursOf, neighboursOfGram } from "./neighbours.ts"
import type { Neighbours, SelfExclusion } from "./neighbours.ts"
import { firstEqualRows } from "./repeats.ts"
import { isCompressed } from "./rows.ts"
import type { CompressedRows, DenseRows, Rows } from "./rows.ts"
import { multiplied, viewScale } from "./scale.ts"
import { ccaBasis, standardiseColumns } from "./svcca.ts"
import type { CcaBasis } from "./svcca.ts"

/** What a list of metrics needs of each view: the largest k and q (0: none), and whether HSIC. */
export interface Needs {
  readonly k: number
  readonly q: number
  readonly hsic: boolean
  /** The largest k of CKNNA. */
  readonly cknna?: number
}

export interface PreparedView {
  readonly n: number
  readonly neighbours: Neighbours | undefined
  /** Lists for CKNNA where `neighbours` drops rank 0: the code that does so has no CKNNA, its authors' source masks rows. */
  readonly masked?: Neighbours | undefined
  readonly hsic: HsicTerms | undefined
  readonly basis: CcaBasis | undefined
  /** For each row the first row equal to it; undefined where all rows differ. */
  readonly firstEqual: Int32Array | undefined
}

/** Up to this many rows a Gram matrix is kept whole (18 MB of float64). */
export const GRAM_ROWS = 1500

export const needsOf = (specs: ReadonlyArray<MetricSpec>): Needs => {
  let k = 0
  let q = 0
  let hsic = false
  let cknna = 0
  for (const { name, size } of specs) {
    if (name === "cknna" || name === "cknna_biased") cknna = Math.max(cknna, size ?? 0)
    if (sizeKind[name] === "k") k = Math.max(k, size ?? 0)
    else if (sizeKind[name] === "q") q = Math.max(q, size ?? 0)
    else hsic = true
  }
  return { k, q, hsic, cknna }
}

/**
 * Prepares one view. All views of a comparison must be prepared with the same options and number of rows. Throws a
 * RangeError where k > n − 1.
 */
export const prepareView = (
  given: Rows,
  needs: Needs,
  options: { readonly convention: Convention; readonly gramRows?: number }
): PreparedView => {
  const n = given.rows
  const { convention } = options
  const { cknna = 0 } = needs
  const factor = viewScale(given)
  const rows = factor === 1 ? given : multiplied(given, factor)
  const keepsGram = n <= (options.gramRows ?? GRAM_ROWS)
  const whole = keepsGram && (needs.k > 0 || needs.hsic) ? gram(rows) : undefined
  const search = (k: number, exclusion: SelfExclusion): Neighbours => {
    const ties = convention === "exact"
    if (factor !== 1) return extremeNeighbours(multiplied(given, factor, UP), k, exclusion, ties)
    if (whole === undefined) return neighboursOf(rows, k, exclusion, undefined, { ties })
    const single = (isCompressed(rows) ? rows.values : rows.data) instanceof Float32Array
    return neighboursOfGram(whole, n, k, exclusion, { ties, single })
  }
  const neighbours = needs.k === 0 ? undefined : search(needs.k, convention === "l2prh" ? "rank0" : "mask")
  const masked = convention === "l2prh" && cknna > 0 ? search(cknna, "mask") : undefined
  const hsic = !needs.hsic
    ? undefined
    : whole === undefined
      ? hsicTermsOfRows(rows)
      : hsicTermsOfGram(whole, n)
  const basis =
    needs.q === 0
      ? undefined
      : convention === "prh"
        ? ccaBasis(standardiseColumns(isCompressed(rows) ? toDense(rows) : rows), needs.q)
        : ccaBasis(rows, needs.q, whole)
  const own = neighbours?.own ?? squaresOf(rows)
  return { n, neighbours, masked, hsic, basis, firstEqual: firstEqualRows(given, own) }
}

/** Products of rows of this size stay in float64, and so do those of rows 2^1000 times smaller. */
const UP = 2 ** 500

/** Neighbours of rows that differ by hundreds of powers of ten, scaled up to `UP`; similarities come back at scale 1. */
const extremeNeighbours = (rows: Rows, k: number, exclusion: SelfExclusion, ties: boolean): Neighbours => {
  const found = neighboursOf(rows, k, exclusion, undefined, { ties })
  const down = (values: Float64Array): Float64Array => values.map((x) => x / UP / UP)
  return { ...found, similarity: down(found.similarity), own: down(found.own) }
}

const squaresOf = (rows: Rows): Float64Array => {
  const squares = new Float64Array(rows.rows)
  if (isCompressed(rows)) {
    for (let i = 0; i < rows.rows; i++) {
      for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) squares[i] += (rows.values?.[p] ?? 1) ** 2
    }
    return squares
  }
  for (let i = 0, p = 0; i < rows.rows; i++) {
    for (let j = 0; j < rows.dims; j++, p++) squares[i] += rows.data[p] ** 2
  }
  return squares
}

const toDense = (rows: CompressedRows): DenseRows => {
  const data = new Float64Array(rows.rows * rows.dims)
  for (let i = 0; i < rows.rows; i++) {
    for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) {
      data[i * rows.dims + rows.indices[p]] = rows.values?.[p] ?? 1
    }
  }
  return { rows: rows.rows, dims: rows.dims, data }
}
