/**
 * Matched feature correlation of two sparse codes (arXiv 2605.28870, section on feature correlations):
 *
 *   corr(X, Y) = max over injective matchings π of Σ_f ⟨X_·f, Y_·π(f)⟩ / (‖X‖_F ‖Y‖_F),
 *
 * an uncentred cosine, for the values or for 1[X > 0]. The reference makes G = XᵀY dense and runs a dense Hungarian on it
 * (D = 16,384: 2 GB and up to 4e12 steps). Here G is made a feature at a time and only its largest entries a row and a
 * column are kept; the assignment on those is exact; its prices, held against all of G, give an upper bound on the best
 * matching there is. Entries that the prices show to be missing are added and the assignment is solved again until value
 * and bound agree to the tolerance. Both are reported.
 *
 * A pass over G costs Σ_i nnz(x_i) · nnz(y_i) multiply-adds; memory is O(D · candidates). Inner products are not negative
 * for non-negative codes; pairs that would lower the sum stay unmatched.
 */
import { assign } from "./assignment.ts"
import { postingsOf } from "./gram.ts"
import type { CompressedRows } from "./rows.ts"

export interface MatchOptions {
  /** Match where features are active (1[X > 0]) rather than their values. */
  readonly binary?: boolean
  /** Largest entries kept for each row and column of G at first; default 16. */
  readonly candidates?: number
  /** Stop when (bound − value) / bound is below this; default 1e-4. */
  readonly tolerance?: number
  /** At most this many rounds; default 12. */
  readonly rounds?: number
  /** Row i of Y is taken to be its row `order[i]`: the row-permuted baseline. */
  readonly order?: Uint32Array
}

export interface FeatureMatch {
  /** The correlation reached: a lower bound on corr(X, Y). */
  readonly correlation: number
  /** A proved upper bound on corr(X, Y). */
  readonly bound: number
  /** Feature of Y matched to each feature of X, −1 for none. */
  readonly matched: Int32Array
  readonly pairs: number
  readonly rounds: number
}

/** Matches the features of two codes of the same rows. NaN where a code is empty. */
export const matchFeatures = (
  x: CompressedRows,
  y: CompressedRows,
  options: MatchOptions = {}
): FeatureMatch => {
  const { binary = false, candidates = 16, order, rounds = 12, tolerance = 1e-4 } = options
  const left = binary ? activeOnly(x) : x
  const right = binary ? activeOnly(y) : y
  const norm = Math.sqrt(squareOf(left) * squareOf(right))
  const products = featureProducts(left, right, order)
  const edges = firstCandidates(products, left.dims, right.dims, candidates)

  let bound = Infinity
  for (let round = 1; ; round++) {
    const { columnOf, columnPrice, rowPrice, value } = assign({ ...edges, columnCount: right.dims })
    let total = 0
    for (let c = 0; c < right.dims; c++) total += columnPrice[c]
    let added = 0
    for (let f = 0; f < left.dims; f++) {
      const missing = products(f)
      let price = 0
      const over: Array<number> = []
      for (const c of missing.columns) {
        const worth = missing.row[c] - columnPrice[c]
        if (worth > price) price = worth
        if (worth > rowPrice[f] * (1 + 1e-12) + 1e-12 * norm) over.push(c)
      }
      total += price
      over.sort((c, d) => missing.row[d] - columnPrice[d] - (missing.row[c] - columnPrice[c]) || c - d)
      const known = new Set(edges.columns[f])
      for (const c of over.slice(0, 2 * candidates)) {
        if (known.has(c)) continue
        edges.columns[f].push(c)
        edges.weights[f].push(missing.row[c])
        added++
      }
    }
    bound = Math.min(bound, Math.max(total, value))
    if (bound - value <= tolerance * bound || added === 0 || round >= rounds) {
      return {
        correlation: value / norm,
        bound: bound / norm,
        matched: columnOf,
        pairs: columnOf.reduce((count, column) => count + (column >= 0 ? 1 : 0), 0),
        rounds: round
      }
    }
  }
}

/** 1[X > 0]. */
const activeOnly = (x: CompressedRows): CompressedRows => {
  const indptr = new Float64Array(x.rows + 1)
  const indices: Array<number> = []
  for (let i = 0; i < x.rows; i++) {
    for (let p = x.indptr[i]; p < x.indptr[i + 1]; p++) {
      if ((x.values?.[p] ?? 1) > 0) indices.push(x.indices[p])
    }
    indptr[i + 1] = indices.length
  }
  return { rows: x.rows, dims: x.dims, indptr, indices: Uint32Array.from(indices) }
}

const squareOf = (x: CompressedRows): number => {
  if (x.values === undefined) return x.indices.length
  let sum = 0
  for (let p = 0; p < x.values.length; p++) sum += x.values[p] * x.values[p]
  return sum
}

/** A row of G = XᵀY: its values and the columns where they may differ from 0. Valid until the next row is asked for. */
interface ProductRow {
  readonly row: Float64Array
  readonly columns: ReadonlyArray<number>
}

const featureProducts = (x: CompressedRows, y: CompressedRows, order?: Uint32Array) => {
  const { member, start, value } = postingsOf(x)
  const row = new Float64Array(y.dims)
  const touched = new Uint8Array(y.dims)
  let columns: Array<number> = []
  return (feature: number): ProductRow => {
    for (const column of columns) {
      row[column] = 0
      touched[column] = 0
    }
    columns = []
    for (let at = start[feature]; at < start[feature + 1]; at++) {
      const i = order === undefined ? member[at] : order[member[at]]
      for (let p = y.indptr[i]; p < y.indptr[i + 1]; p++) {
        const column = y.indices[p]
        row[column] += value[at] * (y.values?.[p] ?? 1)
        if (touched[column] === 0) {
          touched[column] = 1
          columns.push(column)
        }
      }
    }
    return { row, columns }
  }
}

/** The largest entries of every row and of every column of G; ties to the lower index. */
const firstCandidates = (
  products: (feature: number) => ProductRow,
  rowCount: number,
  columnCount: number,
  candidates: number
) => {
  const columns: Array<Array<number>> = []
  const weights: Array<Array<number>> = []
  const bestRow = new Int32Array(columnCount * candidates).fill(-1)
  const bestWeight = new Float64Array(columnCount * candidates)
  for (let f = 0; f < rowCount; f++) {
    const product = products(f)
    const positive = product.columns.filter((c) => product.row[c] > 0)
    for (const c of positive) {
      const weight = product.row[c]
      let at = (c + 1) * candidates - 1
      if (weight <= bestWeight[at]) continue
      while (at > c * candidates && bestWeight[at - 1] < weight) {
        bestWeight[at] = bestWeight[at - 1]
        bestRow[at] = bestRow[at - 1]
        at--
      }
      bestWeight[at] = weight
      bestRow[at] = f
    }
    positive.sort((c, d) => product.row[d] - product.row[c] || c - d)
    const kept = positive.slice(0, candidates)
    columns.push(kept)
    weights.push(kept.map((c) => product.row[c]))
  }
  for (let c = 0; c < columnCount; c++) {
    for (let at = c * candidates; at < (c + 1) * candidates && bestRow[at] >= 0; at++) {
      const f = bestRow[at]
      if (columns[f].includes(c)) continue
      columns[f].push(c)
      weights[f].push(bestWeight[at])
    }
  }
  return { columns, weights }
}
