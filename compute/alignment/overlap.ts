/**
 * Neighbour-set metrics: mutual kNN and cycle kNN (arXiv 2405.07987, appendix A). Both read the first k of each list, so
 * that lists made for the largest k serve every smaller one.
 *
 * Ties are shared out. Row j belongs to N(i) with weight w_ij: 1 above the k-th similarity, (k − above) / tied on it. Broken
 * at random in each view by itself, ties give an overlap of Σ_j w^A_ij w^B_ij on average: that is the value of mutual kNN,
 * whatever the order of the rows. (So a view with ties has less than 1 with itself.) Cycle kNN is of lists with the ties
 * broken (`breakTies`).
 */
import type { Neighbours } from "./neighbours.ts"
import { breakTies, groupOf } from "./ties.ts"
import { makeRandom } from "../random/RandomStream.ts"

/** |N_A(i) ∩ N_B(i)| / k for every row i, ties shared out. Cost O(n k), and what is tied beyond the lists. */
export const overlapByRow = (a: Neighbours, b: Neighbours, k: number, order?: Uint32Array): Float64Array => {
  const { n } = a
  const overlap = new Float64Array(n)
  const place = order === undefined ? undefined : inverse(order)
  const shareA = new Share(a, k)
  const shareB = new Share(b, k)
  const weight = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    shareA.read(i)
    shareB.read(order === undefined ? i : order[i])
    for (let p = 0; p < shareA.count; p++) weight[shareA.rows[p]] = shareA.more[p]
    let sum = (shareA.least + shareB.least) * k - shareA.least * shareB.least * (n - 1)
    for (let p = 0; p < shareB.count; p++) {
      const row = shareB.rows[p]
      sum += shareB.more[p] * weight[place === undefined ? row : place[row]]
    }
    for (let p = 0; p < shareA.count; p++) weight[shareA.rows[p]] = 0
    overlap[i] = sum / k
  }
  return overlap
}

/** Mean over rows of |N_A(i) ∩ N_B(i)| / k, ties shared out; with `order`, row i of `b` is taken to be its row `order[i]`. */
export const mutualKnn = (a: Neighbours, b: Neighbours, k: number, order?: Uint32Array): number => {
  if (a.ties === undefined && b.ties === undefined && order === undefined) return countedOverlap(a, b, k)
  const overlap = overlapByRow(a, b, k, order)
  return overlap.reduce((sum, x) => sum + x, 0) / a.n
}

/** The same for lists without ties, or whose ties go as they are listed. */
export const countedOverlap = (a: Neighbours, b: Neighbours, k: number): number => {
  const { n } = a
  const seen = new Int32Array(n).fill(-1)
  let common = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) seen[a.index[i * a.k + j]] = i
    for (let j = 0; j < k; j++) if (seen[b.index[i * b.k + j]] === i) common++
  }
  return common / (n * k)
}

const inverse = (order: Uint32Array): Int32Array => {
  const place = new Int32Array(order.length)
  for (let i = 0; i < order.length; i++) place[order[i]] = i
  return place
}

/**
 * The weights w_i· of one row after another: `least` for every other row, and `more` on top of that for `count` of them.
 * `least` is 0 but where most rows are tied; then what is listed are the others.
 */
class Share {
  least = 0
  count = 0
  rows: Int32Array
  more: Float64Array
  private readonly lists: Neighbours
  private readonly k: number

  constructor(lists: Neighbours, k: number) {
    this.lists = lists
    this.k = k
    const { ties } = lists
    let most = 0
    if (ties !== undefined)
      for (let i = 0; i < lists.n; i++) most = Math.max(most, ties.start[i + 1] - ties.start[i])
    this.rows = new Int32Array(lists.k + most)
    this.more = new Float64Array(lists.k + most)
  }

  read(i: number): void {
    const { rows, more, k } = this
    const { index, k: stride, ties } = this.lists
    const base = i * stride
    if (ties === undefined) {
      for (let j = 0; j < k; j++) rows[j] = index[base + j]
      // The weights stay what the first row made them.
      if (this.count !== k) more.fill(1, 0, k)
      this.count = k
      return
    }
    const { from, to } = groupOf(ties, stride, i, k - 1)
    const beyond = to === stride ? ties.beyond[i] : 0
    const share = (k - from) / (to - from + beyond)
    const most = beyond > 0 && ties.inverted[i] === 1
    this.least = most ? share : 0
    let count = 0
    for (let j = 0; j < (most ? from : to); j++) {
      rows[count] = index[base + j]
      more[count++] = (j < from ? 1 : share) - this.least
    }
    if (beyond > 0) {
      for (let p = ties.start[i]; p < ties.start[i + 1]; p++) {
        rows[count] = ties.rows[p]
        more[count++] = most ? -share : share
      }
    }
    this.count = count
  }
}

/** Share of rows i that are found again: i is among the A-neighbours of one of its B-neighbours. Cost O(n k²); not symmetric. */
export const cycleKnn = (a: Neighbours, b: Neighbours, k: number): number => {
  const { n } = a
  let found = 0
  for (let i = 0; i < n; i++) {
    search: for (let j = 0; j < k; j++) {
      const base = b.index[i * b.k + j] * a.k
      for (let l = 0; l < k; l++) {
        if (a.index[base + l] === i) {
          found++
          break search
        }
      }
    }
  }
  return found / n
}

/** Above this many steps the chance of cycle kNN is that of one random order of A's ties. */
const CHANCE_STEPS = 1e9

/**
 * Exact expectation of cycle kNN when the rows of B are permuted. Row i is missed by k other rows j, drawn without
 * replacement, with the mean of Π (1 − w^A_ji) over all sets of k rows. With t rows looked at, the mean over their sets of r
 * is E_t(r) = (t − r)/t · E_{t−1}(r) + r/t · (1 − w) E_{t−1}(r − 1); rows that do not name i come first and leave it at 1.
 * Without ties it is Π_{t<k} (n − 1 − m_i − t) / (n − 1 − t) for a row that m_i rows name.
 */
export const cycleKnnByChance = (a: Neighbours, k: number): number => {
  if (a.ties === undefined) return listedChance(a, k)
  const known = chances.get(a) ?? new Map<number, number>()
  chances.set(a, known)
  const found = known.get(k) ?? sharedChance(a, k)
  known.set(k, found)
  return found
}

/** Chance levels by view, kept as long as the view is: it takes part in many pairs. */
const chances = new WeakMap<Neighbours, Map<number, number>>()

const sharedChance = (a: Neighbours, k: number): number => {
  const { n } = a
  const share = new Share(a, k)
  const named = new Int32Array(n)
  const everyone = new Int32Array(n)
  let steps = 0
  for (let j = 0; j < n; j++) {
    share.read(j)
    const step = share.least > 0 ? -1 : 1
    if (step < 0) {
      everyone[j] = 1
      steps += n
    }
    for (let p = 0; p < share.count; p++) {
      // Where nearly all rows are named, those listed with −least are not.
      if (step > 0) named[share.rows[p]]++
      else if (share.least + share.more[p] === 0) named[share.rows[p]]--
    }
    steps += share.count
  }
  if (steps * k > CHANCE_STEPS) return listedChance(breakTies(a, makeRandom("cycle chance", "ties")), k)
  const all = everyone.reduce((sum, x) => sum + x, 0)
  const looked = Int32Array.from(named, (count, i) => n - 1 - (count + all - everyone[i]))
  const miss = new Float64Array(n * (k + 1)).fill(1)
  const weight = new Float64Array(n)
  const add = (i: number, w: number): void => {
    const t = ++looked[i]
    const base = i * (k + 1)
    for (let r = Math.min(k, t); r > 0; r--) {
      const without = r < t ? ((t - r) / t) * miss[base + r] : 0
      miss[base + r] = without + (r / t) * (1 - w) * miss[base + r - 1]
    }
  }
  for (let j = 0; j < n; j++) {
    share.read(j)
    if (share.least === 0) {
      for (let p = 0; p < share.count; p++) add(share.rows[p], share.more[p])
      continue
    }
    weight.fill(share.least)
    for (let p = 0; p < share.count; p++) weight[share.rows[p]] += share.more[p]
    for (let i = 0; i < n; i++) if (i !== j && weight[i] !== 0) add(i, weight[i])
  }
  let sum = 0
  for (let i = 0; i < n; i++) sum += 1 - miss[i * (k + 1) + k]
  return sum / n
}

/** The formula for lists as they are. */
const listedChance = (a: Neighbours, k: number): number => {
  const { n } = a
  const named = new Int32Array(n)
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) named[a.index[i * a.k + j]]++
  let sum = 0
  for (let i = 0; i < n; i++) {
    let miss = 1
    for (let t = 0; t < k; t++) miss *= Math.max(0, n - 1 - named[i] - t) / (n - 1 - t)
    sum += 1 - miss
  }
  return sum / n
}
