/**
 * Complete and random k-sparse relevance matrices: every row asks for exactly k of n documents.
 *
 * Rows are numbered by the rank of their k-subset in lexicographic order, so that a random matrix of N distinct rows is
 * N distinct ranks below C(n, k), unranked one by one: C(n, k) is never listed, only counted. Cost O(N k log n).
 */
import type { RandomStream } from "../random/RandomStream.ts"
import type { Relevance } from "./Relevance.ts"

/** The binomial coefficient, exact below 2^53; Infinity where it would pass 2^53. */
export const binomial = (n: number, k: number): number => {
  if (k < 0 || k > n) return 0
  let result = 1
  const smaller = Math.min(k, n - k)
  for (let i = 1; i <= smaller; i++) {
    const factor = n - smaller + i
    // result * factor / i is whole; dividing out common factors first keeps the product exact for longer.
    const common = gcd(result, i)
    const reduced = (result / common) * (factor / (i / common))
    if (reduced > Number.MAX_SAFE_INTEGER) return Number.POSITIVE_INFINITY
    result = reduced
  }
  return result
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** Writes the k-subset of {0, …, n − 1} of the given lexicographic rank, rising, at `target[offset …]`. */
export const unrank = (n: number, k: number, rank: number, target: Uint32Array, offset = 0): void => {
  let left = rank
  let next = 0
  for (let position = 0; position < k; position++) {
    // Subsets whose element at `position` is `next` number C(n − next − 1, k − position − 1).
    for (;;) {
      const count = binomial(n - next - 1, k - position - 1)
      if (left < count) break
      left -= count
      next++
    }
    target[offset + position] = next++
  }
}

/** The lexicographic rank of a rising k-subset. */
export const rank = (n: number, subset: ArrayLike<number>): number => {
  let result = 0
  let next = 0
  for (let position = 0; position < subset.length; position++) {
    for (; next < subset[position]; next++) result += binomial(n - next - 1, subset.length - position - 1)
    next++
  }
  return result
}

const evenIndptr = (rows: number, k: number): Uint32Array => {
  const indptr = new Uint32Array(rows + 1)
  for (let j = 0; j <= rows; j++) indptr[j] = j * k
  return indptr
}

/** S_{n,k}: all C(n, k) rows of k ones, in lexicographic order. */
export const completeGraph = (n: number, k: number): Relevance => {
  const rows = binomial(n, k)
  if (!(rows * Math.max(k, 1) < 2 ** 32))
    throw new RangeError(`complete:${n},${k} has ${rows} rows: too many to hold.`)
  const indices = new Uint32Array(rows * k)
  const subset = Uint32Array.from({ length: k }, (_, i) => i)
  for (let j = 0; j < rows; j++) {
    indices.set(subset, j * k)
    let position = k - 1
    while (position >= 0 && subset[position] === n - k + position) position--
    if (position < 0) break
    subset[position]++
    for (let later = position + 1; later < k; later++) subset[later] = subset[later - 1] + 1
  }
  return { rows, columns: n, indptr: evenIndptr(rows, k), indices }
}

/** N distinct rows of k ones, uniform over all sets of N rows, ordered by rank. Throws a RangeError if there are not N. */
export const randomGraph = (n: number, k: number, rows: number, random: RandomStream): Relevance => {
  const total = binomial(n, k)
  if (total === Number.POSITIVE_INFINITY) {
    throw new RangeError(`C(${n}, ${k}) passes 2^53; rows of such a matrix cannot be drawn by rank.`)
  }
  if (rows > total) throw new RangeError(`There are only ${total} distinct rows of ${k} ones among ${n}.`)
  const ranks = distinctBelow(total, rows, random)
  const indices = new Uint32Array(rows * k)
  for (let j = 0; j < rows; j++) unrank(n, k, ranks[j], indices, j * k)
  return { rows, columns: n, indptr: evenIndptr(rows, k), indices }
}

/** `size` distinct integers below `bound`, uniform over such sets, rising (R. W. Floyd's sampling; O(size) memory). */
const distinctBelow = (bound: number, size: number, random: RandomStream): Float64Array => {
  const chosen = new Set<number>()
  for (let top = bound - size; top < bound; top++) {
    const draw = random.integer(top + 1)
    chosen.add(chosen.has(draw) ? top : draw)
  }
  return Float64Array.from(chosen).sort()
}
