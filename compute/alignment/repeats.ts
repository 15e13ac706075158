/**
 * Rows that repeat one item: the same sentence twice in a corpus has equal rows in every view, however unrelated the
 * models. Repeats are each other's neighbours in both views, so that a null which permutes rows one by one calls unrelated
 * views aligned. Where repeats are seen the null permutes items: all rows of an item go together, items of equally many
 * rows change places.
 *
 * Equal rows are also what categories look like (one-hot labels), and those must be permuted one by one. Rows count as
 * repeats where, in one of the two views, equal rows are always equal in the other too (categories of unrelated views are
 * not), and where there are at least `FEWEST_ITEMS` items of at most `MOST_ROWS` rows on average (equal labels in both views
 * are otherwise aligned, which p must show).
 */
import { makeRandom } from "../random/RandomStream.ts"
import { isCompressed } from "./rows.ts"
import type { Rows } from "./rows.ts"

const FEWEST_ITEMS = 10
const MOST_ROWS = 8

/**
 * For each row the first row that equals it, bit for bit; undefined where all rows differ. `own` are the rows' products
 * with themselves: only rows in which they are equal are looked at. Cost O(n), and O(d) for each of those.
 */
export const firstEqualRows = (rows: Rows, own: ArrayLike<number>): Int32Array | undefined => {
  const n = rows.rows
  const met = new Set<number>()
  const shared = new Set<number>()
  for (let i = 0; i < n; i++) {
    if (met.has(own[i])) shared.add(own[i])
    met.add(own[i])
  }
  if (shared.size === 0) return undefined
  const mark = markOf(rows)
  const first = new Int32Array(n)
  const known = new Map<number, Array<number>>()
  let some = false
  for (let i = 0; i < n; i++) {
    first[i] = i
    if (!shared.has(own[i])) continue
    const at = mark(i)
    const seen = known.get(at)
    const equal = seen?.find((j) => sameRow(rows, i, j))
    if (equal !== undefined) {
      first[i] = equal
      some = true
    } else if (seen === undefined) known.set(at, [i])
    else seen.push(i)
  }
  return some ? first : undefined
}

/** Gives for a row a number that equal rows share and few others do: a sum with weights that repeat nothing. */
const markOf = (rows: Rows): ((i: number) => number) => {
  const weight = Float64Array.from({ length: rows.dims }, (_, j) => 0.5 + ((j * 0.61803398875) % 1))
  if (isCompressed(rows)) {
    return (i) => {
      let mark = 0
      for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) {
        mark += weight[rows.indices[p]] * (rows.values?.[p] ?? 1)
      }
      return mark
    }
  }
  return (i) => {
    let mark = 0
    for (let j = 0, p = i * rows.dims; j < rows.dims; j++, p++) mark += weight[j] * rows.data[p]
    return mark
  }
}

const sameRow = (rows: Rows, i: number, j: number): boolean => {
  if (isCompressed(rows)) {
    const { indices, indptr, values } = rows
    const length = indptr[i + 1] - indptr[i]
    if (indptr[j + 1] - indptr[j] !== length) return false
    for (let p = 0; p < length; p++) {
      if (indices[indptr[i] + p] !== indices[indptr[j] + p]) return false
      if (values !== undefined && values[indptr[i] + p] !== values[indptr[j] + p]) return false
    }
    return true
  }
  const { data, dims } = rows
  for (let p = 0; p < dims; p++) if (data[i * dims + p] !== data[j * dims + p]) return false
  return true
}

/** The rows of a pair of views, gathered to items: the rows of each, more than one for some. */
export type Items = ReadonlyArray<ReadonlyArray<number>>

/** The items of a pair, or undefined where rows are permuted one by one: see the module comment. */
export const itemsOf = (a: Int32Array | undefined, b: Int32Array | undefined): Items | undefined => {
  if (a === undefined || b === undefined) return undefined
  const n = a.length
  const groups = new Map<number, Array<number>>()
  let inA = true
  let inB = true
  for (let i = 0; i < n; i++) {
    // The first row that equals row i in both views is, for one that refines the other, the first that equals it there.
    if (b[a[i]] !== b[i]) inA = false
    if (a[b[i]] !== a[i]) inB = false
  }
  if (!inA && !inB) return undefined
  const finer = inA ? a : b
  for (let i = 0; i < n; i++) {
    const group = groups.get(finer[i])
    if (group === undefined) groups.set(finer[i], [i])
    else group.push(i)
  }
  const items = [...groups.values()]
  return items.length >= FEWEST_ITEMS && n <= MOST_ROWS * items.length ? items : undefined
}

/** `count` orders of the rows that permute items of equally many rows, drawn as `permutationsOf` draws orders of all rows. */
export const itemPermutationsOf = (
  seed: string,
  subsample: string,
  items: Items,
  count: number
): ReadonlyArray<Uint32Array> => {
  const n = items.reduce((sum, rows) => sum + rows.length, 0)
  const bySize = new Map<number, Array<ReadonlyArray<number>>>()
  for (const rows of items) bySize.set(rows.length, [...(bySize.get(rows.length) ?? []), rows])
  return Array.from({ length: count }, (_, p) => {
    const random = makeRandom(seed, `item permutation/${subsample}/${p}`)
    const order = new Uint32Array(n)
    for (const alike of bySize.values()) {
      random.permutation(alike.length).forEach((other, at) => {
        alike[at].forEach((row, r) => {
          order[row] = alike[other][r]
        })
      })
    }
    return order
  })
}
