/**
 * CKNNA (arXiv 2405.07987, appendix A): CKA restricted to entries (i, j) where j is among the k nearest neighbours of i in
 * both views. With M = M_A ∘ M_B the product of the two row-wise neighbour masks,
 *
 *   s(K, L) = HSIC(M ∘ K, M ∘ L),   CKNNA = s(K, L) / √(s(K, K) · s(L, L)),
 *
 * where s(K, K) uses M_A alone. Unbiased HSIC with a row masked from its own neighbours by default; `biased` uses HSIC_b
 * and lets a row be its own neighbour. Not a bounded score: the masks of the three terms differ. Lists are those given: ties
 * are broken before.
 *
 * Sparse throughout: O(n k) memory. HSIC of sparse, non-symmetric P, Q is taken from Σ_ij P_ij Q_ji, the row and column
 * sums and the totals.
 */
import type { Convention } from "./conventions.ts"
import type { Neighbours } from "./neighbours.ts"

/** A sparse matrix with the same places for both views: row i holds columns index[start[i] … start[i + 1]]. */
interface Masked {
  readonly n: number
  readonly start: Int32Array
  readonly index: Int32Array
  readonly a: Float64Array
  readonly b: Float64Array
}

/** CKNNA from lists of at least k neighbours; NaN where a view has no variation among its neighbours. */
export const cknna = (
  a: Neighbours,
  b: Neighbours,
  k: number,
  options: {
    readonly biased: boolean
    readonly convention: Convention
    /** The lists that the self-terms are taken from: a view's own, before permutation. */
    readonly selfA: Neighbours
    readonly selfB: Neighbours
  }
): number => {
  const lists = (view: Neighbours): Lists => (options.biased ? withSelf(view, k) : firstOf(view, k))
  const score = (x: Lists, y: Lists): number =>
    options.biased ? biased(intersect(x, y)) : unbiased(intersect(x, y))
  const own = (view: Neighbours): number => {
    const known = selfTerms.get(view) ?? new Map<string, number>()
    selfTerms.set(view, known)
    const name = `${k} ${options.biased}`
    const found = known.get(name) ?? score(lists(view), lists(view))
    known.set(name, found)
    return found
  }
  const ownA = own(options.selfA)
  const ownB = own(options.selfB)
  const cross = score(lists(a), lists(b))
  if (options.convention === "prh") return cross / (Math.sqrt(Math.max(ownA * ownB, 0)) + 1e-6)
  if (!(ownA > 0 && ownB > 0)) return Number.NaN
  return cross / (Math.sqrt(ownA) * Math.sqrt(ownB))
}

/** Self-terms by view, kept as long as the view is: a view takes part in many pairs and permutations. */
const selfTerms = new WeakMap<Neighbours, Map<string, number>>()

interface Lists {
  readonly n: number
  readonly k: number
  readonly index: Int32Array
  readonly similarity: Float64Array
}

const firstOf = (lists: Neighbours, k: number): Lists => {
  if (lists.k === k) return lists
  const { n } = lists
  const index = new Int32Array(n * k)
  const similarity = new Float64Array(n * k)
  for (let i = 0; i < n; i++) {
    index.set(lists.index.subarray(i * lists.k, i * lists.k + k), i * k)
    similarity.set(lists.similarity.subarray(i * lists.k, i * lists.k + k), i * k)
  }
  return { n, k, index, similarity }
}

/** The k best of each row when the row itself may be one of them. */
const withSelf = (lists: Neighbours, k: number): Lists => {
  const { n } = lists
  const index = new Int32Array(n * k)
  const similarity = new Float64Array(n * k)
  for (let i = 0; i < n; i++) {
    let from = i * lists.k
    let self = false
    for (let j = 0; j < k; j++) {
      const value = lists.similarity[from]
      const own = lists.own[i]
      if (!self && (own > value || (own === value && i < lists.index[from]))) {
        index[i * k + j] = i
        similarity[i * k + j] = own
        self = true
      } else {
        index[i * k + j] = lists.index[from]
        similarity[i * k + j] = value
        from++
      }
    }
  }
  return { n, k, index, similarity }
}

/** The entries in both masks. */
const intersect = (a: Lists, b: Lists): Masked => {
  const { n, k } = a
  const start = new Int32Array(n + 1)
  const index = new Int32Array(n * k)
  const valueA = new Float64Array(n * k)
  const valueB = new Float64Array(n * k)
  const seen = new Int32Array(n).fill(-1)
  let count = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) seen[a.index[i * k + j]] = i * k + j
    for (let j = 0; j < k; j++) {
      const column = b.index[i * k + j]
      const at = seen[column]
      if (at < i * k) continue
      index[count] = column
      valueA[count] = a.similarity[at]
      valueB[count] = b.similarity[i * k + j]
      count++
    }
    start[i + 1] = count
  }
  return { n, start, index, a: valueA, b: valueB }
}

/** Σ_ij P_ij Q_ji, totals, and the products of column and row sums of the two masked matrices. */
const sums = ({ n, start, index, a, b }: Masked) => {
  const rowA = new Float64Array(n)
  const rowB = new Float64Array(n)
  const columnA = new Float64Array(n)
  const columnB = new Float64Array(n)
  let totalA = 0
  let totalB = 0
  const namedBy = new Int32Array(n + 1)
  for (let i = 0; i < n; i++) {
    for (let p = start[i]; p < start[i + 1]; p++) {
      const j = index[p]
      rowA[i] += a[p]
      rowB[i] += b[p]
      columnA[j] += a[p]
      columnB[j] += b[p]
      totalA += a[p]
      totalB += b[p]
      namedBy[j + 1]++
    }
  }
  // Rows by the columns they name, so that places (i, j) with (j, i) are met in one pass.
  for (let j = 0; j < n; j++) namedBy[j + 1] += namedBy[j]
  const next = namedBy.slice()
  const namer = new Int32Array(start[n])
  const place = new Int32Array(start[n])
  for (let i = 0; i < n; i++) {
    for (let p = start[i]; p < start[i + 1]; p++) {
      const at = next[index[p]]++
      namer[at] = i
      place[at] = p
    }
  }
  const here = new Int32Array(n).fill(-1)
  let transposed = 0
  for (let i = 0; i < n; i++) {
    for (let p = start[i]; p < start[i + 1]; p++) here[index[p]] = p
    for (let at = namedBy[i]; at < namedBy[i + 1]; at++) {
      const p = here[namer[at]]
      if (p >= start[i]) transposed += a[p] * b[place[at]]
    }
  }
  let throughAB = 0
  let throughBA = 0
  for (let j = 0; j < n; j++) {
    throughAB += columnA[j] * rowB[j]
    throughBA += columnB[j] * rowA[j]
  }
  return { transposed, totalA, totalB, throughAB, throughBA }
}

const unbiased = (masked: Masked): number => {
  const { n } = masked
  const { transposed, totalA, totalB, throughAB } = sums(masked)
  return (transposed + (totalA * totalB) / ((n - 1) * (n - 2)) - (2 * throughAB) / (n - 2)) / (n * (n - 3))
}

const biased = (masked: Masked): number => {
  const { n } = masked
  const { transposed, totalA, totalB, throughAB, throughBA } = sums(masked)
  return transposed - (throughAB + throughBA) / n + (totalA * totalB) / (n * n)
}
