/**
 * Metrics of ordered neighbour lists: Levenshtein distance and longest common subsequence, averaged over rows.
 *
 * Bit-parallel: a column of the dynamic-programming table is kept as bits, 64 or 32 cells a word, so that one list of k
 * costs k · ⌈k / 64⌉ word steps instead of k² cells. Sources: Hyyrö, "Explaining and extending the bit-parallel approximate
 * string matching algorithm of Myers" (2001), for the distance; Hyyrö, "Bit-parallel LCS-length computation revisited"
 * (2004), for the subsequence.
 */
import { editDistances } from "./kernels/Kernels.ts"
import type { Neighbours } from "./neighbours.ts"

/** Mean Levenshtein distance (insert, delete, replace: 1 each) between the first k of both lists; from 0 to k. */
export const editDistanceKnn = (a: Neighbours, b: Neighbours, k: number): number =>
  editDistances(a.index, a.k, b.index, b.k, a.n, k) / a.n

/** Mean length of the longest common subsequence of the first k of both lists; from 0 to k. */
export const lcsKnn = (a: Neighbours, b: Neighbours, k: number): number => {
  const { n } = a
  const place = new Int32Array(n).fill(-1)
  const words = (k + 31) >>> 5
  const state = new Int32Array(words)
  const lastMask = (k & 31) === 0 ? -1 : (1 << (k & 31)) - 1
  let total = 0
  for (let row = 0; row < n; row++) {
    const fromA = row * a.k
    const fromB = row * b.k
    for (let i = 0; i < k; i++) place[a.index[fromA + i]] = i
    state.fill(-1)
    for (let j = 0; j < k; j++) {
      const at = place[b.index[fromB + j]]
      if (at < 0) continue
      const word = at >> 5
      // Below the matching word nothing changes; above it only the carry of the addition travels.
      let v = state[word]
      let u = v & (1 << (at & 31))
      let sum = (v >>> 0) + (u >>> 0)
      state[word] = sum | 0 | (v & ~u)
      let carry = sum > 0xffffffff ? 1 : 0
      for (let w = word + 1; carry === 1 && w < words; w++) {
        v = state[w]
        u = 0
        sum = (v >>> 0) + carry
        state[w] = sum | 0 | v
        carry = sum > 0xffffffff ? 1 : 0
      }
    }
    let length = 0
    for (let w = 0; w < words; w++) length += ones(~state[w] & (w === words - 1 ? lastMask : -1))
    total += length
    for (let i = 0; i < k; i++) place[a.index[fromA + i]] = -1
  }
  return total / n
}

/** Number of one bits. */
const ones = (word: number): number => {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
